/**
 * One lane's line in one chart: the exact values stay in the store's table, here are their running average and the
 * buckets that get drawn. Rows are taken in as they arrive; a new axis, range or smoothing asks for a new curve.
 */

import { createBuckets } from './buckets.js';
import { lastAtOrBefore } from './search.js';
import { createAverage } from './smoothing.js';

/**
 * @param {object} options
 * @param {import('./types').Table} options.table
 * @param {string} options.metric the table's column
 * @param {(row: number) => number} options.xOf
 * @param {number} options.smoothing
 * @param {number} options.columns of pixels
 * @param {{ min: number, max: number }} options.range of x
 */
export function createCurve({ table, metric, xOf, smoothing, columns, range }) {
  const average = createAverage(smoothing);
  const buckets = createBuckets(columns, range.min, range.max);
  let averages = new Float32Array(Math.max(table.count, 1024));
  let taken = 0;
  let low = Infinity;
  let high = -Infinity;

  return {
    buckets,
    get low() {
      return low;
    },
    get high() {
      return high;
    },
    get count() {
      return taken;
    },
    /** Takes in the rows that came since the last time. */
    extend() {
      const { count } = table;
      if (count === taken) return;
      if (count > averages.length) {
        const larger = new Float32Array(Math.max(count, averages.length * 2));
        larger.set(averages);
        averages = larger;
      }
      const values = table.column(metric);
      for (let row = taken; row < count; row++) {
        const smooth = average(values[row]);
        averages[row] = smooth;
        if (smooth < low) low = smooth;
        if (smooth > high) high = smooth;
        buckets.add(xOf(row), values[row], smooth);
      }
      taken = count;
    },
    /**
     * The exact value that was the newest at an x, and the line's there; null before the first.
     * @param {number} x
     */
    at(x) {
      const row = lastAtOrBefore(taken, xOf, x);
      if (row < 0) return null;
      return { row, x: xOf(row), value: table.column(metric)[row], average: averages[row] };
    },
    /** The newest point of the line, or null. */
    head() {
      if (taken === 0) return null;
      const row = taken - 1;
      return { row, x: xOf(row), value: table.column(metric)[row], average: averages[row] };
    },
  };
}

/** @typedef {ReturnType<typeof createCurve>} Curve */
