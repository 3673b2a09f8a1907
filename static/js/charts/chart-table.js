/** A chart as a table: every lane's values at up to some twenty places of what is on show, as they are when it is opened. */

import { element, part } from '../ui/dom.js';

const ROWS = 20;

/**
 * @param {HTMLDialogElement} dialog
 * @param {object} chart
 * @param {string} chart.title
 * @param {string[]} chart.lanes
 * @param {import('./axes/scales.js').Range} [chart.range] of x
 * @param {number[]} [chart.places] instead of some twenty even ones in the range
 * @param {(x: number) => string[]} chart.read the place and each lane's value there
 */
export function openTable(dialog, { title, lanes, range = { min: 0, max: 1 }, places = even(range), read }) {
  part(dialog, 'table-title').textContent = title;
  const cells = (/** @type {string[]} */ [first, ...others], /** @type {string} */ scope, /** @type {'th' | 'td'} */ tag) =>
    element('tr', {}, element('th', { scope }, first), ...others.map((text) => element(tag, tag === 'th' ? { scope } : {}, text)));
  // Neighbours may stand for the same batch.
  const values = places.map((x) => read(x)).filter(([place], i, all) => place !== all[i - 1]?.[0]);
  const rows = values.map((row) => cells(row, 'row', 'td'));
  part(dialog, 'table').replaceChildren(element('thead', {}, cells(['Where', ...lanes], 'col', 'th')), element('tbody', {}, ...rows));
  dialog.showModal();
}

/** @param {import('./axes/scales.js').Range} range */
function even({ min, max }) {
  return Array.from({ length: ROWS + 1 }, (_, i) => min + ((max - min) * i) / ROWS);
}
