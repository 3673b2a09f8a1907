/**
 * Several seeds of one lane as one line: their mean wherever every finished seed has a value, and the lowest and highest as
 * its spread. Reads like a curve; merges columns of pixels, not rows, so that ten long races cost no more than ten short ones.
 */

import { createChangeDetector } from '../model/changes.js';
import { mean, meanAndDeviation } from '../model/mean.js';

/** @typedef {import('./curve.js').Curve} Curve */
/** @typedef {import('./buckets.js').Columns} Buckets */

/** @param {Curve[]} curves one of each finished seed, then perhaps one that still grows @param {number} finished how many are over */
export function createEnsemble(curves, finished) {
  const least = Math.max(1, finished);
  const changed = createChangeDetector();
  /** @type {Buckets} */
  let merged;

  /** @param {number} x @param {(seed: Curve, come: number) => boolean} counts whether a seed does that has come so far */
  function at(x, counts) {
    const points = curves.flatMap((curve) => (counts(curve, curve.head()?.x ?? -1) ? (curve.at(x) ?? []) : []));
    if (points.length < least) return null;
    const lines = points.map(({ average }) => average);
    const { mean: average, deviation } = meanAndDeviation(lines);
    return {
      row: 0,
      step: null,
      x,
      value: mean(points.map(({ value }) => value)),
      average,
      spread: [Math.min(...lines), Math.max(...lines)],
      deviation,
    };
  }

  /** Up to where enough seeds have come. */
  const reach = () => curves.map((curve) => curve.head()?.x ?? -1).sort((a, b) => b - a)[least - 1];

  return {
    get buckets() {
      const all = curves.map(({ buckets }) => buckets);
      if (changed(all[0], all[0].across, ...curves.map(({ count }) => count))) merged = merge(all, least);
      return merged;
    },
    get low() {
      return Math.min(...curves.map(({ low }) => low));
    },
    /** Single values are not drawn. */
    floor: Infinity,
    get high() {
      return Math.max(...curves.map(({ high }) => high));
    },
    get count() {
      return curves.reduce((sum, { count }) => sum + count, 0);
    },
    /** Where enough seeds have come, at most. @param {number} x */
    at(x) {
      const there = Math.min(x, reach());
      return at(there, (_seed, come) => come >= there);
    },
    /** The mean of one batch, or at one time, or null. @param {import('./cursor-batch.js').Place} place */
    read: ({ x, step, after }) => at(x, (seed, come) => come > after && (step === null || seed.at(x)?.step === step)),
    head: () => at(reach(), (_seed, come) => come >= reach()),
    /** The nearest batch that enough seeds have a value of; null when there is none. @param {number} step */
    nearest: (step) => curves[0].nearest(step, (each) => curves.filter((curve) => curve.nearest(each) === each).length >= least),
  };
}

/**
 * @param {Buckets[]} members
 * @param {number} least how many must have a value for there to be a mean
 * @returns {Buckets}
 */
function merge(members, least) {
  const { count, across, at } = members[0];
  const [low, high, lastAt, lastY] = Array.from({ length: 4 }, () => new Float64Array(count).fill(NaN));
  const filled = members.map(fill);
  let end = 0;
  for (let column = 0; column < count; column++) {
    let [sum, known, lowest, highest] = [0, 0, Infinity, -Infinity];
    for (const line of filled) {
      const y = line[column];
      if (Number.isNaN(y)) continue;
      sum += y;
      known += 1;
      lowest = Math.min(lowest, y);
      highest = Math.max(highest, y);
    }
    if (known < least) continue;
    lastAt[column] = column + 0.5;
    lastY[column] = sum / known;
    low[column] = lowest;
    high[column] = highest;
    end = column + 1;
  }
  return {
    count,
    across,
    at,
    low,
    high,
    lastAt,
    lastY,
    end,
    rows: end,
    before: null,
    after: null,
    has: (column) => !Number.isNaN(lastAt[column]),
  };
}

/** A line at the middle of every column that it crosses. @param {Buckets} buckets */
function fill({ count, end, has, lastAt, lastY, before, after }) {
  const line = new Float64Array(count).fill(NaN);
  let from = before;
  const reach = (/** @type {import('./buckets.js').Point} */ to) => {
    const start = from ?? to;
    // Left of the first point nothing is known.
    if (!from && to.at < count) line[Math.floor(to.at)] = to.y;
    for (let i = Math.max(0, Math.ceil(start.at - 0.5)); i < count && i + 0.5 <= to.at; i++) {
      line[i] = start.y + ((to.y - start.y) * (i + 0.5 - start.at)) / (to.at - start.at || 1);
    }
    from = to;
  };
  for (let column = 0; column < end; column++) {
    if (has(column)) reach({ at: lastAt[column], y: lastY[column] });
  }
  if (after) reach(after);
  return line;
}

/** @typedef {ReturnType<typeof createEnsemble>} Ensemble */
