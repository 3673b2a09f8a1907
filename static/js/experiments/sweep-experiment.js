/** An experiment that is a sweep: its panel beside the sweep's pictures; a new run of it has a page of its own. */

import { ApiError, fetchAnswer } from '../link/api.js';
import { ROOT } from '../link/root.js';
import { startSweep } from '../link/sweeps.js';
import { withPassphrase } from '../link/with-passphrase.js';
import { count } from '../model/format.js';
import { isOver } from '../model/page-state.js';
import { part } from '../ui/dom.js';
import { createExperimentPanel } from './panel.js';

/**
 * @param {ExperimentPage} experiment
 * @param {{ notices: ReturnType<typeof import('../ui/notices.js').createNotices>, askPassphrase: (why: string) => Promise<boolean> }} page
 */
export function createSweepExperiment(experiment, { notices, askPassphrase }) {
  const { name, axes, config, recorded } = experiment;
  const panel = createExperimentPanel(part(document, 'experiment'), experiment, {
    run,
    fetchAnswer: (id) => fetchAnswer(name, { sweep: id }),
  });

  async function run() {
    notices.hide('start');
    try {
      const started = await withPassphrase(() => startSweep(axes ?? {}, config), askPassphrase);
      if (started) location.assign(`${ROOT}/experiments/${name}/sweeps/${encodeURIComponent(started.id)}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      notices.show('start', error.message, { kind: 'problem', retryAfterS: error.retryAfterS });
    }
  }

  return {
    /** @param {Sweep} sweep */
    show(sweep) {
      const { id, status, done, total, remaining_s: left, phase } = sweep;
      // Fresh seeds tell how soon each optimizer gets there, and are part of the answer.
      const over = isOver(sweep);
      const trainings =
        phase === 'grid' ? `${count(done)} of ${count(total)} trainings` : `${count(done)} of ${count(total)} on fresh seeds`;
      panel.show({
        id,
        recorded: id === recorded?.id,
        over,
        status: status === 'queued' ? 'Queued' : trainings,
        left: over ? null : left,
      });
    },
  };
}
