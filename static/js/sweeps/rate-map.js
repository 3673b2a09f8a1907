/** Learning rate by training time as a heat map of one curve: how accurate a network is after so many batches at each rate. */

import { count, percent } from '../model/format.js';
import { element, setAttribute, setText, swatch } from '../ui/dom.js';
import { svg } from '../ui/svg.js';
import { edgesOf, rateAxis } from './axes.js';
import { across, areaOf, axes, createPlot, up } from './plot.js';
import { cellsAt, hasRuns, ratesOf, wordFor } from './sweep.js';
import { cross } from './svg.js';

/** @typedef {import('./sweep-view.js').Place} Place */

/** Pixels of a row, of many maps and of few, and around all rows. */
const ROW = { many: 20, few: 32 };
const FEW = 2;
const AROUND = 64;

/**
 * @param {number} curve
 * @param {(share: number) => number} shade
 * @param {Parameters<typeof import('./rate-maps.js').createRateMaps>[0]} on
 */
export function createRateMap(curve, shade, { select, open }) {
  /** @type {{ sweep: Sweep, look: import('./sweep.js').Look, place: Place | null } | null} */
  let shown = null;
  let drawn = { rates: [0], left: 0, right: 1, top: 0, bottom: 1 };
  const title = element('h3', { class: 'row' });
  const reading = element('span', { class: 'muted' });
  const host = element('div', { class: 'sweep-plot' });
  const node = element('div', { class: 'map' }, element('header', { class: 'row' }, title, reading), host);
  const plot = createPlot(host, {
    draw,
    point: (x, y) => select(at(x, y)),
    move: (step, higher) => shown && select(moved(step, higher), true),
    open: (x, y) => shown?.place && open?.(shown.place, x, y),
    leave: () => select(null),
  });

  const steps = () => shown?.sweep.curves[curve].map?.steps ?? [];
  /** @param {number} rate */
  const pointAt = (rate) => shown?.sweep.curves[curve].points.find((point) => point.learning_rate === rate);
  /** @param {number} rate @param {number} row */
  function valueAt(rate, row) {
    const { map, points } = /** @type {NonNullable<typeof shown>} */ (shown).sweep.curves[curve];
    return map?.accuracy[row]?.[points.findIndex((point) => point.learning_rate === rate)] ?? null;
  }

  /** @param {number} width @param {number} height */
  function draw(width, height) {
    if (!shown) return [];
    const { sweep, look, place } = shown;
    const rates = ratesOf(sweep);
    const edges = edgesOf(rates);
    const rows = Math.max(1, steps().length);
    const x = rateAxis(rates);
    const y = {
      name: 'batches',
      place: (/** @type {number} */ row) => (row + 0.5) / rows,
      ticks: steps().map((step, value) => ({ value, text: count(step) })),
    };
    const area = areaOf(width, height, y);
    drawn = { rates, ...area };
    const high = (area.bottom - area.top) / rows;
    const fields = rates.flatMap((rate, i) => {
      const [left, right] = [across(area, x, edges[i]), across(area, x, edges[i + 1])];
      const fallen = (pointAt(rate)?.fallen ?? 0) > 0;
      return Array.from({ length: rows }, (_, row) => {
        const value = valueAt(rate, row);
        const middle = up(area, y, row);
        const field = svg('rect', {
          class: value === null ? 'heat none' : 'heat',
          x: left + 0.5,
          y: middle - high / 2 + 0.5,
          width: Math.max(1, right - left - 1),
          height: Math.max(1, high - 1),
        });
        if (value !== null) field.style.setProperty('--share', `${Math.max(4, shade(value) * 100)}%`);
        const missing = fallen && (value === null || row === rows - 1);
        return [field, ...(missing ? [cross((left + right) / 2, middle, Math.min(4, high / 3, (right - left) / 3))] : [])];
      }).flat();
    });
    const cursor = place ? cursorAt(place, area, x, y, high, edges, rates) : [];
    return [...axes(area, x, y), svg('g', { 'data-colour': look.colour }, ...fields), ...cursor];
  }

  /**
   * @param {Place} place
   * @param {import('./plot.js').Area} area
   * @param {import('./axes.js').Axis} x
   * @param {import('./axes.js').Axis} y
   * @param {number} high
   * @param {number[]} edges
   * @param {number[]} rates
   */
  function cursorAt(place, area, x, y, high, edges, rates) {
    const i = rates.indexOf(place.rate);
    const [left, right] = [across(area, x, edges[i]), across(area, x, edges[i + 1])];
    const mine = place.curve === curve && place.row !== undefined;
    const [top, bottom] = mine
      ? [up(area, y, Number(place.row)) - high / 2, up(area, y, Number(place.row)) + high / 2]
      : [area.top, area.bottom];
    return [svg('rect', { class: 'cursor', x: left, y: top, width: right - left, height: bottom - top })];
  }

  /** @param {number} px @param {number} py @returns {Place | null} */
  function at(px, py) {
    if (!shown) return null;
    const { rates, left, right, top, bottom } = drawn;
    const x = rateAxis(rates);
    const edges = edgesOf(rates);
    const share = Math.max(0, Math.min(1, (px - left) / (right - left)));
    const rate = rates.find((_, i) => share <= x.place(edges[i + 1])) ?? rates[rates.length - 1];
    const rows = steps().length;
    const row = Math.max(0, Math.min(rows - 1, Math.floor(((bottom - py) / (bottom - top)) * rows)));
    return { curve, rate, ...(rows ? { row } : {}) };
  }

  /** @param {number} step @param {number} higher @returns {Place} */
  function moved(step, higher) {
    const { rates } = drawn;
    const rows = steps().length;
    const place = shown?.place;
    if (place?.curve !== curve) {
      const rate = shown?.sweep.curves[curve].best ?? rates[Math.floor(rates.length / 2)];
      return { curve, rate, ...(rows ? { row: rows - 1 } : {}) };
    }
    const rate = rates[Math.max(0, Math.min(rates.length - 1, rates.indexOf(place.rate) + step))];
    const row = Math.max(0, Math.min(rows - 1, (place.row ?? rows - 1) + higher));
    return { curve, rate, ...(rows ? { row } : {}) };
  }

  /** @param {Place} place */
  function told({ rate, row = steps().length - 1 }) {
    if (!shown) return '';
    const value = row < 0 ? null : valueAt(rate, row);
    const fallen = (pointAt(rate)?.fallen ?? 0) > 0;
    const word = wordFor(cellsAt(shown.sweep, curve, rate));
    if (value === null) return `${rate}: ${fallen ? word : 'no result'}`;
    return `${rate}, ${count(steps()[row])} batches: ${percent(value)}${fallen ? `, ${word} later` : ''}`;
  }

  return {
    node,
    told: (/** @type {Place} */ place) => `${shown?.look.name} at ${told(place)}`,
    /** @param {Sweep} sweep @param {import('./sweep.js').Look} look @param {Place | null} place */
    update(sweep, look, place) {
      if (shown?.look.name !== look.name) title.replaceChildren(swatch(look), look.name);
      shown = { sweep, look, place };
      setText(reading, place ? told(place) : '');
      const row = sweep.curves.length > FEW ? ROW.many : ROW.few;
      host.style.height = `${AROUND + row * Math.max(4, steps().length)}px`;
      const where = place?.curve === curve ? ` ${told(place)}.` : '';
      setAttribute(
        host,
        'aria-label',
        `${look.name}: accuracy by learning rate and batches.${where} Arrow keys read values${open && hasRuns(sweep) ? ', Enter opens a run' : ''}.`,
      );
      plot.redraw();
    },
  };
}
