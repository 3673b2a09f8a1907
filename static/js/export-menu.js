/** The menu Export: saves the numbers of the run on show as CSV files, made here from what has arrived. */

import { element, part } from './dom.js';
import { batchesCsv, evaluationsCsv } from './export.js';
import { openBelow } from './menu.js';

/** Making the text of a long race takes seconds; this much at a time keeps the page alive. */
const TURN_MS = 8;

/**
 * @param {HTMLElement} menu
 * @param {HTMLElement} opener
 * @param {() => { store: import('./types').Store, smoothing: number }} shown
 */
export function createExport(menu, opener, shown) {
  opener.addEventListener('click', () => openBelow(menu, opener));
  for (const [name, csv] of Object.entries({ batches: batchesCsv, evaluations: evaluationsCsv })) {
    part(menu, name).addEventListener('click', async () => {
      menu.hidePopover();
      const { store, smoothing } = shown();
      if (store.run) save(`${store.run.id}-${name}.csv`, await gathered(csv(store.run, store.lanes, smoothing)));
    });
  }
}

/** @param {Iterable<string>} lines */
async function gathered(lines) {
  const parts = [];
  let since = performance.now();
  for (const line of lines) {
    parts.push(line);
    if (performance.now() - since > TURN_MS) {
      await new Promise((resolve) => setTimeout(resolve));
      since = performance.now();
    }
  }
  return parts;
}

/** @param {string} name @param {string[]} parts */
function save(name, parts) {
  const url = URL.createObjectURL(new Blob(parts, { type: 'text/csv' }));
  element('a', { href: url, download: name }).click();
  // The browser has taken what it needs by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
