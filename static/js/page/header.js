/** The header: which panels are open, presenting and the theme; and what opens what is loaded later: sharing, exporting, keys and earlier runs. */

import { load, save } from '../link/storage.js';
import { part } from '../ui/dom.js';
import { openBelow } from '../ui/menu.js';
import { keepDisclosure } from '../ui/disclosure.js';
import { createTheme } from '../ui/theme.js';
import { createPanelMenu } from './panel-menu.js';
import { createPresenting } from './presenting.js';
import { createPrinting } from './printing.js';
import { createStage } from './stage.js';

const openers = /** @type {const} */ (['export-open', 'ghosts-open', 'keys-open', 'share-open']);

/**
 * @param {object} page
 * @param {Page['controls']['switches']} page.switches
 * @param {ChoiceRow} page.staged what can stand on the stage
 * @param {(now?: boolean) => void} page.repaint the colours are other ones, or the size of type; at once, or in the next frame
 * @param {(text: string) => void} page.announce
 * @param {(opener: typeof openers[number]) => void} page.open what a button opens, once it is loaded
 */
export function createHeader({ switches, staged, repaint, announce, open }) {
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
  const stage = createStage(part(document, 'panels'), staged, {
    changed: (wanted, opened) => switches.choose({ stage: wanted, hide: switches.view.hide.filter((name) => name !== opened) }),
    announce,
  });
  const presenting = createPresenting(
    { enter: part(document, 'present'), leave: part(document, 'leave') },
    (present) => switches.choose({ present }),
    repaint,
  );
  keepDisclosure(/** @type {HTMLDetailsElement} */ (part(document, 'instruments')), { load, save }, 'instruments');
  const theme = createTheme(part(document, 'theme'), { load, save }, repaint);
  createPrinting({ theme, repaint });
  for (const opener of openers) part(document, opener).addEventListener('click', () => open(opener));
  part(document, 'share-too').addEventListener('click', () => open('share-open'));

  return {
    /** The visitor wants another view. */
    viewChanged() {
      const { hide, present } = switches.view;
      const moved = stage.show(switches.view.stage);
      panelMenu.show(hide, present);
      if (presenting.show(present) || moved) repaint();
    },
    shortcuts: { f: presenting.toggle, escape: presenting.leave, '?': () => open('keys-open') },
  };
}
