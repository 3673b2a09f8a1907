/**
 * One curve as canvas paths. A column left of the newest one never changes again, so it is added once, in columns across
 * and axis units up; a frame adds what is new and transforms the rest, and costs the same however long the race.
 */

import { createChangeDetector } from '../model/changes.js';

/** @typedef {{ a: number, b: number, c: number, d: number, e: number, f: number }} Matrix from columns and units to pixels */
/** @typedef {import('./buckets.js').Columns} Buckets */

/** @type {Matrix} */
const AS_IT_IS = { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 };

/**
 * @param {{ buckets: Buckets }} curve
 * @param {(value: number) => number} place where a value stands on the y axis, in units that are evenly spaced
 * @param {typeof Path2D} [Path] or what notes down the same
 */
export function createStrokes(curve, place, Path = Path2D) {
  const bucketsChanged = createChangeDetector();
  let line = new Path();
  let raw = new Path();
  let settled = 0;

  /** @param {Path2D} path @param {Buckets} buckets @param {number} column @param {Matrix} to */
  function extendLine(path, buckets, column, { a, d, e, f }) {
    if (buckets.has(column)) path.lineTo(e + a * buckets.lastAt[column], f + d * place(buckets.lastY[column]));
  }

  /** @param {Path2D} path @param {Buckets} buckets @param {number} column @param {Matrix} to */
  function extendRaw(path, buckets, column, { a, d, e, f }) {
    if (!buckets.has(column)) return;
    const { low, high } = buckets;
    const at = e + a * buckets.lastAt[column];
    path.lineTo(at, f + d * place(low[column]));
    if (high[column] !== low[column]) path.lineTo(at, f + d * place(high[column]));
  }

  /** @param {Path2D} path @param {import('./buckets.js').Point | null} point @param {Matrix} to */
  function reach(path, point, { a, d, e, f }) {
    if (point) path.lineTo(e + a * point.at, f + d * place(point.y));
  }

  /** @param {Buckets} buckets */
  function settle(buckets) {
    if (bucketsChanged(buckets)) {
      line = new Path();
      raw = new Path();
      settled = 0;
    }
    for (; settled < buckets.end - 1; settled++) {
      if (settled === 0) reach(line, buckets.before, AS_IT_IS);
      extendLine(line, buckets, settled, AS_IT_IS);
      extendRaw(raw, buckets, settled, AS_IT_IS);
    }
  }

  /**
   * @param {'line' | 'raw'} which
   * @param {typeof extendLine} extend
   * @param {Matrix} toPixels
   */
  function whole(which, extend, toPixels) {
    const { buckets } = curve;
    settle(buckets);
    const all = new Path();
    all.addPath(which === 'line' ? line : raw, toPixels);
    if (settled === 0 && which === 'line') reach(all, buckets.before, toPixels);
    if (buckets.end > 0) extend(all, buckets, buckets.end - 1, toPixels);
    if (which === 'line') reach(all, buckets.after, toPixels);
    return all;
  }

  return {
    /** Between the lowest and the highest of every column, as an area. @param {Matrix} toPixels */
    band({ a, d, e, f }) {
      const { buckets } = curve;
      const path = new Path();
      const edge = (/** @type {Float64Array} */ side, /** @type {number} */ column) => {
        if (buckets.has(column)) path.lineTo(e + a * buckets.lastAt[column], f + d * place(side[column]));
      };
      for (let column = 0; column < buckets.end; column++) edge(buckets.low, column);
      for (let column = buckets.end - 1; column >= 0; column--) edge(buckets.high, column);
      return path;
    },
    /** The smoothed line. @param {Matrix} toPixels */
    line: (toPixels) => whole('line', extendLine, toPixels),
    /** From the lowest to the highest value of every column. @param {Matrix} toPixels */
    raw: (toPixels) => whole('raw', extendRaw, toPixels),
  };
}

/** @typedef {ReturnType<typeof createStrokes>} Strokes */
