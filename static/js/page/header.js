/** The header: which panels are open, presenting and the theme; sharing, exporting and help, which are loaded later. */

import { load, save } from '../link/storage.js';
import { part } from '../ui/dom.js';
import { openBelow } from '../ui/menu.js';
import { createDoor } from '../ui/door.js';
import { createTheme } from '../ui/theme.js';
import { createPanelMenu } from './panel-menu.js';
import { createPresenting } from './presenting.js';
import { createPrinting } from './printing.js';

const openers = /** @type {const} */ (['export-open', 'how-open', 'share-open']);

/**
 * @param {object} page
 * @param {Page['controls']['switches']} page.switches
 * @param {(now?: boolean) => void} page.repaint the colours are other ones, or the size of type; at once, or in the next frame
 * @param {(text: string) => void} page.announce
 * @param {(opener: typeof openers[number]) => void} page.open what a button opens, once it is loaded
 */
export function createHeader({ switches, repaint, announce, open }) {
  const [actions, actionsOpener] = [part(document, 'actions'), part(document, 'actions-open')];
  actionsOpener.addEventListener('click', () => openBelow(actions, actionsOpener));
  actions.addEventListener('click', ({ target }) => {
    if (target instanceof Element && !target.closest('[data-part="theme"]')) actions.hidePopover();
  });
  const panelMenu = createPanelMenu(part(document, 'panels'), part(document, 'panels-open'), {
    changed: (hide) => switches.choose({ hide }),
    announce,
    none: part(document, 'all-closed'),
    view: part(document, 'view'),
  });
  const presenting = createPresenting({ enter: part(document, 'present'), leave: part(document, 'leave') }, (present) =>
    switches.choose({ present }),
  );
  createDoor(/** @type {HTMLDetailsElement} */ (part(document, 'instruments')), { load, save }, 'instruments');
  const theme = createTheme(part(document, 'theme'), { load, save }, repaint);
  createPrinting({ theme, repaint });
  for (const opener of openers) part(document, opener).addEventListener('click', () => open(opener));

  return {
    /** The visitor wants another view. */
    viewChanged() {
      const { hide, present } = switches.view;
      panelMenu.show(hide, present);
      if (presenting.show(present)) repaint();
    },
    shortcuts: { f: presenting.toggle, escape: presenting.leave, '?': () => open('how-open') },
  };
}
