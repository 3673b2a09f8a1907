/** Numbers of any size in three digits, or more, as text and in formulas: 0.0412, 12.5, 3.1 × 10⁻⁶. */

const MATHML = 'http://www.w3.org/1998/Math/MathML';
const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const MINUS = '\u2212';
/** Significant digits of a number, by default. */
export const FEW = 3;

/**
 * In so many significant digits, and with a power of ten where there would be many zeros.
 * @param {number} value
 * @param {number} [significant]
 * @returns {{ digits: string, power: number | null }}
 */
function parts(value, significant = FEW) {
  const size = Math.abs(value);
  if (size === 0 || (size >= 0.0001 && size < 10_000)) return { digits: String(Number(value.toPrecision(significant))), power: null };
  const [digits, power] = value.toExponential(significant - 1).split('e');
  return { digits: String(Number(digits)), power: Number(power) };
}

/** @param {string} text */
function signed(text) {
  return text.replace('-', MINUS);
}

/** @param {number} value */
export function inWords(value) {
  const { digits, power } = parts(value);
  if (power === null) return signed(digits);
  return `${signed(digits)} × ${tenTo(power)}`;
}

/** With digits of the font that are raised: without a font for mathematics, exponents would fly. @param {number} power */
function tenTo(power) {
  const raised = [...String(Math.abs(power))].map((digit) => RAISED[Number(digit)]).join('');
  return `10${power < 0 ? '⁻' : ''}${raised}`;
}

/** How often the one goes into the other, in the digits one can speak. @param {number} times */
export function timesInWords(times) {
  if (times < 9.95) return times.toFixed(1);
  const unit = 10 ** (Math.floor(Math.log10(times)) - 1);
  return new Intl.NumberFormat('en-US').format(Math.round(times / unit) * unit);
}

/**
 * @param {string} tag of MathML
 * @param {(Node | string)[]} children
 * @returns {Element}
 */
export function math(tag, ...children) {
  const node = document.createElementNS(MATHML, tag);
  node.append(...children);
  return node;
}

/** @typedef {{ significant: number } | { decimals: number }} Precision */

/** As it is written. @param {number} value @param {Precision} precision */
function written(value, precision) {
  return 'decimals' in precision ? { digits: value.toFixed(precision.decimals), power: null } : parts(value, precision.significant);
}

/** A number as it is read where it is written so. @param {number} value @param {Precision} precision */
export function rounded(value, precision) {
  const { digits, power } = written(value, precision);
  return Number(`${digits}e${power ?? 0}`);
}

/**
 * A number inside a formula, with its whole value as `data-value`.
 * @param {number} value
 * @param {Precision} precision
 */
export function mathNumber(value, precision) {
  const { digits, power } = written(value, precision);
  const node = math('mrow');
  const mantissa = math('mn', signed(digits).replace(MINUS, ''));
  if (value < 0) node.append(math('mo', MINUS));
  if (power === null) node.append(mantissa);
  else {
    const ten = math('mn', tenTo(power));
    // 1 × 10⁻⁸ is 10⁻⁸.
    node.append(...(Math.abs(Number(digits)) === 1 ? [ten] : [mantissa, math('mo', '×'), ten]));
  }
  node.setAttribute('data-value', String(value));
  return node;
}
