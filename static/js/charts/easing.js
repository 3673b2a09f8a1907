/** A y range moves to another one calmly, a part of the way with each frame. Pure. */

import { PLACE } from './scales.js';

/** @typedef {import('./scales.js').Range} Range */

const SHARE = 0.25;
/** As a share of the whole range: what is left of the way is not seen. */
const CLOSE = 0.005;

/**
 * The range of the next frame; the same object once it has arrived.
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
