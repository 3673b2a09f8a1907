/** What the picture "Push per weight" says, without drawing it. Places are decades: -3 stands for 0.001. */

import { count, list } from '../model/format.js';
import { EXAMPLES } from '../model/stream/protocol.js';

/** Where the weights that are followed come from, but for the first of them, which is a bias. */
export const INK = ['much ink', 'some ink', 'hardly any ink'];
/** Pixels beside each other in a digit. */
const SIDE = 28;

/** Where the half decade of |gradient| lies that docs/protocol.md numbers so. @param {number} bin */
export const placeOf = (bin) => -9 + bin / 2 + 0.25;

/** @typedef {{ bin: number, x: number, low: number, mid: number, high: number }} Point */

/**
 * A lane's newest line, from quiet weights to loud ones; weights that are not moved at all have no place on it.
 * @param {Table | undefined} pushes
 * @returns {Point[]}
 */
export function pointsOf(pushes) {
  if (!pushes?.count) return [];
  return Array.from({ length: 20 }, (_, bin) => {
    const [low, mid, high] = [25, 50, 75].map((part) => Math.log10(pushes.column(`q${part}_${bin}`)[pushes.count - 1]));
    return { bin, x: placeOf(bin), low: Math.max(low, mid - 3), mid, high };
  }).filter(({ mid }) => Number.isFinite(mid));
}

/**
 * How much less a lane moves a weight with a smaller gradient: over how many decades of gradient that can be told, and how many
 * decades of push there are for each of them. Null while too few weights move, and in a run that an older version has saved.
 * @param {Table | undefined} pushes
 */
export function trendOf(pushes) {
  if (!pushes?.count) return null;
  const [slope, decades] = ['slope', 'decades'].map((name) => pushes.column(name)[pushes.count - 1]);
  return Number.isFinite(slope) && decades > 0 ? { slope, decades } : null;
}

/**
 * So many times smaller is the gradient that is spoken of: 10, 100 or 1,000, and the same for all lanes. It only ever grows, so
 * that the sentence about it does not change back and forth. NaN if it is unknown.
 * @param {({ slope: number, decades: number } | null)[]} trends
 * @param {number} [before]
 */
export function ratioOf(trends, before = NaN) {
  const known = trends.flatMap((trend) => trend?.decades ?? []);
  const now = known.length ? Math.floor(Math.min(...known) + 0.05) : 0;
  return now < 1 ? before : Math.max(10 ** now, before || 0);
}

/** How many times less a weight is moved whose gradient is so many times smaller. @param {number} slope @param {number} ratio */
export function timesLess(slope, ratio) {
  const times = ratio ** slope;
  return times < 10 ? times : Number(times.toPrecision(2));
}

/** Near enough to tell no difference. @param {number} times */
const equal = (times) => times < 1.5 && times > 1 / 1.5;

/** "÷ 130", "× 3" or "=". @param {number} times less */
export function timesInShort(times) {
  if (equal(times)) return '=';
  return times > 1 ? `÷ ${count(Math.round(times))}` : `× ${count(Math.round(1 / times))}`;
}

/**
 * Axes move in whole decades and only ever outwards.
 * @param {import('../charts/axes/scales.js').Range} before
 * @param {number[]} places
 */
export function decades({ min, max }, places) {
  return { min: Math.min(min, ...places.map(Math.floor)), max: Math.max(max, ...places.map(Math.ceil)) };
}

/**
 * What is to be seen, in a sentence about all lanes, in their order.
 * @param {{ name: string, trend: { slope: number } | null }[]} lanes
 * @param {number} ratio how many times smaller the gradient is
 * @param {boolean} [still] whether there are rows, and no weight moves in any of them
 */
export function seen(lanes, ratio, still) {
  if (still) return 'All gradients are zero, so no weight moves.';
  const moves = lanes.flatMap(({ name, trend }) => {
    if (!trend) return [];
    const times = timesLess(trend.slope, ratio);
    if (equal(times)) return [`as far with ${name}`];
    return [
      times > 1 ? `${count(Math.round(times))} times less with ${name}` : `${count(Math.round(1 / times))} times as far with ${name}`,
    ];
  });
  if (moves.length === 0 || Number.isNaN(ratio)) return 'How far does each network move a weight that has a small gradient?';
  const found = `one with a ${count(ratio)} times smaller gradient moves ${list(moves)}`;
  return `By straight lines fitted through all weights, ${found}. The medians that are drawn lie above and below their line.`;
}

/**
 * The followed weights, as of their newest push.
 * @param {Table | undefined} pushes
 * @param {number} units of the first hidden layer
 * @returns {{ pixel: [number, number] | null, unit: number, gradient: number, change: number }[]} pixel null is the bias
 */
export function examplesOf(pushes, units) {
  if (!pushes?.count) return [];
  return Array.from({ length: EXAMPLES }, (_, i) => {
    const [weight, gradient, change] = ['weight', 'gradient', 'change'].map((name) => pushes.column(`${name}_${i}`)[pushes.count - 1]);
    const pixel = Math.floor(weight / units);
    /** @type {[number, number] | null} */
    const place = pixel === SIDE * SIDE ? null : [pixel % SIDE, Math.floor(pixel / SIDE)];
    return { pixel: place, unit: weight % units, gradient, change };
  }).filter(({ unit }) => Number.isInteger(unit));
}

/** @typedef {{ steps: number[], gradient: number[], change: number[] }} History */

/**
 * A followed weight from its first batch on: the sizes of its gradients and of its steps.
 * @param {Table | undefined} pushes
 * @param {number} example its number among those that are followed
 * @returns {History}
 */
export function historyOf(pushes, example) {
  const [steps, gradient, change] = ['step', `gradient_${example}`, `change_${example}`].map((name) =>
    pushes ? [...pushes.column(name).subarray(0, pushes.count)] : [],
  );
  return { steps, gradient, change };
}

/** "10⁻³". @param {number} exponent a whole number */
export function power(exponent) {
  return `10${String(exponent).replace(/./g, (sign) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(sign)] ?? '⁻')}`;
}

/** "3.2·10⁻⁴"; NaN is nothing. @param {number} place */
export function amount(place) {
  if (Number.isNaN(place)) return '–';
  const [digits, exponent] = (10 ** place).toExponential(1).split('e');
  return `${digits}·${power(Number(exponent))}`;
}
