/** The y range of one chart: calm while its lines grow, and close around them where a part of the x axis is on show. */

import { closeRange, HIGHEST_LOSS, lossRange, PLACE } from './scales.js';

/** @typedef {import('./scales.js').Range} Range */
/** @typedef {import('../curve.js').Curve | import('../ensemble.js').Ensemble} Curve */

/** Of the way to another range, in each frame. */
const SHARE = 0.25;
/** As a share of the whole range: what is left of the way is not seen. */
const CLOSE = 0.005;

/** The gap between two accuracies that are both above this is a sliver of the whole axis, which begins at LOW then. */
const HIGH = 0.9;
const LOW = 0.85;

/** @param {'loss' | 'accuracy'} measure @param {boolean} [pair] the two lines of one lane */
export function createYRange(measure, pair = false) {
  /** @type {Range | null} */
  let loss = null;
  /** Of the part on show. @type {Range | null} */
  let close = null;

  /** @param {Curve[]} curves @param {'log' | 'linear'} scale */
  function around(curves, scale) {
    if (measure === 'loss') return (loss = lossRange(loss, curves.map(extremes), scale));
    const high = pair && curves.length > 0 && curves.every((curve) => (curve.head()?.average ?? 0) > HIGH);
    return roomy({ min: high ? LOW : 0, max: 1 });
  }

  return {
    /** Lines for something else are not kept calm. @param {{ lines: boolean, part: boolean, logged: boolean }} other */
    forget({ lines, part, logged }) {
      if (lines || (loss !== null && (loss.min === 0) === logged)) loss = null;
      if (lines || part) close = null;
    },
    /**
     * @param {Curve[]} curves
     * @param {{ scale: 'log' | 'linear', zoomed: boolean, bare: boolean }} how bare: the raw line is the line
     * @returns {Range}
     */
    of(curves, { scale, zoomed, bare }) {
      const all = around(curves, scale);
      if (!zoomed) return all;
      const spans = curves.map(({ buckets }) => span(buckets, bare));
      const lowest = Math.min(...spans.map(({ min }) => min));
      const highest = Math.max(...spans.map(({ max }) => max));
      if (lowest > highest) return close ?? all;
      close = closeRange(close, { min: lowest, max: highest }, scale, measure === 'loss' ? HIGHEST_LOSS[scale] : 1);
      return measure === 'loss' ? close : roomy(close);
    },
  };
}

/** @param {Curve} curve @returns {{ low: number, high: number }} */
function extremes({ low, floor, high }) {
  return { low: Math.min(low, floor), high };
}

/** A hair above 100 %, so that a line at the top is not cut in half. @param {Range} range @returns {Range} */
function roomy({ min, max }) {
  return { min, max: max === 1 ? 1 + (1 - min) * 0.015 : max };
}

/**
 * The lowest and the highest value on show.
 * @param {import('../buckets.js').Columns} buckets
 * @param {boolean} raw without smoothing the raw line is the line
 */
function span(buckets, raw) {
  let min = Infinity;
  let max = -Infinity;
  for (let column = 0; column < buckets.end; column++) {
    if (!buckets.has(column)) continue;
    min = Math.min(min, raw ? buckets.low[column] : buckets.lastY[column]);
    max = Math.max(max, raw ? buckets.high[column] : buckets.lastY[column]);
  }
  // A part without points shows the line that crosses it.
  if (min > max && buckets.before && buckets.after)
    return { min: Math.min(buckets.before.y, buckets.after.y), max: Math.max(buckets.before.y, buckets.after.y) };
  return { min, max };
}

/**
 * The range of the next frame, on the way to another one; the same object once it has arrived.
 * @param {Range} from
 * @param {Range} to
 * @param {'log' | 'linear'} scale
 * @param {() => boolean} atOnce
 * @returns {Range}
 */
export function approach(from, to, scale, atOnce) {
  if (from.min === to.min && from.max === to.max) return from;
  const place = PLACE[scale];
  const jumps = atOnce();
  const span = place(to.max) - place(to.min);
  const step = (/** @type {number} */ here, /** @type {number} */ there) => {
    const left = place(there) - place(here);
    if (jumps || Math.abs(left) < span * CLOSE) return there;
    return scale === 'log' ? 10 ** (place(here) + left * SHARE) : here + left * SHARE;
  };
  return { min: step(from.min, to.min), max: step(from.max, to.max) };
}
