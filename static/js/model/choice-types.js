/** The kinds of values that can be chosen: which texts are one, what is said about others, and how one is written. */

import { count, target } from './format.js';
import { readings, readWhole, readWidths, shares } from './number-input.js';

/** What a text can stand for within a range. @param {string} text @param {[number, number]} range */
function within(text, [min, max]) {
  return readings(text).filter((value) => value >= min && value <= max);
}

/** @param {string} label @param {string} text @param {number[]} values */
function doubt(label, text, values) {
  return values.length > 1 ? `${label}: “${text.trim()}” can be read as ${values.join(' or as ')}. Write the one that is meant.` : '';
}

/** @param {ChoiceRow} row @returns {Choice<any>} */
function number({ none, ...row }) {
  const { label, range } = row;
  const choice = {
    ...row,
    expected: `a number from ${range[0]} to ${range[1]}`,
    /** @param {string} text */
    parse(text) {
      const [value, another] = within(text, range);
      return another === undefined ? value : undefined;
    },
    doubt: (/** @type {string} */ text) => doubt(label, text, within(text, range)),
    format: String,
  };
  return none === undefined ? choice : orNone(none, choice);
}

/** @param {ChoiceRow} row @returns {Choice<number>} */
function whole(row) {
  const [min, max] = row.range;
  return {
    ...row,
    expected: `a whole number from ${count(min)} to ${count(max)}`,
    parse(text) {
      const value = readWhole(text);
      return value >= min && value <= max ? value : undefined;
    },
    format: String,
  };
}

/** @param {ChoiceRow} row @returns {Choice<number[]>} */
function widths(row) {
  const {
    label,
    range: [min, max],
    length: [fewest, most],
  } = row;
  return {
    ...row,
    expected: `${fewest} to ${most} whole numbers from ${count(min)} to ${count(max)}, such as 128 or 128, 64`,
    parse(text) {
      const values = readWidths(text) ?? [];
      const fits = values.every((value) => value >= min && value <= max) && values.length >= fewest && values.length <= most;
      return fits ? values : undefined;
    },
    doubt: (text) =>
      readWidths(text) === null
        ? `${label}: “${text.trim()}” may be one number or several layers: write layers with a comma and a space between, as 128, 64, and one number with neither, as 1024.`
        : '',
    format: (value) => value.join(', '),
    write: (value) => value.join(readWidths(value.join()) ? ',' : ', '),
  };
}

/** One of a few values that have words. @param {Pick<ChoiceRow, 'name' | 'label' | 'options'>} row @returns {Choice<any>} */
export function option(row) {
  const known = Object.keys(row.options);
  return {
    ...row,
    expected: `one of ${known.join(', ')}`,
    presets: known,
    parse: (text) => (known.includes(text) ? text : undefined),
    format: (value) => value,
    words: row.options,
  };
}

/** @param {ChoiceRow} row @returns {Choice<number | null>} */
function pace(row) {
  const { expected, parse, doubt } = number(row);
  return {
    ...row,
    expected: `full, or ${expected}`,
    presets: [null, ...row.presets],
    parse: (text) => (text === 'full' ? null : parse(text)),
    doubt,
    format: (value) => (value === null ? 'full' : String(value)),
  };
}

/** @param {ChoiceRow} row @param {string} expected @param {(names: string[]) => boolean} fits @returns {Choice<string[]>} */
function list(row, expected, fits) {
  return {
    ...row,
    expected,
    parse(text) {
      const asked = text.split(',');
      return fits(asked) ? asked : undefined;
    },
    format: (value) => value.join(','),
  };
}

/** What links of earlier versions name. */
const GONE = ['story'];

/** Several of the known names; with a length, so many different ones. @param {ChoiceRow} row */
function names(row) {
  const known = Object.keys(row.options);
  const areKnown = (/** @type {string[]} */ asked) => asked.every((each) => known.includes(each));
  if (row.length) {
    const [, most] = row.length;
    const fits = (/** @type {string[]} */ asked) => areKnown(asked) && asked.length === most && new Set(asked).size === most;
    return list(row, `${most} different ones of ${known.join(', ')}`, fits);
  }
  const choice = list(row, `some of ${known.join(', ')}`, areKnown);
  const still = (/** @type {string} */ name) => !GONE.includes(name);
  return {
    ...choice,
    parse: (/** @type {string} */ text) => (text === GONE[0] ? [] : choice.parse(text.split(',').filter(still).join(','))),
  };
}

/** Ids of runs. @param {ChoiceRow} row */
function ids(row) {
  const [, most] = row.length;
  return list(row, `at most ${most} ids of runs`, (asked) => asked.length <= most && asked.every((id) => /^[\w-]+$/.test(id)));
}

/** @param {ChoiceRow} row @returns {Choice<boolean>} */
function flag(row) {
  return { ...row, expected: '1 or 0', parse: (text) => ({ 1: true, 0: false })[text], format: (value) => (value ? '1' : '0') };
}

/** A share of one that people may write as a percentage; the address has it as the server does. @param {ChoiceRow} row */
function share(row) {
  const [min, max] = row.range;
  return orNone('none', {
    ...row,
    expected: `a percentage from ${target(min)} to ${target(max)}`,
    parse(text) {
      return shares(text).find((value) => value >= min && value <= max);
    },
    format: target,
    write: String,
  });
}

/**
 * A value, or none, which has a word of its own.
 * @template T
 * @param {string} none
 * @param {Choice<T>} inner
 * @returns {Choice<T | null>}
 */
function orNone(none, inner) {
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

/** By the kind of a row; which optimizers race is read in choices.js. @type {Record<string, (row: ChoiceRow) => Choice>} */
export const CHOICE_TYPES = { number, whole, widths, option, pace, names, ids, flag, share };
