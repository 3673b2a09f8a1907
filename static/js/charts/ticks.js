/** The ticks of an axis: where they stand, and what is written at them. Pure. */

import { count, tick } from '../model/format.js';
import { clean, stepUp, X_AXES } from './scales.js';

/** @typedef {import('./scales.js').Range} Range */

/** Pixels of a digit at an axis, and what is left free between two numbers. */
const DIGIT = 9;

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

/**
 * What is written along an x axis, and where.
 * @param {XAxisName} name
 * @param {Range} range on show
 * @param {number} width in pixels
 * @param {Plan} plan
 * @returns {{ at: number, text: string }[]}
 */
export function xTicks(name, range, width, plan) {
  const { log, of, stepAt } = X_AXES[name];
  const most = width < 300 ? 4 : 6;
  if (!log || !stepAt) {
    const ticks = linearTicks(range, most);
    const texts = labels(ticks);
    return ticks.map((at, i) => ({ at, text: texts[i] }));
  }
  const [min, max] = [Math.max(0, stepAt(range.min, plan)), stepAt(range.max, plan)];
  const round = [1, 5, 2].flatMap((digit) => Array.from({ length: 8 }, (_, power) => digit * 10 ** power));
  const steps = max / Math.max(1, min) < 6 ? linearTicks({ min, max }, most).filter(Number.isInteger) : [0, ...round];
  /** From a number's left edge to its right one. @type {[number, number][]} */
  const taken = [];
  // Powers of ten first, and what stands between them where there is room.
  const ticks = steps.flatMap((step) => {
    const at = of(step, 0, plan);
    const text = count(step);
    const half = ((text.length + 1) * DIGIT) / 2;
    const middle = ((at - range.min) / (range.max - range.min)) * width;
    const [left, right] = [middle - half, middle + half];
    if (step < min - 0.5 || step > max + 0.5 || taken.some(([from, to]) => left < to && from < right)) return [];
    taken.push([left, right]);
    return [{ at, text }];
  });
  return ticks.sort((a, b) => a.at - b.at);
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
