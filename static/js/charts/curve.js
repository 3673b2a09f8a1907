/**
 * One lane's line in one chart: the exact values stay in the store's table, here are their running average and the
 * buckets of the part on show. Rows are taken in as they arrive, for as long as a frame has time; another smoothing is
 * averaged beside the one on show, and takes its place when it is ready.
 */

import { createBuckets } from './buckets.js';
import { firstRow } from '../model/stream/table.js';
import { createAverage } from '../model/smoothing.js';

/** Of so many first rows every single value is plain to see, and has its room on the axis. */
const FEW_ROWS = 200;
/** Rows between two looks at the clock: a tenth of a millisecond. */
const ROWS_AT_ONCE = 8192;

/**
 * @param {Table} table
 * @param {string} metric the table's column
 * @param {number} smoothing
 * @param {(row: number) => number} [stepOf] which batch a row is of
 */
export function createCurve(table, metric, smoothing, stepOf = (row) => row + 1) {
  let wanted = smoothing;
  let now = averaging(smoothing, new Float32Array(1024));
  /** @type {typeof now | null} */
  let next = null;
  // Reused: a slider would otherwise allocate megabytes with every move.
  /** @type {Float32Array} */
  let spare = new Float32Array(0);
  let xOf = (/** @type {number} */ row) => row;
  /** @type {[number, number, number]} */
  let look = [1, 0, 1];

  /** Whether all rows were averaged in time. @param {typeof now} to @param {number} upTo @param {number} deadline */
  function advance(to, upTo, deadline) {
    if (upTo > to.values.length) {
      const larger = new Float32Array(Math.max(table.count, to.values.length * 2));
      larger.set(to.values);
      to.values = larger;
    }
    const { average, values } = to;
    const raw = table.column(metric);
    while (to.count < upTo) {
      const pause = Math.min(upTo, to.count + ROWS_AT_ONCE);
      let { low, high, count } = to;
      for (; count < pause; count++) {
        const smooth = average(raw[count]);
        values[count] = smooth;
        if (smooth < low) low = smooth;
        if (smooth > high) high = smooth;
        if (count < FEW_ROWS && raw[count] < to.floor) to.floor = raw[count];
      }
      Object.assign(to, { low, high, count });
      if (count < upTo && performance.now() > deadline) return false;
    }
    return true;
  }

  function restart() {
    curve.buckets = createBuckets(...look);
    curve.count = 0;
  }

  /** @param {number} x */
  const newestAt = (x) => firstRow(0, curve.count, (row) => xOf(row) > x) - 1;

  /** @param {number} row */
  const point = (row) =>
    row < 0 ? null : { row, step: stepOf(row), x: xOf(row), value: table.column(metric)[row], average: now.values[row] };

  const curve = {
    /** Another object when its columns are other ones. */
    buckets: createBuckets(...look),
    /** Rows that are taken in. */
    count: 0,
    get low() {
      return now.low;
    },
    /** The lowest of the first single values. */
    get floor() {
      return now.floor;
    },
    get high() {
      return now.high;
    },
    /** @param {number} weight */
    smooth(weight) {
      wanted = weight;
    },
    /**
     * Which part of which axis is on show, in how many columns of pixels.
     * @param {(row: number) => number} newXOf never falls from one row to the next
     * @param {{ min: number, max: number }} range
     * @param {number} columns
     * @param {boolean} [same] rows stand where they stood, and only the axis has other ends
     */
    look(newXOf, { min, max }, columns, same = false) {
      xOf = newXOf;
      look = [columns, min, max];
      const grown = same ? curve.buckets.grown(...look) : null;
      if (grown) curve.buckets = grown;
      else restart();
    },
    /**
     * Takes in the first `count` rows; whether there was time for all of it. Fewer than before: a replay went back.
     * @param {number} [count]
     * @param {number} [deadline] in performance.now() milliseconds
     */
    extend(count = table.count, deadline = Infinity) {
      if (count === curve.count && wanted === now.weight) return true;
      let done = advance(now, count, deadline);
      if (wanted !== now.weight) {
        next ??= averaging(wanted, spare);
        done = advance(next, count, deadline) && next.weight === wanted;
        if (next.count >= count) {
          spare = now.values;
          now = next;
          next = null;
          restart();
        }
      }
      const ready = Math.min(count, now.count);
      if (ready < curve.count) restart();
      curve.buckets.take({ xOf, raw: table.column(metric), smooth: now.values }, curve.count, ready);
      curve.count = ready;
      return done;
    },
    /**
     * The exact value that was the newest at an x, and the line's there; null before the first.
     * @param {number} x
     */
    at: (x) => point(newestAt(x)),
    /** The newest point at a place, whichever batch's it is. @param {import('./cursor-batch.js').Place} place */
    read: ({ x }) => point(newestAt(x)),
    /** The newest point of the line, or null. */
    head: () => point(curve.count - 1),
    /**
     * The nearest batch there is a value of, among those that will do; null when there is none.
     * @param {number} step
     * @param {(step: number) => boolean} [will]
     */
    nearest(step, will = () => true) {
      const { count } = curve;
      const next = firstRow(0, count, (row) => stepOf(row) >= step);
      let [above, below] = [next, next - 1];
      while (above < count && !will(stepOf(above))) above += 1;
      while (below >= 0 && !will(stepOf(below))) below -= 1;
      if (below < 0) return above < count ? stepOf(above) : null;
      return above < count && stepOf(above) - step <= step - stepOf(below) ? stepOf(above) : stepOf(below);
    },
  };
  return curve;
}

/** @typedef {ReturnType<typeof createCurve>} Curve */

/** @param {number} weight @param {Float32Array} values */
function averaging(weight, values) {
  return { weight, average: createAverage(weight), values, count: 0, low: Infinity, high: -Infinity, floor: Infinity };
}
