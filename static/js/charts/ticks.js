/** The ticks of an axis: where they stand, and what is written at them. Pure. */

import { tick } from '../model/format.js';
import { clean, stepUp } from './scales.js';

/** @typedef {import('./scales.js').Range} Range */

/**
 * Evenly spaced round numbers across a range.
 * @param {Range} range
 * @param {number} most
 */
export function linearTicks({ min, max }, most) {
  const step = stepUp((max - min) / most);
  const ticks = [];
  for (let i = Math.ceil(min / step - 1e-9); i * step <= max * (1 + 1e-9); i++) ticks.push(clean(i * step));
  return ticks;
}

/**
 * 1, 2 and 5 of every power of ten; only the powers when there are many of them.
 * @param {Range} range
 */
export function logTicks({ min, max }) {
  if (max / min < 6) return linearTicks({ min, max }, 5);
  const digits = Math.log10(max / min) > 3.4 ? [1] : [1, 2, 5];
  const ticks = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.log10(max); power++) {
    for (const digit of digits) {
      const value = clean(digit * 10 ** power);
      if (value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9)) ticks.push(value);
    }
  }
  return ticks;
}

/** With as many digits as make neighbours differ. @param {number[]} ticks */
export function labels(ticks) {
  const step = ticks[1] - ticks[0];
  return ticks.map((value) => tick(value, step));
}

/** @param {number[]} ticks */
export function percentages(ticks) {
  const step = (ticks[1] - ticks[0]) * 100;
  const digits = step < 1 ? Math.ceil(-Math.log10(step) - 1e-9) : 0;
  return ticks.map((value) => `${(value * 100).toFixed(digits)}%`);
}
