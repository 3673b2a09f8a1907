/** How fast a race may go: chosen before it starts, and while it goes on. */

import { element } from '../ui/dom.js';
import { paceText } from '../model/format.js';
import { PACE } from '../model/choices.js';

/**
 * @param {HTMLSelectElement} select
 * @param {(pace: number | null) => Promise<unknown>} chosen
 */
export function createPace(select, chosen) {
  /** The choice is on its way to the server, which still has the one before. */
  let underWay = 0;

  /** @param {number | null} pace */
  function offer(pace) {
    const value = PACE.format(pace);
    if (![...select.options].some((option) => option.value === value)) select.append(element('option', { value }, paceText(pace)));
    return value;
  }

  PACE.presets.forEach(offer);
  select.addEventListener('change', async () => {
    underWay += 1;
    await chosen(PACE.parse(select.value) ?? null);
    underWay -= 1;
  });

  return {
    /** @param {number | null} pace @param {boolean} free whether it can be chosen */
    show(pace, free) {
      select.disabled = !free;
      if (underWay > 0) return;
      const value = offer(pace);
      if (select.value !== value) select.value = value;
    },
  };
}
