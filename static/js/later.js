/** What the page can do without at first: panels further down, the menu Export, and dialogs. */

import { openShare } from './page/share-dialog.js';
import { createExport } from './page/export-menu.js';
import { createHowLink } from './page/how-link.js';
import { createConfusionPanel } from './panels/confusion-panel.js';
import { createDrawPanel } from './panels/draw-panel.js';
import { createFollowedPanel } from './panels/followed-panel.js';
import { createGapPanel } from './panels/gap-panel.js';
import { createHardDigits } from './panels/hard-digits.js';
import { createPushPanel } from './panels/push-panel.js';
import { createWeightsPanel } from './panels/weights-panel.js';
import { createRaceExperiment } from './experiments/race-experiment.js';
import { closeOnBackdrop, part } from './ui/dom.js';

/**
 * @param {object} page
 * @param {Bootstrap} page.bootstrap
 * @param {Page['charts']} page.charts
 * @param {Page['notices']} page.notices
 * @param {HTMLDialogElement} page.tables shows a picture as a table
 * @param {(text: string) => void} page.announce
 * @param {() => Scene | null} page.scene what is on show
 * @param {(config: Config) => void} page.runWith runs a race with these settings
 * @param {() => { run: string | null, settings: string, title: string }} page.shared what the dialog Share hands on
 */
export function createLater({ bootstrap, charts, notices, tables, announce, scene, shared, runWith }) {
  const { examples } = bootstrap.dataset;
  const { experiment } = bootstrap;
  createHowLink(part(document, 'how-it-works'), () => scene()?.lanes ?? []);
  const keys = /** @type {HTMLDialogElement} */ (part(document, 'keys'));
  closeOnBackdrop(keys);
  const push = createPushPanel(part(document, 'push'), { tables, announce });
  const exporting = createExport(part(document, 'export'), part(document, 'export-open'), {
    scene,
    drawn(name) {
      if (name === 'push') push.drawUnseen();
      return charts.shown(name);
    },
    zoomed: charts.zoomed,
    bootstrap,
    notices,
  });
  return {
    panels: [
      createHardDigits(part(document, 'digits'), part(document, 'digits-title')),
      push,
      createFollowedPanel(part(document, 'followed')),
      createGapPanel(part(document, 'gap-panel'), charts),
      createWeightsPanel(part(document, 'weights')),
      createDrawPanel(part(document, 'draw'), { examples, announce }),
      createConfusionPanel(part(document, 'confusion')),
      ...(experiment ? [createRaceExperiment(experiment, () => runWith(bootstrap.config))] : []),
    ],
    /** What each button of the header opens. @type {Record<Opener, () => void>} */
    open: {
      'export-open': exporting.open,
      'keys-open': () => keys.open || keys.showModal(),
      'share-open': () => openShare(part(document, 'share'), { ...shared(), locked: bootstrap.capacity.passphrase }),
    },
  };
}

/** @typedef {'export-open' | 'keys-open' | 'share-open'} Opener */
