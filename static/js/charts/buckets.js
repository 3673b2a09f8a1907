/**
 * What is visible of a long line: for every column of pixels its lowest and highest raw value, and the last point
 * of the smoothed line with its exact place. Rows are taken in column by column, so that hundreds of thousands of them
 * cost little more than reading them, and drawing costs the same however long the race.
 */

import { firstRow } from '../model/table.js';

/** @typedef {{ at: number, y: number }} Point in columns from the left edge */
/** @typedef {{ xOf: (row: number) => number, raw: Float32Array, smooth: Float32Array }} Rows whose x never falls */

/**
 * @param {number} count columns of pixels
 * @param {number} from the x at the left edge
 * @param {number} to the x at the right edge
 */
export function createBuckets(count, from, to) {
  const [low, high, lastAt, lastY] = Array.from({ length: 4 }, () => new Float64Array(count).fill(NaN));
  const perUnit = count / (to - from);
  const at = (/** @type {number} */ x) => (x - from) * perUnit;

  return {
    count,
    low,
    high,
    /** How many columns from the left edge the last point of a column is, and its y. */
    lastAt,
    lastY,
    /** One past the last column that has a value. */
    end: 0,
    /** The newest point left of the columns, where the line comes from. @type {Point | null} */
    before: null,
    /** The first one right of them, where it goes to. @type {Point | null} */
    after: null,
    /** @param {number} column */
    has: (column) => !Number.isNaN(lastAt[column]),
    /** How many columns from the left edge an x is. @param {number} x */
    at,
    /**
     * Takes in the rows from `row` up to `beyond`, which follow those taken in before. Ones that are not finite leave a gap.
     * @param {Rows} rows
     * @param {number} row
     * @param {number} beyond
     */
    take({ xOf, raw, smooth }, row, beyond) {
      if (this.after || row >= beyond) return;
      const point = (/** @type {number} */ i) => (Number.isFinite(raw[i]) ? { at: at(xOf(i)), y: smooth[i] } : null);
      const first = firstRow(row, beyond, (i) => xOf(i) >= from);
      // A line begins at its first point, however many share its column.
      if (this.end === 0 && first < beyond && first === 0) this.before = point(0);
      const inside = firstRow(first, beyond, (i) => xOf(i) > to);
      if (first > row) this.before = point(first - 1);
      row = first;
      let width = 0;
      while (row < inside) {
        const column = Math.max(0, Math.min(Math.floor(at(xOf(row))), count - 1));
        const edge = column === count - 1 ? Infinity : from + (column + 1) / perUnit;
        const beyondEdge = (/** @type {number} */ i) => xOf(i) >= edge;
        // Columns of a long line hold about equally many rows. At least one is taken, however the edge is rounded.
        const near = row + width;
        const close = width > 3 && near + 2 < inside && !beyondEdge(near - 2) && beyondEdge(near + 2);
        const next = close ? firstRow(near - 1, near + 2, beyondEdge) : firstRow(row + 1, inside, beyondEdge);
        width = next - row;
        let least = this.has(column) ? low[column] : Infinity;
        let most = this.has(column) ? high[column] : -Infinity;
        // NaN is neither smaller nor larger.
        for (let i = row; i < next; i++) {
          const value = raw[i];
          if (value < least && value !== -Infinity) least = value;
          if (value > most && value !== Infinity) most = value;
        }
        let last = next - 1;
        while (last >= row && !Number.isFinite(raw[last])) last -= 1;
        if (last >= row) {
          low[column] = least;
          high[column] = most;
          lastAt[column] = at(xOf(last));
          lastY[column] = smooth[last];
          this.end = column + 1;
        }
        row = next;
      }
      if (inside < beyond) this.after = point(inside);
    },
  };
}

/** @typedef {ReturnType<typeof createBuckets>} Buckets */
