/**
 * Numbers as people type them: with a decimal comma, with thousands set apart, with digits of another width. Which of several
 * meanings is meant, the caller decides, who knows the range. app/number_input.py is the same in Python. Pure.
 */

const PLAIN = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const WITH_COMMA = /^[+-]?(\d+|\d*,\d+)(e[+-]?\d+)?$/i;
// A separator and three digits, once or more, always the same one; then perhaps a fraction behind the other one.
const GROUPED = /^[+-]?[1-9]\d{0,2}([ ,.'])\d{3}(\1\d{3})*((?!\1)[.,]\d+)?$/;

// One thousand and something: no layer begins with a zero.
const THOUSANDS = /\b([1-9])[ ,.'](?=0\d\d\b)/g;
// Beside a comma a single digit may be a fraction or thousands, and before a space thousands.
const AMBIGUOUS = /\b\d,\d|\d,\d\b|\b\d \d{3}\b/;

/** Without what looks different and means the same. @param {string} text */
function plainly(text) {
  return text
    .normalize('NFKC')
    .replace(/[\u2212\u2013]/g, '-')
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/\s+/g, ' ')
    .trim();
}

/** All numbers that a text can stand for: "1,5" is one, "1,000" one or a thousand, "abc" none. @param {string} text */
export function readings(text) {
  const typed = plainly(text);
  const found = [];
  if (PLAIN.test(typed)) found.push(Number(typed));
  else if (WITH_COMMA.test(typed)) found.push(Number(typed.replace(',', '.')));
  const grouped = GROUPED.exec(typed);
  if (grouped) found.push(Number(typed.replaceAll(grouped[1], '').replace(',', '.')));
  return [...new Set(found)];
}

/** The whole number that a text stands for, or NaN. No one writes 60 as 60.000: that is sixty thousand. @param {string} text */
export function readWhole(text) {
  const value = readings(text).at(-1) ?? NaN;
  // One and a half is none, and six with two decimals may be anything.
  return Number.isInteger(value) && !/,\d{0,2}$|,\d{4,}/.test(plainly(text)) ? value : NaN;
}

/** All shares of one that a text can stand for: 0.97, 97, 97 %. @param {string} text */
export function shares(text) {
  const typed = plainly(text);
  const percent = typed.endsWith('%');
  return readings(typed.replace(/%$/, '')).map((value) => (percent || value > 1 ? Number((value / 100).toPrecision(12)) : value));
}

/**
 * The whole numbers of a list, NaN for each that is none; null where the list may be one number: 128,5.
 * @param {string} text
 */
export function readWidths(text) {
  const typed = plainly(text).replace(THOUSANDS, '$1');
  if (AMBIGUOUS.test(typed)) return null;
  return typed.split(/ ?[,; ] ?/).map((part) => (/^[1-9]\d*$/.test(part) ? Number(part) : NaN));
}
