/** The pages of sweeps: one with its pictures, or the form that starts one. */

import { createSweepExperiment } from './experiments/sweep-experiment.js';
import { identifyBrowser } from './link/browser-id.js';
import { takeToken } from './link/owner-keys.js';
import { load, save } from './link/storage.js';
import { about } from './model/format.js';
import { askPassphrase } from './page/passphrase.js';
import { createPrinting } from './page/printing.js';
import { createSweepForm } from './sweeps/sweep-form.js';
import { createSweepPage } from './sweeps/sweep-page.js';
import { bootstrapped, part } from './ui/dom.js';
import { createNotices } from './ui/notices.js';
import { createTheme } from './ui/theme.js';

/** @type {SweepsBootstrap} */
const bootstrap = bootstrapped();
identifyBrowser(bootstrap.capacity.classroom);
takeToken();
const notices = createNotices(part(document, 'notices'), about);
const theme = createTheme(part(document, 'theme'), { load, save }, () => {});
createPrinting({ theme, repaint: () => {} });
if (bootstrap.experiment) openExperiment(bootstrap.experiment);
else if (bootstrap.sweep_id === null) createSweepForm(bootstrap, { notices, askPassphrase });
else createSweepPage(bootstrap.sweep_id, bootstrap, notices);

/** @param {ExperimentPage} experiment */
function openExperiment(experiment) {
  const { show } = createSweepExperiment(experiment, { notices, askPassphrase });
  if (bootstrap.sweep_id !== null) createSweepPage(bootstrap.sweep_id, bootstrap, notices, show);
}
