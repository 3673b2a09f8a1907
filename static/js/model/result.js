/** A race's result: who is ahead, and how soon each lane reached each target. app/report/result.py says the same. */

import { count, seconds } from './format.js';

export const TARGETS = [0.9, 0.95, 0.97, 0.98];

/** Whether a lane has ended at the accuracy that its race goes to. @param {Run} run @param {Lane} lane */
export function arrived({ config }, lane) {
  const target = config.target_accuracy ?? null;
  return target !== null && lane.status === 'finished' && (lane.test_accuracy ?? 0) >= target;
}

/** Of a lane, or a training of a sweep. @param {{ status: LaneStatus }} one */
export function hasFallen({ status }) {
  return status === 'diverged' || status === 'failed';
}

/** The numbers of the lanes, best first. @param {Run} run */
export function ranking(run) {
  const score = (/** @type {Lane} */ lane) => {
    if (lane.test_accuracy === null) return -1;
    // A race to a target is won by the lane that needed the fewest batches.
    if (arrived(run, lane)) return 2 + 1 / (1 + (lane.ended_at ?? lane.steps));
    // The last accuracy of a lane that dropped out does not put it ahead of those still in the race.
    return hasFallen(lane) ? lane.test_accuracy - 2 : lane.test_accuracy;
  };
  const scores = run.lanes.map(score);
  return scores.map((_, i) => i).sort((a, b) => scores[b] - scores[a]);
}

/**
 * For each lane, what it took to each target, and whether no lane took less.
 * @param {(Lane | undefined)[]} lanes
 * @param {'step' | 'seconds'} unit
 */
export function reachTable(lanes, unit) {
  const columns = TARGETS.map((target) => {
    const values = lanes.map((lane) => lane?.reached.find(({ accuracy }) => accuracy === target)?.[unit] ?? Infinity);
    const best = Math.min(...values);
    return values.map((value) => ({
      text: value === Infinity ? '–' : unit === 'seconds' ? seconds(value) : count(value),
      best: value === best && value < Infinity,
    }));
  });
  return lanes.map((_, i) => columns.map((column) => column[i]));
}
