/** Where values stand on the axes of a sweep's pictures: 0 at the beginning and 1 at the end, and what is written there. Pure. */

import { stepDown, stepUp } from '../charts/axes/scales.js';
import { labels, linearTicks, logTicks } from '../charts/axes/ticks.js';
import { percent } from '../model/format.js';

/** @typedef {{ name: string, place: (value: number) => number, ticks: { value: number, text: string }[] }} Axis */

/** The highest accuracy that is drawn apart from 100 %. */
const ALL = 0.9999;
const SHARES = [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999];
const halvings = (/** @type {number} */ share) => Math.log2(1 / (1 - Math.max(0, Math.min(share, ALL))));

/**
 * Learning rates, logarithmic, with half a step around them: each is in the middle of its own column.
 * @param {number[]} rates in order
 * @returns {Axis}
 */
export function rateAxis(rates) {
  const edges = edgesOf(rates);
  const range = { min: edges[0], max: edges[edges.length - 1] };
  const whole = Math.log(range.max / range.min);
  return {
    name: 'learning rate, log scale',
    place: (rate) => Math.log(rate / range.min) / whole,
    ticks: logTicks(range).map((value) => ({ value, text: String(value) })),
  };
}

/** Where one rate's column ends and the next begins. @param {number[]} rates in order */
export function edgesOf(rates) {
  const between = rates.slice(1).map((rate, i) => Math.sqrt(rate * rates[i]));
  const [first, last] = [rates[0], rates[rates.length - 1]];
  if (between.length === 0) return [first / 2, first * 2];
  return [first ** 2 / between[0], ...between, last ** 2 / between[between.length - 1]];
}

/**
 * Accuracies: equal distances halve the errors, since it is near the top that good rates differ.
 * @param {number[]} values that are on show
 * @returns {Axis}
 */
export function accuracyAxis(values) {
  const highest = Math.max(SHARES[1], ...values);
  const end = SHARES.find((share) => share > highest) ?? ALL;
  return {
    name: 'test accuracy, errors on a log scale',
    place: (share) => Math.min(1, halvings(share) / halvings(end)),
    ticks: SHARES.filter((share) => share <= end).map((value) => ({ value, text: percent(value, value > 0.99 ? 1 : 0) })),
  };
}

/**
 * Positive numbers, logarithmic.
 * @param {string} name
 * @param {number[]} values that are on show
 * @param {(value: number) => string} [write]
 * @returns {Axis}
 */
export function logAxis(name, values, write = String) {
  const range = { min: stepDown(Math.min(...values, Infinity)), max: stepUp(Math.max(...values)) };
  if (!(range.max > range.min)) range.max = range.min * 2;
  const whole = Math.log(range.max / range.min);
  return {
    name: `${name}, log scale`,
    place: (value) => Math.log(Math.max(value, range.min) / range.min) / whole,
    ticks: logTicks(range).map((value) => ({ value, text: write(value) })),
  };
}

/** Numbers from 0 on. @param {string} name @param {number} most that is on show @returns {Axis} */
export function linearAxis(name, most) {
  const end = most || 1;
  const ticks = linearTicks({ min: 0, max: end }, 6);
  const texts = labels(ticks);
  return { name, place: (value) => value / end, ticks: ticks.map((value, i) => ({ value, text: texts[i] })) };
}
