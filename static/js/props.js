/**
 * Everything a visitor can choose, in one table: what it is called, which texts are a value of it, how a value is
 * written. The fields, the address and the messages about wrong entries all come from here.
 */

import { target } from './format.js';
import { DIALS, OPTIMIZERS, SCHEDULES } from './optimizers.js';

/** @typedef {import('./types').Limits} Limits */

const RATES = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0001];

/**
 * @param {Limits} limits
 * @returns {import('./types').Prop[]}
 */
export function configProps({ ranges }) {
  return [
    number('learning_rate', 'Learning rate', ranges.learning_rate, RATES),
    whole('batch_size', 'Batch size', ranges.batch_size, [1, 8, 32, 64, 128, 256, 1024, 60000]),
    whole('epochs', 'Epochs', ranges.epochs, [1, 2, 3, 5, 10, 20, 30]),
    widths('hidden', 'Hidden units', ranges.hidden, ranges.hidden_layers),
    whole('seed', 'Seed', ranges.seed, []),
    choice('activation', 'Activation', { relu: 'ReLU', tanh: 'tanh', sigmoid: 'sigmoid' }),
    choice('initialisation', 'Initialisation', { he: 'He', xavier: 'Xavier', small: 'small normal', zero: 'zero' }),
    share('target_accuracy', 'Target accuracy', ranges.target_accuracy),
  ];
}

/**
 * Which optimizers race, as the address names them.
 * @param {Limits} limits
 * @returns {import('./types').Prop<import('./types').Optimizer[]>}
 */
export function lanesProp({ ranges: { lanes: [fewest, most] }, optimizers }) {
  return {
    name: 'lanes',
    label: 'Lanes',
    expected: `${fewest} to ${most} of ${Object.keys(optimizers).map((name) => OPTIMIZERS[/** @type {import('./types').Optimizer} */ (name)].label).join(', ')}`,
    presets: [],
    parse(text) {
      // A key is its label in lower case.
      const names = text.trim().toLowerCase().split(/\s*,\s*/);
      const fits = names.length >= fewest && names.length <= most && names.every((name) => Object.hasOwn(optimizers, name));
      return fits ? /** @type {import('./types').Optimizer[]} */ (names) : undefined;
    },
    format: (value) => value.join(','),
  };
}

/**
 * Everything that can be chosen for one lane, under its key.
 * @param {Pick<import('./types').Identity, 'key' | 'name' | 'optimizer'>} lane
 * @param {Limits} limits
 * @returns {{ dial: string, prop: import('./types').Prop }[]}
 */
export function laneProps({ key, name, optimizer }, { ranges, optimizers }) {
  const at = (/** @type {string} */ dial) => /** @type {const} */ ([`${key}.${dial}`, `${name} ${(DIALS[dial]?.words ?? dial.replace('_', ' '))}`]);
  const { hyperparameters, weight_decay } = optimizers[optimizer];
  const dials = Object.entries(hyperparameters).map(([dial, { default: usual, min, max }]) => {
    const presets = dial === 'epsilon' ? [1e-10, 1e-8, 1e-6, 1e-3] : [0, 0.5, 0.9, 0.95, 0.99, 0.999];
    return { dial, prop: number(...at(dial), [min, max], [...new Set([usual, ...presets])].sort((a, b) => a - b)) };
  });
  const decays = [...new Set([weight_decay, 0, 0.0001, 0.001, 0.01, 0.1])].sort((a, b) => a - b);
  return [
    { dial: 'learning_rate', prop: orNone('shared', number(...at('learning_rate'), ranges.learning_rate, RATES)) },
    { dial: 'schedule', prop: choice(...at('schedule'), SCHEDULES) },
    ...dials,
    { dial: 'weight_decay', prop: number(...at('weight_decay'), ranges.weight_decay, decays) },
  ];
}

/** Which optimizer a lane trains with. @type {import('./types').Prop<import('./types').Optimizer>} */
export const OPTIMIZER_PROP = choice('optimizer', 'Optimizer', Object.fromEntries(Object.entries(OPTIMIZERS).map(([name, { label }]) => [name, label])));

