/** An experiment that is a race: its panel beside the stage, which shows the race as it shows any other. */

import { fetchAnswer } from '../link/api.js';
import { isOver, statusOf } from '../model/page-state.js';
import { part } from '../ui/dom.js';
import { createExperimentPanel } from './panel.js';
import { createTimeLeft } from './time-left.js';

/** @param {ExperimentPage} experiment @param {() => void} run runs it now */
export function createRaceExperiment(experiment, run) {
  const panel = createExperimentPanel(part(document, 'experiment'), experiment, {
    run,
    fetchAnswer: (id) => fetchAnswer(experiment.name, { run: id }),
  });

  const timeLeft = createTimeLeft();

  return {
    /** @param {Scene} scene */
    update(scene) {
      const { state, run, recorded } = scene;
      const over = run !== null && (state === 'replaying' || isOver(run));
      panel.show({ id: run?.id ?? null, recorded, over, status: over ? '' : statusOf(scene), left: timeLeft(scene, performance.now()) });
    },
  };
}
