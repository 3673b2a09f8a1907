/** The panel "Trained on / never seen": whose two lines it shows, and of which measure. The charts in it are drawn with all others. */

import { part } from '../ui/dom.js';
import { createLaneTabs } from './lane-tabs.js';

/** @param {HTMLElement} host @param {Page['charts']} charts */
export function createGapPanel(host, charts) {
  const figures = /** @type {const} */ (['accuracy', 'loss']).map((measure) => ({ measure, figure: part(host, `gap-${measure}`) }));
  const tabs = createLaneTabs(part(host, 'tabs'), 'gap', () => charts.compare(tabs.lane));
  part(host, 'measures').addEventListener('change', ({ target }) => {
    for (const { measure, figure } of figures) figure.hidden = measure !== /** @type {HTMLInputElement} */ (target).value;
  });

  return {
    /** @param {Scene} scene */
    update({ lanes }) {
      const { lane } = tabs;
      tabs.update(lanes);
      if (tabs.lane !== lane) charts.compare(tabs.lane);
    },
  };
}
