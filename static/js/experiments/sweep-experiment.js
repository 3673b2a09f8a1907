/** An experiment that is a sweep: its panel beside the pictures of that sweep, which has a page of its own when it is run anew. */

import { ApiError, fetchAnswer } from '../link/api.js';
import { passphraseFailed } from '../link/owner-keys.js';
import { ROOT } from '../link/root.js';
import { isOver, startSweep } from '../link/sweeps.js';
import { count } from '../model/format.js';
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

  /** @returns {Promise<void>} */
  async function run() {
    notices.hide('start');
    try {
      const { id } = await startSweep(axes ?? {}, config);
      location.assign(`${ROOT}/experiments/${name}/sweeps/${encodeURIComponent(id)}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code !== 'passphrase') notices.show('start', error.message, { kind: 'problem', retryAfterS: error.retryAfterS });
      else if (passphraseFailed() || (await askPassphrase(error.message))) return run();
    }
  }

  return {
    /** @param {Sweep} sweep */
    show(sweep) {
      const { id, status, done, total, remaining_s: left, phase } = sweep;
      // The grid answers; what is trained again decides the sweep's own verdict.
      const over = isOver(sweep) || phase !== 'grid';
      panel.show({
        id,
        recorded: id === recorded?.id,
        over,
        status: status === 'queued' ? 'Queued' : `${count(done)} of ${count(total)} trainings`,
        left: over ? null : left,
      });
    },
  };
}
