/** What a curve looks like over learning rates: its axis, its line with the range of its seeds around it, and a bar of its good rates. */

import { count, loss } from '../model/format.js';
import { pathThrough, svg } from '../ui/svg.js';
import { accuracyAxis, logAxis } from './axes.js';
import { outline } from './outline.js';
import { marker } from './svg.js';

/** @typedef {import('./sweep.js').Measure} Measure */

/** The ranges of axes before there is a value. */
const EMPTY = { loss: [0.1, 2.3], batches: [10, 1000] };

/** The vertical axis. @param {SweepPoint[]} points @param {Measure} name */
export function axisOf(points, name) {
  const values = points.flatMap((point) => point[name]?.mean ?? []);
  if (name === 'accuracy') return accuracyAxis(values);
  const known = values.filter((value) => value > 0);
  return name === 'loss'
    ? logAxis('test loss', known.length ? known : EMPTY.loss, loss)
    : logAxis('batches', known.length ? known : EMPTY.batches, count);
}

/**
 * The band from the lowest to the highest seed, the line, and a marker at each rate.
 * @param {SweepCurve} curve
 * @param {Measure} measure
 * @param {import('./sweep.js').Look} look
 * @param {(rate: number) => number} toX
 * @param {(value: number) => number} toY
 * @param {number | null} selected
 */
export function lineOf({ points, best }, measure, look, toX, toY, selected) {
  const { means, band } = outline(points, measure, toX, toY);
  const markers = points.flatMap((point, i) => {
    const mean = means[i];
    if (!mean) return [];
    const kind = point.fallen > 0 ? 'marker hollow' : 'marker';
    const ring = point.learning_rate === selected ? [svg('circle', { class: 'ring', cx: mean.x, cy: mean.y, r: 9 })] : [];
    return [...ring, marker(look.marker, mean.x, mean.y, point.learning_rate === best ? 5.5 : 3.5, kind)];
  });
  return [svg('path', { class: 'band', d: band }), svg('path', { class: 'line', d: pathThrough(means) }), ...markers];
}

/** A bar. @param {SweepCurve} curve @param {(rate: number) => number} toX @param {number} y */
export function goodRates({ plateau }, toX, y) {
  if (!plateau) return [];
  const [low, high] = [toX(plateau.low), toX(plateau.high)];
  return [svg('path', { class: 'good', d: `M${low - 3} ${y}H${high + 3}` })];
}
