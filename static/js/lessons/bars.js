/** The votes for each guess as bars; while they are hidden, the guesses alone. */

import { count } from '../model/format.js';
import { element, setAttribute, setText } from '../ui/dom.js';

/**
 * @param {HTMLElement} list
 * @param {{ key: string, label: string }[]} guesses
 */
export function createBars(list, guesses) {
  const rows = guesses.map(({ key, label }) => {
    const bar = element('span', { class: 'bar' });
    const number = element('b', {});
    const row = element(
      'li',
      {},
      element('span', { class: 'label' }, label),
      number,
      element('span', { class: 'track', 'aria-hidden': 'true' }, bar),
    );
    list.append(row);
    return { key, row, bar, number };
  });

  return {
    /** @param {Lesson} lesson */
    update({ votes, outcome }) {
      const most = Math.max(1, ...Object.values(votes ?? {}));
      for (const { key, row, bar, number } of rows) {
        const share = votes ? votes[key] / most : 0;
        if (bar.style.getPropertyValue('--share') !== String(share)) bar.style.setProperty('--share', String(share));
        setText(number, votes ? count(votes[key]) : '');
        setAttribute(row, 'data-right', outcome?.choice === key ? '' : null);
      }
    },
  };
}
