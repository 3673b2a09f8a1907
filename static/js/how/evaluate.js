/** What a typeset formula gives for numbers in place of its letters. Pure but for the nodes it reads. */

const TIMES = '\u2062';

/**
 * @param {Element} node MathML of sums, products, fractions, roots and powers, as the server has set it
 * @param {Record<string, number>} letters
 * @returns {number}
 */
export function evaluate(node, letters) {
  const letter = node.getAttribute('data-letter');
  if (letter !== null) return letters[letter];
  const of = (/** @type {number} */ i) => evaluate(node.children[i], letters);
  if (node.localName === 'mn') return Number(node.textContent);
  if (node.localName === 'mfrac') return of(0) / of(1);
  if (node.localName === 'msup') return of(0) ** of(1);
  if (node.localName === 'msqrt') return Math.sqrt(sum(node, letters));
  return sum(node, letters);
}

/** @param {Element} row @param {Record<string, number>} letters */
function sum({ children }, letters) {
  let [total, product] = [0, 1];
  for (const [i, child] of [...children].entries()) {
    const sign = child.localName === 'mo' ? child.textContent : null;
    if (sign === null) product *= evaluate(child, letters);
    else if (i > 0 && (sign === '+' || sign === '\u2212')) {
      total += product;
      product = sign === '+' ? 1 : -1;
    } else if (![TIMES, '(', ')'].includes(sign ?? '')) throw new Error(`expected + or \u2212, got ${sign}`);
  }
  return total + product;
}
