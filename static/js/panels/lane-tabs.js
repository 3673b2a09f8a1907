/** A row of tabs, one for each lane, above what shows one lane at a time. */

import { createChangeDetector } from '../model/changes.js';
import { element, swatch } from '../ui/dom.js';

/**
 * @param {HTMLElement} host a group of radio buttons
 * @param {string} name of the group
 * @param {() => void} chosen another lane is
 */
export function createLaneTabs(host, name, chosen) {
  const lanesChanged = createChangeDetector();

  host.addEventListener('change', ({ target }) => {
    tabs.lane = Number(/** @type {HTMLInputElement} */ (target).value);
    chosen();
  });

  const tabs = {
    /** The lane on show. */
    lane: 0,
    /** @param {Identity[]} lanes */
    update(lanes) {
      if (!lanesChanged(lanes)) return;
      tabs.lane = Math.min(tabs.lane, lanes.length - 1);
      host.replaceChildren(
        ...lanes.map((each, i) =>
          element(
            'label',
            { class: 'row muted', 'data-colour': each.colour },
            element('input', { type: 'radio', name, value: String(i), ...(i === tabs.lane && { checked: '' }) }),
            swatch(each),
            each.name,
          ),
        ),
      );
    },
  };
  return tabs;
}
