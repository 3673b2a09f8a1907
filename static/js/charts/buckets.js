/**
 * What is visible of a long line: for every column of about a pixel its lowest and highest raw value, and the last point
 * of the smoothed line with its exact place. Rows are taken in column by column, so that hundreds of thousands of them
 * cost little more than reading them, and drawing costs the same however long the race.
 *
 * A column is as wide as a power of two of the axis' units. An axis that grows at its right end keeps its columns, and from
 * time to time puts two or more into one: the same as all rows would give, without reading them again.
 */

import { firstRow } from '../model/stream/table.js';

/** @typedef {{ at: number, y: number }} Point in columns from the left edge */
/** @typedef {{ xOf: (row: number) => number, raw: Float32Array, smooth: Float32Array }} Rows whose x never falls */

/**
 * @typedef {object} Columns
 * @property {number} count
 * @property {number} across so many are on show; the last of them perhaps not all of it
 * @property {Float64Array} low
 * @property {Float64Array} high
 * @property {Float64Array} lastAt how many columns from the left edge the last point of a column is
 * @property {Float64Array} lastY and its y
 * @property {number} end one past the last column that has a value
 * @property {number} rows how many are on show
 * @property {Point | null} before the newest point left of the columns, where the line comes from
 * @property {Point | null} after the first one right of them, where it goes to
 * @property {(column: number) => boolean} has
 * @property {(x: number) => number} at how many columns from the left edge an x is
 */
/**
 * @typedef {Columns & {
 *   grown: (pixels: number, from: number, to: number) => Buckets | null,
 *   take: (rows: Rows, row: number, beyond: number) => void }} Buckets
 */

/**
 * @param {number} pixels of the plot's width
 * @param {number} from the x at the left edge
 * @param {number} to the x at the right edge
 * @returns {Buckets}
 */
export function createBuckets(pixels, from, to) {
  const width = widthOf(pixels, from, to);
  const at = (/** @type {number} */ x) => (x - from) / width;
  let across = at(to);
  const empty = () => new Float64Array(Math.floor(across) + 1).fill(NaN);

  /** @type {Buckets} */
  const buckets = {
    get across() {
      return across;
    },
    low: empty(),
    high: empty(),
    lastAt: empty(),
    lastY: empty(),
    end: 0,
    rows: 0,
    before: null,
    after: null,
    get count() {
      return buckets.low.length;
    },
    has: (column) => !Number.isNaN(buckets.lastAt[column]),
    at,
    /** The same rows on an axis that ends further right; null when they have to be taken in again. */
    grown(newPixels, newFrom, newTo) {
      const times = widthOf(newPixels, newFrom, newTo) / width;
      if (newFrom !== from || newTo < to || times < 1 || buckets.after) return null;
      if (times > 1) return merged(createBuckets(newPixels, newFrom, newTo), buckets, times);
      to = newTo;
      across = at(to);
      for (const name of COLUMNS) {
        const before = buckets[name];
        buckets[name] = empty();
        buckets[name].set(before);
      }
      return buckets;
    },
    /** Takes in the rows from `row` up to `beyond`, which follow those taken in before. Ones that are not finite leave a gap. */
    take({ xOf, raw, smooth }, row, beyond) {
      if (buckets.after || row >= beyond) return;
      const { low, high, lastAt, lastY, count } = buckets;
      const point = (/** @type {number} */ i) => (Number.isFinite(raw[i]) ? { at: at(xOf(i)), y: smooth[i] } : null);
      const first = xOf(row) >= from ? row : firstRow(row, beyond, (i) => xOf(i) >= from);
      // A line begins at its first point, however many share its column.
      if (buckets.end === 0 && first < beyond && first === 0) buckets.before = point(0);
      const inside = xOf(beyond - 1) <= to ? beyond : firstRow(first, beyond, (i) => xOf(i) > to);
      if (first > row) buckets.before = point(first - 1);
      buckets.rows += inside - first;
      row = first;
      let wide = 0;
      while (row < inside) {
        const column = Math.max(0, Math.min(Math.floor(at(xOf(row))), count - 1));
        const edge = column === count - 1 ? Infinity : from + (column + 1) * width;
        const beyondEdge = (/** @type {number} */ i) => xOf(i) >= edge;
        // Columns of a long line hold about equally many rows. At least one is taken, however the edge is rounded.
        const near = row + wide;
        const close = wide > 3 && near + 2 < inside && !beyondEdge(near - 2) && beyondEdge(near + 2);
        const next = close ? firstRow(near - 1, near + 2, beyondEdge) : firstRow(row + 1, inside, beyondEdge);
        wide = next - row;
        let least = buckets.has(column) ? low[column] : Infinity;
        let most = buckets.has(column) ? high[column] : -Infinity;
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
          buckets.end = column + 1;
        }
        row = next;
      }
      if (inside < beyond) buckets.after = point(inside);
    },
  };
  return buckets;
}

const COLUMNS = /** @type {const} */ (['low', 'high', 'lastAt', 'lastY']);

/** Of a column, in units of the axis. @param {number} pixels @param {number} from @param {number} to */
function widthOf(pixels, from, to) {
  return 2 ** Math.round(Math.log2((to - from) / pixels));
}

/**
 * Puts so many columns into one.
 * @param {Buckets} wide
 * @param {Buckets} narrow
 * @param {number} times
 */
function merged(wide, narrow, times) {
  const { low, high, lastAt, lastY, before } = narrow;
  for (let column = 0; column < narrow.end; column++) {
    if (!narrow.has(column)) continue;
    const into = Math.floor(column / times);
    wide.low[into] = wide.has(into) ? Math.min(wide.low[into], low[column]) : low[column];
    wide.high[into] = wide.has(into) ? Math.max(wide.high[into], high[column]) : high[column];
    wide.lastAt[into] = lastAt[column] / times;
    wide.lastY[into] = lastY[column];
    wide.end = into + 1;
  }
  wide.rows = narrow.rows;
  wide.before = before && { at: before.at / times, y: before.y };
  return wide;
}
