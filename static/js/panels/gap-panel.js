/** The panel "Trained on / never seen": whose two lines it shows, and of which measure. The charts in it are drawn with all others. */

import { part, setAttribute } from '../ui/dom.js';
import { createLaneTabs } from './lane-tabs.js';

/** From this width on there is room for both measures beside each other. */
const BOTH_PX = 720;

/** @param {HTMLElement} host @param {Page['charts']} charts */
export function createGapPanel(host, charts) {
  const figures = /** @type {const} */ (['accuracy', 'loss']).map((measure) => ({ measure, figure: part(host, `gap-${measure}`) }));
  const tabs = createLaneTabs(part(host, 'tabs'), 'gap', () => charts.compare(tabs.lane));
  const measures = part(host, 'measures');
  // Its answer is read from both.
  const asked = document.body.hasAttribute('data-experiment');
  let chosen = 'accuracy';
  let wide = false;
  function show() {
    const both = wide || asked;
    for (const { measure, figure } of figures) figure.hidden = !both && measure !== chosen;
    measures.hidden = both;
    setAttribute(host, 'data-both', both ? (wide ? 'beside' : 'below') : null);
  }
  measures.addEventListener('change', ({ target }) => {
    chosen = /** @type {HTMLInputElement} */ (target).value;
    show();
  });
  new ResizeObserver(([{ contentRect }]) => {
    wide = contentRect.width >= BOTH_PX;
    show();
  }).observe(host);

  return {
    /** @param {Scene} scene */
    update({ lanes }) {
      const { lane } = tabs;
      tabs.update(lanes);
      if (tabs.lane !== lane) charts.compare(tabs.lane);
    },
  };
}
