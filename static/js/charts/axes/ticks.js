/** The ticks of an axis: where they stand, and what is written at them. */

import { createChangeDetector } from '../../model/changes.js';
import { count, tick } from '../../model/format.js';
import { clean, stepUp, X_AXES } from './scales.js';

/** @typedef {import('./scales.js').Range} Range */

/** Pixels of a digit at an axis. */
const DIGIT = 7;

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
 * What is written along an x axis, and where: the end of the axis first, and of all others those that have room.
 * @param {XAxisName} name
 * @param {Range} range on show
 * @param {number} width in pixels of type of the usual size
 * @param {Plan} plan
 * @returns {{ at: number, text: string }[]}
 */
export function xTicks(name, range, width, plan) {
  /** From a number's left edge to its right one. @type {[number, number][]} */
  const taken = [];
  const ticks = candidates(name, range, width < 300 ? 4 : 6, plan).filter(({ at, text }) => {
    const half = ((text.length + 1) * DIGIT) / 2;
    const middle = ((at - range.min) / (range.max - range.min)) * width;
    const [left, right] = [middle - half, middle + half];
    if (taken.some(([from, to]) => left < to && from < right)) return false;
    taken.push([left, right]);
    return true;
  });
  return ticks.sort((a, b) => a.at - b.at);
}

/** The same, cached for the axis: uPlot requests them several times. */
export function createXTicks() {
  const changed = createChangeDetector();
  /** @type {ReturnType<typeof xTicks>} */
  let ticks = [];
  return (/** @type {Parameters<typeof xTicks>} */ ...[name, range, width, plan]) => {
    if (changed(name, plan, range.min, range.max, width)) ticks = xTicks(name, range, width, plan);
    return ticks;
  };
}

/** All there is to write, what matters most first. @param {XAxisName} name @param {Range} range @param {number} most @param {Plan} plan */
function candidates(name, range, most, plan) {
  const { log, of, stepAt } = X_AXES[name];
  if (!log || !stepAt) {
    const ticks = linearTicks(range, most);
    const texts = labels(ticks);
    const end = { at: range.max, text: tick(range.max, (range.max - range.min) / 1000) };
    return [...(ticks.at(-1) === range.max ? [] : [end]), ...ticks.map((at, i) => ({ at, text: texts[i] }))];
  }
  const [min, max] = [Math.max(0, stepAt(range.min, plan)), stepAt(range.max, plan)];
  // Powers of ten before what stands between them.
  const round = [1, 5, 2].flatMap((digit) => Array.from({ length: 8 }, (_, power) => digit * 10 ** power));
  const steps = max / Math.max(1, min) < 6 ? linearTicks({ min, max }, most).filter(Number.isInteger) : [0, ...round];
  return [Math.round(max), ...steps]
    .filter((step) => step >= min - 0.5 && step <= max + 0.5)
    .map((step) => ({ at: Math.min(range.max, of(step, 0, plan)), text: count(step) }));
}

/** With as many digits as make neighbours differ. @param {number[]} ticks */
export function labels(ticks) {
  const step = ticks[1] - ticks[0];
  return ticks.map((value) => tick(value, step));
}

/** @param {number[]} ticks */
function percentages(ticks) {
  const step = (ticks[1] - ticks[0]) * 100;
  const digits = step < 1 ? Math.ceil(-Math.log10(step) - 1e-9) : 0;
  return ticks.map((value) => `${(value * 100).toFixed(digits)}%`);
}

/** What is written up a y axis. */
export const Y_TEXTS = { loss: labels, accuracy: percentages };

/**
 * Where ticks stand on a y axis.
 * @param {'loss' | 'accuracy'} measure
 * @param {'log' | 'linear'} scale
 * @param {Range} range
 * @param {number} height in pixels
 */
export function yTicks(measure, scale, range, height) {
  if (scale === 'log') return logTicks(range);
  return linearTicks(measure === 'loss' ? range : { min: Math.max(0, range.min), max: Math.min(1, range.max) }, height < 150 ? 2 : 5);
}
