/** Panels can be closed, and opened again from the menu in the header. What a panel would show goes on behind it. */

import { element, part } from '../ui/dom.js';
import { openBelow, outermost } from '../ui/menu.js';

/**
 * @param {HTMLElement} menu
 * @param {HTMLElement} opener
 * @param {object} options
 * @param {(hide: string[]) => void} options.changed
 * @param {(text: string) => void} options.announce
 * @param {HTMLElement} options.none stands where they were when all are closed, with a button that opens them
 * @param {HTMLElement} options.view the switches, which have nothing to switch then
 */
export function createPanelMenu(menu, opener, { changed, announce, none, view }) {
  /** @type {string[]} */
  let hidden = [];

  /** @param {string} name @param {boolean} closed */
  function set(name, closed) {
    changed(closed ? [...hidden, name] : hidden.filter((each) => each !== name));
  }

  const panels = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-panel]'))].map((node) => {
    const name = node.dataset.panel ?? '';
    const title = node.querySelector('h2')?.textContent ?? name;
    const box = element('input', { type: 'checkbox' });
    const close = element(
      'button',
      { type: 'button', class: 'close-panel', 'aria-label': `Close ${title}`, title: 'Close; the menu Panels opens it again' },
      '×',
    );
    box.addEventListener('change', () => set(name, !box.checked));
    close.addEventListener('click', () => {
      set(name, true);
      announce(`${title} is closed. The menu Panels opens it again.`);
      outermost(opener).focus();
    });
    menu.append(element('label', { class: 'row' }, box, title));
    node.append(close);
    return { name, node, box };
  });

  part(none, 'open-all').addEventListener('click', () => {
    changed([]);
    outermost(opener).focus();
  });
  opener.addEventListener('click', () => openBelow(menu, opener));

  return {
    /** @param {string[]} hide @param {boolean} present the stage alone is on show */
    show(hide, present) {
      hidden = hide;
      for (const { name, node, box } of panels) {
        node.hidden = hide.includes(name);
        box.checked = !node.hidden;
      }
      none.hidden = panels.some(({ node }) => !node.hidden && (!present || node.closest('.stage')));
      view.hidden = panels.every(({ node }) => node.hidden);
    },
  };
}
