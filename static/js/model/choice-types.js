/** The kinds of values that can be chosen: which texts are one, what is said about others, and how one is written. */

import { target } from './format.js';
import { plainly, readings, readWhole } from './typed-numbers.js';

/** What a text can stand for within a range. @param {string} text @param {[number, number]} range */
function within(text, [min, max]) {
  return readings(text).filter((value) => value >= min && value <= max);
}

/** @param {string} label @param {string} text @param {number[]} values */
function doubt(label, text, values) {
  return values.length > 1 ? `${label}: “${text.trim()}” can be read as ${values.join(' or as ')}. Write the one that is meant.` : '';
}

/**
 * @param {string} name
 * @param {string} label
 * @param {[number, number]} range
 * @param {number[]} presets
 * @returns {import('../types').Choice<number>}
 */
export function number(name, label, [min, max], presets) {
  return {
    name,
    label,
    expected: `a number from ${min} to ${max}`,
    presets,
    parse(text) {
      const [value, another] = within(text, [min, max]);
      return another === undefined ? value : undefined;
    },
    doubt: (text) => doubt(label, text, within(text, [min, max])),
    format: String,
  };
}

/**
 * @param {string} name
 * @param {string} label
 * @param {[number, number]} range
 * @param {number[]} presets
 * @returns {import('../types').Choice<number>}
 */
export function whole(name, label, [min, max], presets) {
  return {
    name,
    label,
    expected: `a whole number from ${grouped(min)} to ${grouped(max)}`,
    presets: presets.filter((preset) => preset >= min && preset <= max),
    parse(text) {
      const value = readWhole(text);
      return value >= min && value <= max ? value : undefined;
    },
    format: String,
  };
}

/** One thousand and something: no layer begins with a zero. */
const THOUSANDS = /\b([1-9])[ ,.'](?=0\d\d\b)/g;

/** Whether a list of whole numbers looks like one number with a decimal comma. @param {string} text */
function isFraction(text) {
  const typed = plainly(text);
  return /\d,\d(?!\d)/.test(typed) && typed.match(/\d,(?=\d)/g)?.length === 1;
}

/**
 * @param {string} name
 * @param {string} label
 * @param {[number, number]} range of one width
 * @param {[number, number]} layers
 * @returns {import('../types').Choice<number[]>}
 */
export function widths(name, label, [min, max], [fewest, most]) {
  /** @param {string} text */
  function read(text) {
    const values = text
      .trim()
      .split(/\s*[,;\s]\s*/)
      .map((part) => (/^[1-9]\d*$/.test(part) ? Number(part) : NaN));
    const fits = values.every((value) => value >= min && value <= max);
    return fits && values.length >= fewest && values.length <= most ? values : undefined;
  }
  return {
    name,
    label,
    expected: `${fewest} to ${most} whole numbers from ${grouped(min)} to ${grouped(max)}, such as 128 or 128, 64`,
    presets: [[16], [32], [64], [128], [256], [128, 64], [256, 128, 64]],
    parse: (text) => (isFraction(text) ? undefined : read(plainly(text).replace(THOUSANDS, '$1'))),
    // An address has no room for spaces.
    read,
    doubt: (text) =>
      isFraction(text) ? `${label}: “${text.trim()}” may be one number or two layers. For layers, put a space after the comma.` : '',
    format: (value) => value.join(', '),
  };
}

/**
 * @param {string} name
 * @param {string} label
 * @param {Record<string, string>} words what each option is called
 * @returns {import('../types').Choice<any>}
 */
export function choice(name, label, words) {
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

/** @param {number[]} presets @returns {import('../types').Choice<number | null>} */
export function pace(presets) {
  const { expected, parse, doubt } = number('pace', 'Pace', [0.5, 1000], []);
  return {
    name: 'pace',
    label: 'Pace',
    expected: `full, or ${expected}`,
    presets: [null, ...presets],
    parse: (text) => (text === 'full' ? null : parse(text)),
    doubt,
    format: (value) => (value === null ? 'full' : String(value)),
  };
}

/**
 * Several of the known names.
 * @param {string} name
 * @param {string} label
 * @param {string[]} known
 * @returns {import('../types').Choice<string[]>}
 */
export function names(name, label, known) {
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
 * @returns {import('../types').Choice<string[]>}
 */
export function ids(name, label, howMany, most) {
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
 * @returns {import('../types').Choice<number | null>}
 */
export function share(name, label, [min, max]) {
  return orNone('none', {
    name,
    label,
    expected: `a percentage from ${target(min)} to ${target(max)}`,
    presets: [0.9, 0.95, 0.97, 0.98],
    parse(text) {
      const typed = plainly(text);
      const shares = readings(typed.replace(/ ?%$/, '')).map((value) =>
        value > 1 || typed.endsWith('%') ? Number((value / 100).toPrecision(12)) : value,
      );
      return shares.find((value) => value >= min && value <= max);
    },
    format: target,
    write: String,
  });
}

/**
 * A value, or none, which has a word of its own.
 * @template T
 * @param {string} none
 * @param {import('../types').Choice<T>} inner
 * @returns {import('../types').Choice<T | null>}
 */
export function orNone(none, inner) {
  const or = (/** @type {(value: T) => string} */ write) => (/** @type {T | null} */ value) => (value === null ? none : write(value));
  return {
    ...inner,
    expected: `${inner.expected}, or “${none}”`,
    presets: [null, ...inner.presets],
    parse: (text) => (text.trim() === '' || text.trim().toLowerCase() === none ? null : inner.parse(text)),
    format: or(inner.format),
    write: or(inner.write ?? inner.format),
  };
}

/** @param {number} value */
function grouped(value) {
  return value.toLocaleString('en-US');
}