export const DEFAULT_VIEW = /** @type {import('./types').ViewChoices} */ ({
  x: 'epoch',
  loss_scale: 'log',
  smoothing: 0.95,
  pace: null,
  hide: [],
  seeds: 1,
  ghosts: [],
  series: [],
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
  choice('x', 'Horizontal axis', { examples: 'examples', step: 'steps', epoch: 'epochs', seconds: 'seconds' }),
  choice('loss_scale', 'Loss axis', { log: 'log', linear: 'linear' }),
  number('smoothing', 'Smoothing', [0, 0.999], []),
  PACE,
  names('hide', 'Closed panels', PANELS),
  whole('seeds', 'Seeds', [1, 10], []),
  ids('ghosts', 'Earlier runs', 'at most three', 3),
  ids('series', 'Other seeds', 'at most nine', 9),
  { name: 'present', label: 'Presenting', expected: '1 or 0', presets: [], parse: (text) => ({ 1: true, 0: false })[text], format: (value) => (value ? '1' : '0') },
];

/**
 * @template T
 * @param {import('./types').Prop<T>} prop
 * @param {string} text
 * @returns {{ value: T, problem: null } | { value: undefined, problem: string }}
 */
export function understand(prop, text) {
  const value = prop.parse(text);
  if (value !== undefined) return { value, problem: null };
  const shown = text.trim().length > 40 ? `${text.trim().slice(0, 40)}…` : text.trim();
  const got = shown === '' ? 'nothing' : `“${shown}”`;
  return { value: undefined, problem: `${prop.label}: expected ${prop.expected}, got ${got}.` };
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
    expected: `a number from ${min} to ${max}`,
    presets,
    parse(text) {
      const value = parseNumber(text);
      return value >= min && value <= max ? value : undefined;
    },
    format: String,
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
 * @param {Record<string, string>} words what each option is called
 * @returns {import('./types').Prop<any>}
 */
function choice(name, label, words) {
  const options = Object.keys(words);
  return {
    name,
    label,
    expected: `one of ${options.join(', ')}`,
    presets: options,
    parse: (text) => (options.includes(text) ? text : undefined),
    format: (value) => value,
    words,
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
    format: (value) => (value === null ? 'full' : String(value)),
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

/**
 * Ids of runs.
 * @param {string} name
 * @param {string} label
 * @param {string} howMany
 * @param {number} most
 * @returns {import('./types').Prop<string[]>}
 */
function ids(name, label, howMany, most) {
  return {
    name,
    label,
    expected: `${howMany} ids of runs`,
    presets: [],
    parse(text) {
      const asked = text.split(',');
      return asked.length <= most && asked.every((id) => /^[\w-]+$/.test(id)) ? asked : undefined;
    },
    format: (value) => value.join(','),
  };
}

/**
 * A share of one that people may write as a percentage; the address has it as the server does.
 * @param {string} name
 * @param {string} label
 * @param {[number, number]} range
 * @returns {import('./types').Prop<number | null>}
 */
function share(name, label, [min, max]) {
  return orNone('none', {
    name,
    label,
    expected: `a percentage from ${target(min)} to ${target(max)}`,
    presets: [0.9, 0.95, 0.97, 0.98],
    parse(text) {
      const value = parseNumber(text.replace(/\s*%\s*$/, ''));
      const asShare = value > 1 || text.includes('%') ? Number((value / 100).toPrecision(12)) : value;
      return asShare >= min && asShare <= max ? asShare : undefined;
    },
    format: target,
    write: String,
  });
}

/**
 * A value, or none, which has a word of its own.
 * @template T
 * @param {string} none
 * @param {import('./types').Prop<T>} prop
 * @returns {import('./types').Prop<T | null>}
 */
function orNone(none, prop) {
  const or = (/** @type {(value: T) => string} */ write) => (/** @type {T | null} */ value) => (value === null ? none : write(value));
  return {
    ...prop,
    expected: `${prop.expected}, or “${none}”`,
    presets: [null, ...prop.presets],
    parse: (text) => (text.trim() === '' || text.trim().toLowerCase() === none ? null : prop.parse(text)),
    format: or(prop.format),
    write: or(prop.write ?? prop.format),
  };
}

/** @param {number} value */
function grouped(value) {
  return value.toLocaleString('en-US');
}
