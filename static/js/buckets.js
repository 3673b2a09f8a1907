/**
 * What of a long line can be seen: for every column of pixels its lowest and highest raw value, and the last point
 * of the smoothed line with its exact place. Filled once per value, so that drawing costs the same however long the race.
 */

/**
 * @param {number} count columns of pixels
 * @param {number} from the x at the left edge
 * @param {number} to the x at the right edge
 */
export function createBuckets(count, from, to) {
  const low = new Float64Array(count).fill(NaN);
  const high = new Float64Array(count).fill(NaN);
  const lastAt = new Float64Array(count).fill(NaN);
  const lastY = new Float64Array(count).fill(NaN);
  const perUnit = count / (to - from);
  let end = 0;

  return {
    count,
    low,
    high,
    /** How many columns from the left edge the last point of a column is, and its y. */
    lastAt,
    lastY,
    /** One past the last column that has a value. */
    get end() {
      return end;
    },
    /** @param {number} column */
    has: (column) => !Number.isNaN(lastAt[column]),
    /** How many columns from the left edge an x is. @param {number} x */
    at: (x) => (x - from) * perUnit,
    /**
     * Values outside the range of x are not seen, so not kept; ones that are not finite leave a gap.
     * @param {number} x never smaller than the one before
     * @param {number} raw
     * @param {number} smooth
     */
    add(x, raw, smooth) {
      if (!(x >= from && x <= to) || !Number.isFinite(raw)) return;
      const at = (x - from) * perUnit;
      const i = Math.min(Math.floor(at), count - 1);
      if (!(low[i] <= raw)) low[i] = raw;
      if (!(high[i] >= raw)) high[i] = raw;
      lastAt[i] = at;
      lastY[i] = smooth;
      if (i >= end) end = i + 1;
    },
  };
}

/** @typedef {ReturnType<typeof createBuckets>} Buckets */
