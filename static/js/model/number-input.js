/**
 * Numbers as people type them: with a decimal comma, with thousands set apart, with digits of another width. Which of several
 * meanings is meant, whoever knows the range decides. app/number_input.py is the same in Python. Pure.
 */

const PLAIN = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const WITH_COMMA = /^[+-]?(\d+|\d*,\d+)(e[+-]?\d+)?$/i;
// A separator and three digits, once or more, always the same one; then perhaps a fraction behind the other one.
const GROUPED = /^[+-]?[1-9]\d{0,2}([ ,.'])\d{3}(\1\d{3})*((?!\1)[.,]\d+)?$/;

/** Without what looks different and means the same. @param {string} text */
export function plainly(text) {
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

/** The whole number that a text stands for, or NaN. Nobody writes 60 as 60.000: that is sixty thousand. @param {string} text */
export function readWhole(text) {
  const value = readings(text).at(-1) ?? NaN;
  // One and a half is none, and six with two decimals may be anything.
  return Number.isInteger(value) && !/,\d{0,2}$|,\d{4,}/.test(plainly(text)) ? value : NaN;
}
