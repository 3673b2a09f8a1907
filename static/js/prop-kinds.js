/** The kinds of values that can be chosen: which texts are one, what is said about others, and how one is written. */

import { target } from './format.js';

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
export function number(name, label, [min, max], presets) {
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
export function whole(name, label, [min, max], presets) {
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
export function widths(name, label, [min, max], [fewest, most]) {
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

/** @param {number[]} presets @returns {import('./types').Prop<number | null>} */
export function pace(presets) {
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
 * @returns {import('./types').Prop<string[]>}
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
 * @returns {import('./types').Prop<number | null>}
 */
export function share(name, label, [min, max]) {
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
export function orNone(none, prop) {
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
