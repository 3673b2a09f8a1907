/** What to announce between two states of a race: a new state, a target that was passed, a lane that dropped out. */

import { count, ordinal, percent } from './format.js';
import { hasFallen } from './result.js';

/** @type {Partial<Record<PageState, string>>} */
const STATES = {
  starting: 'Starting.',
  racing: 'The race is on.',
  paused: 'Paused.',
  stopping: 'Stopping.',
  stopped: 'Stopped.',
  finished: 'Finished.',
  failed: 'The run failed.',
  interrupted: 'The run was interrupted.',
  lost: 'Connection lost, reconnecting.',
  gone: 'This run is gone.',
};

/**
 * @param {{ state: PageState, run: Run | null }} before
 * @param {{ state: PageState, run: Run | null }} after
 * @param {string[]} names of the lanes
 */
export function announcement(before, after, names) {
  const said = [];
  if (after.state === 'queued') {
    const position = after.run?.position ?? null;
    if (before.state !== 'queued' || before.run?.position !== position) {
      said.push(position === null ? 'Queued.' : `${ordinal(position)} in the queue.`);
    }
  } else if (before.state !== after.state && STATES[after.state]) said.push(STATES[after.state]);
  if (before.run && after.run && before.run.id === after.run.id) {
    after.run.lanes.forEach((lane, i) => {
      const earlier = before.run?.lanes[i];
      for (const hit of lane.reached.slice(earlier?.reached.length ?? 0)) {
        said.push(`${names[i]} passed ${percent(hit.accuracy, 0)} after ${count(hit.step)} batches.`);
      }
      for (const change of lane.learning_rate_changes.slice(earlier?.learning_rate_changes.length ?? 0)) {
        said.push(`${names[i]}: learning rate ${change.learning_rate} from batch ${count(change.step)}.`);
      }
      if (lane.status !== earlier?.status && hasFallen(lane)) {
        said.push(`${names[i]} ${lane.status} at batch ${count(lane.ended_at ?? lane.steps)}.`);
      }
    });
  }
  return said.join(' ');
}
