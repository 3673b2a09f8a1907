/**
 * One curve as canvas paths. A column left of the newest one never changes again, so it is added once, in columns across
 * and axis units up; a frame adds what is new and transforms the rest, and costs the same however long the race.
 */

/** @typedef {{ a: number, b: number, c: number, d: number, e: number, f: number }} Matrix from columns and units to pixels */

/** @type {Matrix} */
const AS_IT_IS = { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 };

/**
 * @param {import('./buckets.js').Buckets} buckets
 * @param {(value: number) => number} place where a value stands on the y axis, in units that are evenly spaced
 */
export function createStrokes(buckets, place) {
  const line = new Path2D();
  const raw = new Path2D();
  let settled = 0;

  /** @param {Path2D} path @param {number} column @param {Matrix} to */
  function extendLine(path, column, { a, d, e, f }) {
    if (buckets.has(column)) path.lineTo(e + a * buckets.lastAt[column], f + d * place(buckets.lastY[column]));
  }

  /** @param {Path2D} path @param {number} column @param {Matrix} to */
  function extendRaw(path, column, { a, d, e, f }) {
    if (!buckets.has(column)) return;
    const { low, high } = buckets;
    const at = e + a * buckets.lastAt[column];
    path.lineTo(at, f + d * place(low[column]));
    if (high[column] !== low[column]) path.lineTo(at, f + d * place(high[column]));
  }

  /**
   * @param {Path2D} path of the settled columns
   * @param {typeof extendLine} extend
   * @param {Matrix} toPixels
   */
  function whole(path, extend, toPixels) {
    for (; settled < buckets.end - 1; settled++) {
      extendLine(line, settled, AS_IT_IS);
      extendRaw(raw, settled, AS_IT_IS);
    }
    const all = new Path2D();
    all.addPath(path, toPixels);
    if (buckets.end > 0) extend(all, buckets.end - 1, toPixels);
    return all;
  }

  return {
    /** The smoothed line. @param {Matrix} toPixels */
    line: (toPixels) => whole(line, extendLine, toPixels),
    /** From the lowest to the highest value of every column. @param {Matrix} toPixels */
    raw: (toPixels) => whole(raw, extendRaw, toPixels),
  };
}

/** @typedef {ReturnType<typeof createStrokes>} Strokes */
