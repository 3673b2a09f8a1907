/** How fast a race may go: chosen before it starts, and while it goes on. */

import { element } from '../ui/dom.js';
import { paceText } from '../model/format.js';

/**
 * @param {HTMLSelectElement} select
 * @param {Choice<number | null>} choice
 * @param {(pace: number | null) => Promise<unknown>} chosen
 */
export function createPace(select, choice, chosen) {
  /** Choices on their way to the server, which still has the one before. */
  let underWay = 0;

  /** @param {number | null} pace */
  function offer(pace) {
    const value = choice.format(pace);
    if (![...select.options].some((option) => option.value === value)) select.append(element('option', { value }, paceText(pace)));
    return value;
  }

  choice.presets.forEach(offer);
  select.addEventListener('change', choose);

  async function choose() {
    underWay += 1;
    await chosen(choice.parse(select.value) ?? null);
    underWay -= 1;
  }

  return {
    /** To the next one in the list, which goes from the fastest to the slowest. @param {1 | -1} by */
    move(by) {
      const at = select.selectedIndex + by;
      if (select.disabled || at < 0 || at >= select.options.length) return;
      select.selectedIndex = at;
      choose();
    },
    /** @param {number | null} pace @param {boolean} free whether it can be chosen */
    show(pace, free) {
      select.disabled = !free;
      if (underWay > 0) return;
      const value = offer(pace);
      if (select.value !== value) select.value = value;
    },
  };
}
