/** The results by learning rate, a line for each curve: final test accuracy, test loss, or batches to the target. */

import { target } from '../model/format.js';
import { setAttribute, setText } from '../ui/dom.js';
import { svg } from '../ui/svg.js';
import { rateAxis } from './axes.js';
import { createFigure } from './figure.js';
import { across, areaOf, axes, createPlot, up } from './plot.js';
import { axisOf, goodRates, lineOf } from './rate-lines.js';
import { cellsAt, hasRuns, pointText, ratesOf, seedsText, wordFor } from './sweep.js';
import { cross, inColour } from './svg.js';

/** @typedef {import('./sweep.js').Measure} Measure */
/** @typedef {import('./sweep-view.js').Place} Place */

/** Pixels below the plot: the height of each bar of good rates and of the row of crosses, and between crosses of two curves. */
const BAR = 5;
const CROSSES = 16;
const BESIDE = 10;

/**
 * @param {number} mark the accuracy that batches are counted to
 * @param {object} on
 * @param {(place: Place | null, aloud?: boolean) => boolean} on.select whether it is another place
 * @param {((place: Place, x: number, y: number) => void) | null} on.open null where runs are not opened
 */
export function createRatePicture(mark, { select, open }) {
  /** @type {{ sweep: Sweep, looks: import('./sweep.js').Look[], place: Place | null } | null} */
  let shown = null;
  /** Where values were drawn last, to find the one that is pointed at. */
  let drawn = { rates: [0], x: (/** @type {number} */ _) => 0, y: (/** @type {number} */ _) => 0 };
  const options = { accuracy: 'accuracy', loss: 'loss', batches: `batches to ${target(mark)}` };
  const titles = {
    accuracy: 'Test accuracy by learning rate',
    loss: 'Test loss by learning rate',
    batches: `Batches to ${target(mark)} by learning rate`,
  };
  const figure = createFigure({ kind: 'rate-picture', title: titles.accuracy, legend: 'Compare by', options, chosen: changed });
  const plot = createPlot(figure.plot, {
    draw,
    point: (x, y) => select(nearest(x, y)),
    move(step, higher) {
      const place = shown && moved(step, higher);
      if (place) select(place, true);
    },
    open: (x, y) => shown?.place && open?.(shown.place, x, y),
    leave: () => select(null),
  });

  const measure = () => /** @type {Measure} */ (figure.chosen);
  const pointAt = (/** @type {number} */ curve, /** @type {number} */ rate) =>
    shown?.sweep.curves[curve].points.find((point) => point.learning_rate === rate);
  const valueAt = (/** @type {number} */ curve, /** @type {number} */ rate) => pointAt(curve, rate)?.[measure()]?.mean;

  function changed() {
    setText(figure.title, titles[measure()]);
    if (shown) update(shown.sweep, shown.looks, shown.place);
  }

  /** @param {number} width @param {number} height */
  function draw(width, height) {
    if (!shown) return [];
    const { sweep, looks, place } = shown;
    const { curves } = sweep;
    const rates = ratesOf(sweep);
    const points = curves.flatMap((curve) => curve.points);
    const fallen = points.some((point) => point.fallen > 0);
    const x = rateAxis(rates);
    const y = axisOf(points, measure());
    const below = curves.length * BAR + 6 + (fallen ? CROSSES : 0);
    const area = areaOf(width, height - below, y);
    const [toX, toY] = [(/** @type {number} */ rate) => across(area, x, rate), (/** @type {number} */ value) => up(area, y, value)];
    drawn = { rates, x: toX, y: toY };
    const cursor = place ? [svg('path', { class: 'cursor', d: `M${toX(place.rate)} ${area.top}V${area.bottom + below}` })] : [];
    return [
      ...axes(area, x, y, below),
      ...cursor,
      ...curves.map((curve, i) => inColour(looks[i], lineOf(curve, measure(), looks[i], toX, toY, place?.curve === i ? place.rate : null))),
      ...curves.map((curve, i) => {
        const crossY = area.bottom + below - CROSSES / 2;
        const beside = (i - (curves.length - 1) / 2) * BESIDE;
        const crosses = curve.points
          .filter((point) => point.fallen > 0)
          .map((point) => cross(toX(point.learning_rate) + beside, crossY, 4));
        return inColour({ ...looks[i], dash: [] }, [...goodRates(curve, toX, area.bottom + 5 + i * BAR), ...crosses]);
      }),
    ];
  }

  /** @param {number} x @param {number} y @returns {Place | null} */
  function nearest(x, y) {
    if (!shown) return null;
    const rate = closest(drawn.rates, (each) => Math.abs(drawn.x(each) - x));
    const curves = shown.sweep.curves.map((_, curve) => curve);
    const curve = closest(curves, (each) => {
      const value = valueAt(each, rate);
      return value === undefined ? 1e6 + each : Math.abs(drawn.y(value) - y);
    });
    return { curve, rate };
  }

  /** @param {number} step @param {number} higher @returns {Place} */
  function moved(step, higher) {
    const { rates } = drawn;
    const curves = shown?.sweep.curves ?? [];
    const place = shown?.place;
    if (!place) return { curve: 0, rate: curves[0].best ?? rates[Math.floor(rates.length / 2)] };
    const rate = rates[Math.max(0, Math.min(rates.length - 1, rates.indexOf(place.rate) + step))];
    const height = (/** @type {number} */ curve) => -(drawn.y(valueAt(curve, rate) ?? NaN) || 1e6 + curve);
    const order = curves.map((_, curve) => curve).sort((a, b) => height(a) - height(b));
    const curve = order[Math.max(0, Math.min(order.length - 1, order.indexOf(place.curve) + higher))];
    return { curve, rate };
  }

  /** @param {number} curve */
  function reading(curve) {
    const { sweep, place } = /** @type {NonNullable<typeof shown>} */ (shown);
    const { best, points } = sweep.curves[curve];
    const rate = place?.rate ?? best;
    if (rate === null) return points.some(({ fallen }) => fallen > 0) ? 'diverged at every rate tried' : 'no result';
    const text = pointText(pointAt(curve, rate), measure(), wordFor(cellsAt(sweep, curve, rate)));
    return place ? text : `best at ${rate}: ${text}`;
  }

  /** @param {Sweep} sweep @param {import('./sweep.js').Look[]} looks @param {Place | null} place */
  function update(sweep, looks, place) {
    shown = { sweep, looks, place };
    figure.list(
      looks,
      looks.map((_, curve) => reading(curve)),
    );
    const opens = open !== null && hasRuns(sweep);
    const fallen = sweep.curves.some(({ points }) => points.some((point) => point.fallen > 0));
    const seeds = seedsText(sweep);
    const told = [
      ...(seeds ? [`Points: means over ${seeds}; bands: from the lowest of them to the highest.`] : []),
      ...(sweep.curves.some(({ plateau }) => plateau) ? ['Bars below: learning rates within one point of the best.'] : []),
      ...(fallen ? ['×: a training diverged there, its loss overflowed, and it has no result.'] : []),
      ...(sweep.verdicts.length && open
        ? ['Below, the best rates are trained again from fresh seeds, so their values differ a little.']
        : []),
      ...(opens ? ['Click a point, or press Enter on it, to open its run.'] : []),
    ];
    setText(figure.meaning, told.join(' '));
    const where = place ? `Learning rate ${place.rate}: ` : '';
    const readings = looks.map(({ name }, curve) => `${name} ${reading(curve)}`).join('; ');
    setAttribute(
      figure.plot,
      'aria-label',
      `${figure.title.textContent}. ${where}${readings}. Arrow keys read values${opens ? ', Enter opens a run' : ''}.`,
    );
    plot.redraw();
  }

  return {
    node: figure.node,
    update,
    /** What is said of a place, in words. @param {Place} place */
    told: ({ curve, rate }) =>
      shown
        ? `${shown.looks[curve].name} at ${rate}: ${pointText(pointAt(curve, rate), measure(), wordFor(cellsAt(shown.sweep, curve, rate)))}`
        : '',
  };
}

/** @template T @param {T[]} all @param {(each: T) => number} distance */
export function closest(all, distance) {
  return all.reduce((best, each) => (distance(each) < distance(best) ? each : best));
}
