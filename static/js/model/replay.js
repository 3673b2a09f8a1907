/** A run as it was at a moment: a beginning of its rows, and its description as of then. Pure. */

import { isOver } from './page-state.js';
import { firstRow } from './stream/table.js';

/**
 * @param {Store} whole of a run that is over
 * @param {Run} end the run as it ended
 */
export function createReplay(whole, end) {
  let moves = 0;
  let told = 0;
  /** @type {Moment[]} */
  let moments = [];
  /** @type {Run} */
  let run = end;
  const counts = whole.lanes.map(() => ({ frames: 0, evaluations: 0, pushes: 0 }));
  const lanes = whole.lanes.map((rows, i) => {
    /** @param {keyof typeof rows} name @returns {Table} */
    const beginning = (name) => ({
      ...rows[name],
      get count() {
        return counts[i][name];
      },
    });
    return { frames: beginning('frames'), evaluations: beginning('evaluations'), pushes: beginning('pushes') };
  });

  return {
    /** The same object at every moment; only what it holds grows and shrinks. @type {Store} */
    store: {
      ...whole,
      lanes,
      get run() {
        return run;
      },
      // Never those of the whole store, which is on show before and after.
      get rowsVersion() {
        return -moves;
      },
      get runVersion() {
        return -told - 1;
      },
    },
    /** What the server tells at each moment, the earliest first. @param {Moment[]} newest */
    tell(newest) {
      moments = newest;
    },
    /** Every lane as it was after so many seconds of its own training. @param {number} seconds */
    move(seconds) {
      moves += 1;
      whole.lanes.forEach(({ frames, evaluations, pushes }, i) => {
        const steps = rowsUpTo(frames, 'seconds', seconds);
        counts[i] = { frames: steps, evaluations: rowsUpTo(evaluations, 'seconds', seconds), pushes: rowsUpTo(pushes, 'step', steps) };
      });
      const then = end.lanes.map((lane, i) => (counts[i].frames < whole.lanes[i].frames.count ? laneAt(lane, lanes[i]) : lane));
      // Panels with words need not be updated for every batch.
      if (then.some((lane, i) => lane.test_accuracy !== run.lanes[i].test_accuracy || lane.status !== run.lanes[i].status)) told += 1;
      const over = then.every((lane, i) => lane === end.lanes[i]);
      const next = firstRow(0, moments.length, (number) => moments[number].seconds > seconds);
      run = { ...end, status: over ? end.status : 'running', lanes: then, story: over ? end.story : (moments[next - 1]?.sentences ?? []) };
      return isOver(run);
    },
  };
}

/** The seconds of the lane that trained longest. @param {Store} store */
export function lengthOf({ lanes }) {
  return Math.max(0, ...lanes.map(({ frames }) => frames.column('seconds')[frames.count - 1] ?? 0));
}

/** @param {Table} table @param {string} column that never falls @param {number} value */
function rowsUpTo(table, column, value) {
  const values = table.column(column);
  return firstRow(0, table.count, (row) => values[row] > value);
}

/** @param {Lane} lane @param {LaneRows} rows @returns {Lane} */
function laneAt(lane, { frames, evaluations }) {
  const newest = evaluations.count - 1;
  const measured = (/** @type {string} */ name) => (newest < 0 ? null : evaluations.column(name)[newest]);
  const steps = frames.count;
  const changes = (lane.learning_rate_changes ?? []).filter(({ step }) => step <= steps);
  return {
    ...lane,
    status: 'running',
    reason: null,
    silent_s: null,
    ended_at: null,
    steps,
    seconds: steps > 0 ? frames.column('seconds')[steps - 1] : 0,
    quick: measured('quick') === 1,
    test_accuracy: measured('test_accuracy'),
    test_loss: measured('test_loss'),
    train_accuracy: measured('train_accuracy'),
    train_loss: measured('train_loss'),
    reached: lane.reached.filter(({ step }) => step <= steps),
    learning_rate_changes: changes,
  };
}
