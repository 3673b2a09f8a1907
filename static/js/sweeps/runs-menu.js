/** Opens the run at a place of a picture; a menu where there are several. */

import { ROOT } from '../link/root.js';
import { element } from '../ui/dom.js';

/** @param {SweepCell} cell */
export function runPath({ run }) {
  return `${ROOT}/runs/${encodeURIComponent(run ?? '')}`;
}

/** What distinguishes a training from the others at its place. @param {SweepCell} cell */
function called({ at, run }) {
  return at.seed === undefined ? `run ${run}` : `seed ${at.seed}`;
}

/** @param {HTMLElement} host */
export function createRunsMenu(host) {
  const menu = element('div', { popover: '', class: 'menu runs-menu', role: 'group' });
  host.append(menu);

  /**
   * @param {string} title
   * @param {SweepCell[]} cells
   * @param {(cell: SweepCell) => string} told
   * @param {number} x where in the window
   * @param {number} y
   */
  return (title, cells, told, x, y) => {
    const begun = cells.filter(({ run }) => run !== null);
    if (begun.length === 1) location.assign(runPath(begun[0]));
    if (begun.length < 2) return;
    menu.setAttribute('aria-label', title);
    menu.replaceChildren(
      element('p', {}, element('b', {}, title)),
      ...begun.map((cell) => element('a', { class: 'plain', href: runPath(cell) }, called(cell), ' ', element('span', {}, told(cell)))),
    );
    menu.showPopover();
    const within = (/** @type {number} */ at, /** @type {number} */ size, /** @type {number} */ room) =>
      Math.max(8, Math.min(at, room - size - 8));
    menu.style.left = `${within(x, menu.offsetWidth, document.documentElement.clientWidth)}px`;
    menu.style.top = `${within(y + 6, menu.offsetHeight, window.innerHeight)}px`;
    menu.querySelector('a')?.focus();
  };
}
