/** The small window in which a lane gets another learning rate while it trains: half of it, twice, or exactly so much. */

import { part, setAttribute, setText } from '../ui/dom.js';
import { openBelow } from '../ui/menu.js';
import { understand } from '../model/choices.js';

/**
 * @param {HTMLElement} menu
 * @param {Choice<number>} choice of a learning rate
 * @param {(lane: number, learningRate: number) => void} chosen
 */
export function createRateMenu(menu, choice, chosen) {
  const input = /** @type {HTMLInputElement} */ (part(menu, 'input'));
  let lane = 0;
  let rate = 0;

  /** @param {string} text @returns {boolean} whether it was one */
  function choose(text) {
    const { value, problem } = understand(choice, text);
    setText(part(menu, 'problem'), problem ?? '');
    setAttribute(input, 'aria-invalid', problem && 'true');
    if (problem !== null) return false;
    chosen(lane, (rate = value));
    input.value = choice.format(rate);
    return true;
  }

  for (const [name, factor] of /** @type {const} */ ([
    ['half', 0.5],
    ['twice', 2],
  ])) {
    part(menu, name).addEventListener('click', () => choose(String(Number((rate * factor).toPrecision(6)))));
  }
  part(menu, 'exact').addEventListener('submit', (event) => {
    event.preventDefault();
    if (choose(input.value)) menu.hidePopover();
  });

  return {
    /**
     * @param {Identity} identity
     * @param {number} current
     * @param {HTMLElement} button that was pressed for it
     */
    open(identity, current, button) {
      lane = identity.lane;
      rate = current;
      input.value = choice.format(rate);
      setText(part(menu, 'title'), `${identity.name}: learning rate`);
      setText(part(menu, 'problem'), '');
      setAttribute(input, 'aria-invalid', null);
      openBelow(menu, button);
      input.select();
    },
    close: () => menu.hidePopover(),
  };
}
