/** A typeset formula once more, with numbers in place of its letters. */

import { evaluate } from './evaluate.js';
import { FEW, math, mathNumber, rounded } from './numbers.js';

const TIMES = '\u2062';
const WEIGHT_DECIMALS = 6;
/** Digits beyond the usual ones, at most: as many as are known. */
const MOST_MORE = 4;

/**
 * @param {Element} formula as the server has set it: a `math` of a side, a sign and the other side
 * @param {object} numbers by letter
 * @param {Record<string, number>} numbers.before what an arrow replaces
 * @param {Record<string, number>} numbers.after
 * @returns {Element[]} in pieces, before each of which a line may be broken
 */
export function numbered(formula, { before, after }) {
  const copy = /** @type {Element} */ (formula.cloneNode(true));
  const [, sign, right] = copy.children;
  const letter = letterOf(formula);
  const known = sign.textContent === '←' ? { ...after, [letter]: before[letter] } : after;
  const more = digitsMore(right, known, letter, after[letter]);
  for (const node of [...right.querySelectorAll('[data-letter]')]) {
    const name = node.getAttribute('data-letter') ?? '';
    if (name in known) node.replaceWith(bracketed(node, mathNumber(known[name], precisionOf(name, more))));
  }
  for (const node of right.querySelectorAll('mo')) if (node.textContent === TIMES) node.textContent = '·';
  return pieces(copy, right);
}

/** Cut before each plus and minus that is in no parentheses. @param {Element} formula @param {Element} right */
function pieces(formula, right) {
  const found = [formula];
  for (const node of [...right.children]) {
    if (node !== right.firstElementChild && node.localName === 'mo' && /[+\u2212]/.test(node.textContent ?? '')) {
      node.setAttribute('form', 'infix');
      found.push(math('math'));
      found[found.length - 1].setAttribute('display', 'block');
    }
    if (found.length > 1) found[found.length - 1].append(node);
  }
  return found;
}

/** What a formula gives. @param {Element} formula */
function letterOf(formula) {
  return formula.querySelector('[data-letter]')?.getAttribute('data-letter') ?? '';
}

/** What comes out of it. @param {Element} formula @param {Record<string, number>} after */
export function result(formula, after) {
  const letter = letterOf(formula);
  return math('math', math('mo', '='), mathNumber(after[letter], precisionOf(letter)));
}

/** @param {string} letter @param {number} [more] digits than usual @returns {import('./numbers.js').Precision} */
function precisionOf(letter, more = 0) {
  return letter === 'w' ? { decimals: WEIGHT_DECIMALS + more } : { significant: FEW + more };
}

/**
 * How many digits more than usual it takes for the numbers that are shown to give the result that is shown.
 * @param {Element} right side of the formula
 * @param {Record<string, number>} known
 * @param {string} letter of the result
 * @param {number} gives
 */
function digitsMore(right, known, letter, gives) {
  const shown = rounded(gives, precisionOf(letter));
  for (let more = 0; more < MOST_MORE; more++) {
    const read = Object.fromEntries(Object.entries(known).map(([name, value]) => [name, rounded(value, precisionOf(name, more))]));
    if (rounded(evaluate(right, read), precisionOf(letter)) === shown) return more;
  }
  return MOST_MORE;
}

/** In parentheses where its sign or its power of ten would be read wrongly. @param {Element} place @param {Element} number */
function bracketed(place, number) {
  const raised = place.parentElement?.localName === 'msup' && place.parentElement.firstElementChild === place;
  const negative = number.firstElementChild?.localName === 'mo';
  const first = place.previousElementSibling === null && !raised;
  if (!(negative && !first) && !(raised && number.childElementCount > 1)) return number;
  const [open, close] = ['(', ')'].map((sign) => math('mo', sign));
  for (const each of [open, close]) each.setAttribute('stretchy', 'false');
  return math('mrow', open, number, close);
}
