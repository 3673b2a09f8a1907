/**
 * Everything a visitor can choose, in one table: what it is called, which texts are a value of it, how a value is
 * written. The fields, the address and the messages about wrong entries all come from here.
 */

/**
 * @param {Record<string, [number, number]>} ranges
 * @returns {import('./types').Prop[]}
 */
export function configProps(ranges) {
  return [
    number('learning_rate', 'Learning rate', ranges.learning_rate, [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0001]),
    whole('batch_size', 'Batch size', ranges.batch_size, [1, 8, 32, 64, 128, 256, 1024, 60000]),
    whole('epochs', 'Epochs', ranges.epochs, [1, 2, 3, 5, 10, 20, 30]),
    widths('hidden', 'Hidden units', ranges.hidden, ranges.hidden_layers),
    whole('seed', 'Seed', ranges.seed, []),
  ];
}

/**
 * A lane's own learning rate.
 * @param {import('./types').Identity} lane
 * @param {Record<string, [number, number]>} ranges
 */
export function laneProp(lane, ranges) {
  const rates = configProps(ranges)[0].presets;
  return number(`${lane.key}.learning_rate`, `${lane.name} learning rate`, ranges.learning_rate, rates);
}

export const DEFAULT_VIEW = /** @type {import('./types').ViewChoices} */ ({
  x: 'epoch',
  loss_scale: 'log',
  smoothing: 0.95,
  pace: null,
  hide: [],
  present: false,
});

/** What can be closed, by the template's data-panel. */
export const PANELS = [
  'train-loss', 'train-accuracy', 'test-accuracy', 'test-loss', 'push', 'weights', 'replay', 'story',
  'standings', 'reach', 'digits', 'draw', 'confusion',
];

/** Batches a second of each lane, null for as many as go. */
export const PACE = pace([200, 50, 10, 2]);

/** @type {import('./types').Prop[]} */
export const VIEW_PROPS = [
  choice('x', 'Horizontal axis', ['examples', 'step', 'epoch', 'seconds']),
  choice('loss_scale', 'Loss axis', ['log', 'linear']),
  number('smoothing', 'Smoothing', [0, 0.999], []),
  PACE,
  names('hide', 'Closed panels', PANELS),
  { name: 'present', label: 'Presenting', expected: '1 or 0', presets: [], parse: (text) => ({ 1: true, 0: false })[text], format: (value) => (value ? '1' : '0') },
];

/**
 * @template T
 * @param {import('./types').Prop<T>} prop
 * @param {string} text
 * @returns {{ value: T, problem: null } | { value: null, problem: string }}
 */
export function understand(prop, text) {
  const value = prop.parse(text);
  if (value !== undefined) return { value, problem: null };
  const shown = text.trim().length > 40 ? `${text.trim().slice(0, 40)}…` : text.trim();
  const got = shown === '' ? 'nothing' : `“${shown}”`;
  return { value: null, problem: `${prop.label}: expected ${prop.expected}, got ${got}.` };
}

/** @param {string} text */
function parseNumber(text) {
  const trimmed = text.trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : NaN;
}

/**
 * @param {string} name
 * @param {string} label
 * @param {[number, number]} range
 * @param {number[]} presets
 * @returns {import('./types').Prop<number>}
 */
function number(name, label, [min, max], presets) {
  return {
    name,
    label,
    expected: `a number from ${plain(min)} to ${plain(max)}`,
    presets,
    parse(text) {
      const value = parseNumber(text);
      return value >= min && value <= max ? value : undefined;
    },
    format: plain,
  };
}

/**
 * @param {string} name
 * @param {string} label
 * @param {[number, number]} range
 * @param {number[]} presets
 * @returns {import('./types').Prop<number>}
 */
function whole(name, label, [min, max], presets) {
  return {
    name,
    label,
    expected: `a whole number from ${grouped(min)} to ${grouped(max)}`,
    presets: presets.filter((preset) => preset >= min && preset <= max),
    parse(text) {
      // People write 60,000 as they read it here.
      const value = parseNumber(text.replace(/(\d),(?=\d{3}(\D|$))/g, '$1'));
      return Number.isInteger(value) && value >= min && value <= max ? value : undefined;
    },
    format: String,
  };
}

/**
 * @param {string} name
 * @param {string} label
 * @param {[number, number]} range of one width
 * @param {[number, number]} layers
 * @returns {import('./types').Prop<number[]>}
 */
function widths(name, label, [min, max], [fewest, most]) {
  return {
    name,
    label,
    expected: `${fewest} to ${most} whole numbers from ${grouped(min)} to ${grouped(max)}, such as 128 or 128, 64`,
    presets: [[16], [32], [64], [128], [256], [128, 64], [256, 128, 64]],
    parse(text) {
      const parts = text.trim().split(/\s*[,;\s]\s*/);
      const values = parts.map((part) => (/^\d+$/.test(part) ? Number(part) : NaN));
      const fits = values.every((value) => value >= min && value <= max);
      return fits && values.length >= fewest && values.length <= most ? values : undefined;
    },
    format: (value) => value.join(', '),
  };
}

/**
 * @param {string} name
 * @param {string} label
 * @param {string[]} options
 * @returns {import('./types').Prop<string>}
 */
function choice(name, label, options) {
  return {
    name,
    label,
    expected: `one of ${options.join(', ')}`,
    presets: options,
    parse: (text) => (options.includes(text) ? text : undefined),
    format: (value) => value,
  };
}

/** @param {number[]} presets @returns {import('./types').Prop<number | null>} */
function pace(presets) {
  const { expected, parse } = number('pace', 'Pace', [0.5, 1000], []);
  return {
    name: 'pace',
    label: 'Pace',
    expected: `full, or ${expected}`,
    presets: [null, ...presets],
    parse: (text) => (text === 'full' ? null : parse(text)),
    format: (value) => (value === null ? 'full' : plain(value)),
  };
}

/**
 * Several of the known names.
 * @param {string} name
 * @param {string} label
 * @param {string[]} known
 * @returns {import('./types').Prop<string[]>}
 */
function names(name, label, known) {
  return {
    name,
    label,
    expected: `some of ${known.join(', ')}`,
    presets: [],
    parse(text) {
      const asked = text.split(',');
      return asked.every((each) => known.includes(each)) ? asked : undefined;
    },
    format: (value) => value.join(','),
  };
}

/** Never "1e-6": a reader of the field should not have to know the notation. @param {number} value */
function plain(value) {
  const text = String(value);
  return text.includes('e-') ? value.toFixed(12).replace(/0+$/, '') : text;
}

/** @param {number} value */
function grouped(value) {
  return value.toLocaleString('en-US');
}
