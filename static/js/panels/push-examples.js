/** Below the picture "Push per weight": a few weights by name, the same ones in every lane, with their gradient and their step. */

import { element, setAttribute, setText } from '../ui/dom.js';
import { amount, examplesOf, INK } from './push-scale.js';

/**
 * @param {HTMLTableElement} table
 * @param {Identity[]} lanes
 */
export function createPushExamples(table, lanes) {
  const caption = /** @type {HTMLElement} */ (table.caption);
  /** @type {HTMLElement[]} */
  let heads = [];
  /** Of each lane, of each weight: its gradient and its step. @type {HTMLElement[][][]} */
  let cells = [];
  let width = 0;
  /** @type {[number, number][][]} */
  let places = lanes.map(() => []);

  /** @param {number} weights */
  function arrange(weights) {
    width = weights;
    heads = Array.from({ length: weights }, () => element('th', { scope: 'col' }));
    cells = lanes.map(() => heads.map(() => [element('span', {}), element('span', {})]));
    const rows = lanes.map(({ name, colour }, i) =>
      element(
        'tr',
        { 'data-colour': colour },
        element('th', { scope: 'row' }, name),
        ...cells[i].map(([gradient, change]) => element('td', {}, gradient, change)),
      ),
    );
    const labels = element('th', { scope: 'row' }, element('span', {}, 'gradient'), element('span', {}, 'step'));
    table.tHead?.replaceChildren(element('tr', {}, labels, ...heads));
    table.tBodies[0].replaceChildren(...rows);
    setAttribute(table, 'hidden', weights ? null : '');
  }
  arrange(0);

  return {
    /** Of each lane, in decades of gradient and of step; those that move. */
    get places() {
      return places;
    },
    /** @param {Store} store */
    update(store) {
      const told = lanes.map(({ lane }) => examplesOf(store.lanes[lane]?.pushes, store.run?.config.hidden[0] ?? NaN));
      places = told.map((examples) =>
        examples.flatMap(({ gradient, change }) => (gradient > 0 && change > 0 ? [[Math.log10(gradient), Math.log10(change)]] : [])),
      );
      const named = told.find((examples) => examples.length) ?? [];
      if (named.length !== width) arrange(named.length);
      named.forEach(({ pixel, unit }, i) => {
        setText(heads[i], pixel ? `from pixel (${pixel.join(', ')}), ${INK[i - 1]}` : 'its bias');
        setText(caption, `Weights to hidden unit ${unit}, the same in every network (○ above). Pixels: column, row.`);
      });
      told.forEach((examples, i) =>
        cells[i].forEach(([gradient, change], k) => {
          setText(gradient, written(examples[k]?.gradient));
          setText(change, written(examples[k]?.change));
        }),
      );
    },
  };
}

/** @param {number | undefined} value */
function written(value) {
  return value === 0 ? '0' : amount(Math.log10(value ?? NaN));
}
