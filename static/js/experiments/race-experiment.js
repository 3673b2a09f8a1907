/** An experiment that is a race: its panel beside the stage, which shows the race as it shows any other. */

import { fetchAnswer } from '../link/api.js';
import { isOver, statusOf } from '../model/page-state.js';
import { part } from '../ui/dom.js';
import { createExperimentPanel } from './panel.js';

/** The estimate is rounded to so many seconds. */
const ROUGHLY_S = 5;

/** @param {ExperimentPage} experiment @param {() => void} run runs it now */
export function createRaceExperiment(experiment, run) {
  const panel = createExperimentPanel(part(document, 'experiment'), experiment, {
    run,
    fetchAnswer: (id) => fetchAnswer(experiment.name, { run: id }),
  });

  return {
    /** @param {Scene} scene */
    update(scene) {
      const { state, run, recorded } = scene;
      const over = run !== null && (state === 'replaying' || isOver(run));
      panel.show({ id: run?.id ?? null, recorded, over, status: over ? '' : statusOf(scene), left: over ? null : secondsLeft(scene) });
    },
  };
}

/** How long the slowest lane will still train, if all lanes go on as fast; null while that is unknown. @param {Scene} scene */
function secondsLeft({ state, run, store, plan, speed }) {
  if (state !== 'racing' || !run || !speed) return null;
  const left = run.lanes.map((lane, i) => (lane.ended_at === null ? plan.totalSteps - (store.lanes[i]?.frames.count ?? 0) : 0));
  const going = left.filter((steps) => steps > 0).length;
  return Math.round((Math.max(0, ...left) * going) / speed / ROUGHLY_S) * ROUGHLY_S;
}
