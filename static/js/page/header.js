/** The header: which panels are open, sharing, exporting, presenting, help and the theme. */

import { load, save } from '../link/storage.js';
import { part } from '../ui/dom.js';
import { notLoaded } from '../ui/notices.js';
import { createTheme } from '../ui/theme.js';
import { createExport } from './export-menu.js';
import { createHelp } from './help.js';
import { createPanelMenu } from './panel-menu.js';
import { createPresenting } from './presenting.js';

/**
 * @param {object} page
 * @param {Bootstrap} page.bootstrap
 * @param {Page['controls']['switches']} page.switches
 * @param {Page['charts']} page.charts
 * @param {Page['notices']} page.notices
 * @param {(text: string) => void} page.announce
 * @param {() => Scene | null} page.scene what is on show
 * @param {() => { run: string | null, settings: string, title: string }} page.shared what the dialog Share hands on
 */
export function createHeader({ bootstrap, switches, charts, notices, announce, scene, shared }) {
  const panelMenu = createPanelMenu(part(document, 'panels'), part(document, 'panels-open'), {
    changed: (hide) => switches.choose({ hide }),
    announce,
    none: part(document, 'all-closed'),
    view: part(document, 'view'),
  });
  const presenting = createPresenting({ enter: part(document, 'present'), leave: part(document, 'leave') }, (present) =>
    switches.choose({ present }),
  );
  const help = createHelp(part(document, 'how'), part(document, 'how-open'), bootstrap.optimizers, () => scene()?.lanes ?? []);
  createExport(part(document, 'export'), part(document, 'export-open'), {
    scene,
    drawn: charts.shown,
    zoomed: charts.zoomed,
    bootstrap,
    notices,
  });
  createTheme(part(document, 'theme'), { load, save }, charts.repaint);
  part(document, 'share-open').addEventListener('click', async () => {
    try {
      const { openShare } = await import('./share-dialog.js');
      openShare(part(document, 'share'), { ...shared(), locked: bootstrap.capacity.passphrase });
    } catch {
      notices.show('unreachable', notLoaded('share-dialog.js'), { kind: 'problem' });
    }
  });

  return {
    /** The visitor wants another view. */
    viewChanged() {
      const { hide, present } = switches.view;
      panelMenu.show(hide, present);
      if (presenting.show(present)) charts.repaint();
    },
    shortcuts: { f: presenting.toggle, escape: presenting.leave, '?': help.open },
  };
}
