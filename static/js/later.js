/** What the page can do without at first: panels further down, the menu Export, and dialogs. */

import { createEarlierRuns } from './page/earlier-runs.js';
import { openShare } from './page/share-dialog.js';
import { createExport } from './page/export-menu.js';
import { createHowLink } from './page/how-link.js';
import { createConfusionPanel } from './panels/confusion-panel.js';
import { createDrawPanel } from './panels/draw-panel.js';
import { createFollowedPanel } from './panels/followed-panel.js';
import { createGapPanel } from './panels/gap-panel.js';
import { createHardDigits } from './panels/hard-digits.js';
import { createPushPanel } from './panels/push-panel.js';
import { createReach } from './panels/reach.js';
import { createStandings } from './panels/standings.js';
import { createWeightsPanel } from './panels/weights-panel.js';
import { createRaceExperiment } from './experiments/race-experiment.js';
import { closeOnBackdrop, part } from './ui/dom.js';

/**
 * @param {object} page
 * @param {Bootstrap} page.bootstrap
 * @param {Page['controls']} page.controls
 * @param {Page['charts']} page.charts
 * @param {Page['ghosts']} page.ghosts
 * @param {Page['notices']} page.notices
 * @param {HTMLDialogElement} page.tables shows a picture as a table
 * @param {(text: string) => void} page.announce
 * @param {() => void} page.touched the visitor wants a panel to show something else
 * @param {() => Scene | null} page.scene what is on show
 * @param {(config: Config) => void} page.runWith runs a race with these settings
 * @param {() => { run: string | null, settings: string, title: string }} page.shared what the dialog Share hands on
 */
export function createLater({ bootstrap, controls, charts, ghosts, notices, tables, announce, touched, scene, shared, runWith }) {
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
  const earlierRuns = createEarlierRuns(part(document, 'ghosts'), part(document, 'ghosts-open'), {
    most: bootstrap.view.ghosts.length[1],
    limits: bootstrap,
    ghosts,
  });
  return {
    /** Those whose numbers are on the stage, too. */
    words: [createStandings(part(document, 'standings'), controls.rateMenu.open), createReach(part(document, 'reach'), touched)],
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
    /** What each button opens. @type {Record<Opener, () => void>} */
    open: {
      'export-open': exporting.open,
      'ghosts-open': earlierRuns.open,
      'keys-open': () => keys.open || keys.showModal(),
      'share-open': () => openShare(part(document, 'share'), { ...shared(), locked: bootstrap.capacity.passphrase }),
    },
  };
}

/** @typedef {'export-open' | 'ghosts-open' | 'keys-open' | 'share-open'} Opener */
