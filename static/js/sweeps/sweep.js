/** What a sweep's pictures need of its description. Pure. */

import { looksOf } from '../model/lanes.js';
import { count, loss, percent, seconds } from '../model/format.js';

/** @typedef {Pick<Identity, 'colour' | 'marker' | 'dash'> & { name: string }} Look of a curve */
/** @typedef {{ step: number, epochs: number, seconds: number, accuracy: number }} Measured one evaluation */
/** @typedef {'accuracy' | 'loss' | 'batches'} Measure what is compared at each learning rate */

/** @param {Sweep} sweep @returns {Look[]} */
export function curveLooks({ curves }) {
  const looks = looksOf(curves.map(({ optimizer }) => optimizer));
  return curves.map(({ name }, i) => ({ name, ...looks[i] }));
}

/** All learning rates of a sweep, in order. @param {Sweep} sweep */
export function ratesOf({ curves }) {
  return [...new Set(curves.flatMap(({ points }) => points.map((point) => point.learning_rate)))].sort((a, b) => a - b);
}

/** @param {Sweep} sweep @param {number} curve @param {number} rate */
export function cellsAt({ cells }, curve, rate) {
  return cells.filter((cell) => cell.curve === curve && cell.learning_rate === rate);
}

/** A mean and its deviation, "97.03 % ± 0.08"; a dash without any. @param {Measure | 'seconds'} measure @param {Spread | null} spread */
export function spreadText(measure, spread) {
  if (spread === null) return '–';
  const { mean, deviation } = spread;
  const whole = (/** @type {number} */ value) => count(Math.round(value));
  const write = { accuracy: percent, loss, batches: whole, seconds }[measure];
  const around = {
    accuracy: (deviation * 100).toFixed(2),
    loss: loss(deviation),
    batches: whole(deviation),
    seconds: deviation.toFixed(2),
  };
  return deviation > 0 ? `${write(mean)} ± ${around[measure]}` : write(mean);
}

/** The result at a learning rate, in words. @param {SweepPoint | undefined} point @param {Measure} measure @param {string} word for trainings that fell: see wordFor */
export function pointText(point, measure, word) {
  if (!point || point.seeds === 0) return 'no result';
  const { seeds, fallen } = point;
  if (fallen === seeds) return seeds > 1 ? `all ${seeds} ${word}` : word;
  const told = point[measure] === null ? 'not reached' : spreadText(measure, point[measure]);
  return fallen > 0 ? `${told}, ${fallen} of ${seeds} ${word}` : told;
}

/** The word for trainings that diverged or failed. @param {SweepCell[]} cells */
export function wordFor(cells) {
  return cells.some(({ status }) => status === 'failed') ? 'failed' : 'diverged';
}

/** Whether there is a run to open; of a recorded sweep there is none. @param {Sweep} sweep */
export function hasRuns({ cells }) {
  return cells.some(({ run }) => run !== null);
}

/** The result of a training so far, in a few words. @param {SweepCell} cell */
export function trainingText({ status, test_accuracy }) {
  return status === 'finished' && test_accuracy !== null ? percent(test_accuracy) : status;
}

/** A sentence whose figures stay in one piece. @param {string} sentence */
export function unbroken(sentence) {
  return sentence.replaceAll(' ± ', '\u00a0±\u00a0');
}

/** The evaluations of a training, without that before its first batch, for which a logarithmic axis has no place. @param {SweepCell} cell @returns {Measured[]} */
export function measuredOf({ evaluations }) {
  const all = /** @type {[number, number, number, number, number | null][]} */ (evaluations);
  return all.filter(([step]) => step > 0).map(([step, epochs, seconds, accuracy]) => ({ step, epochs, seconds, accuracy }));
}

/** The number of seeds behind each point, "3 seeds"; empty where there is one. @param {Sweep} sweep */
export function seedsText({ curves }) {
  const counts = curves.flatMap(({ points }) => points.map(({ seeds }) => seeds)).filter((seeds) => seeds > 0);
  const most = Math.max(0, ...counts);
  if (most < 2) return '';
  return `${Math.min(...counts) < most ? 'up to ' : ''}${most} seeds`;
}
