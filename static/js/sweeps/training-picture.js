/** Test accuracy while training, a line for each training: by passes over the data, seconds, or batches, which may rank them differently. */

import { count, percent, seconds } from '../model/format.js';
import { hasFallen } from '../model/result.js';
import { setAttribute, setText } from '../ui/dom.js';
import { pathThrough, svg } from '../ui/svg.js';
import { accuracyAxis, linearAxis, logAxis } from './axes.js';
import { createFigure } from './figure.js';
import { across, areaOf, axes, createPlot, up } from './plot.js';
import { closest } from './rate-picture.js';
import { hasRuns, measuredOf } from './sweep.js';
import { cross, inColour, marker } from './svg.js';

/** @typedef {'epochs' | 'seconds' | 'batches'} Along */
/** @typedef {import('./sweep.js').Measured} Measured */

/** @type {Record<Along, { of: (measured: Measured) => number, title: string, write: (measured: Measured) => string }>} */
const ALONG = {
  epochs: {
    of: ({ epochs }) => epochs,
    title: 'passes over the data',
    write: ({ epochs }) => `after ${Number(epochs.toPrecision(3))} epochs`,
  },
  seconds: { of: (each) => each.seconds, title: 'seconds of training', write: (each) => `after ${seconds(each.seconds)}` },
  batches: { of: ({ step }) => step, title: 'batches', write: ({ step }) => `after ${count(step)} ${step === 1 ? 'batch' : 'batches'}` },
};

/**
 * @param {object} on
 * @param {(text: string) => void} on.announce
 * @param {((cells: SweepCell[], x: number, y: number) => void) | null} on.open null where runs are not opened
 */
export function createTrainingPicture({ announce, open }) {
  /** @type {{ sweep: Sweep, looks: import('./sweep.js').Look[] } | null} */
  let shown = null;
  /** Where the cursor is: a training, and one of its evaluations. @type {{ cell: number, at: number } | null} */
  let place = null;
  let toX = (/** @type {Measured} */ _) => 0;
  let toY = (/** @type {number} */ _) => 0;
  const figure = createFigure({
    kind: 'training-picture',
    title: 'Test accuracy while training',
    legend: 'Horizontal axis',
    options: { epochs: 'epochs', seconds: 'seconds', batches: 'batches' },
    chosen: changed,
  });
  const plot = createPlot(figure.plot, {
    draw,
    point: (x, y) => select(nearest(x, y)),
    move(step, higher) {
      if (select(moved(step, higher)) && place) announce(told(place));
    },
    open: (x, y) => shown && place && open?.([shown.sweep.cells[place.cell]], x, y),
    leave: () => select(null),
  });
  const along = () => ALONG[/** @type {Along} */ (figure.chosen)];
  const cells = () => shown?.sweep.cells ?? [];
  const drawable = () =>
    cells()
      .map((cell, i) => ({ i, measured: measuredOf(cell) }))
      .filter(({ measured }) => measured.length > 0);

  /** Moves the cursor; whether that changed anything. @param {typeof place} next */
  function select(next) {
    if (next?.cell === place?.cell && next?.at === place?.at) return false;
    place = next;
    changed();
    return true;
  }

  function changed() {
    if (shown) update(shown.sweep, shown.looks);
  }

  /** @param {number} width @param {number} height */
  function draw(width, height) {
    if (!shown) return [];
    const { looks } = shown;
    const all = cells().map(measuredOf);
    const values = all.flat();
    const places = values.map(along().of).filter((value) => value > 0);
    const name = along().title;
    const log = figure.chosen !== 'epochs' && places.length > 0;
    const x = log ? logAxis(name, places, figure.chosen === 'batches' ? count : String) : linearAxis(name, Math.max(0, ...places));
    const y = accuracyAxis(values.map(({ accuracy }) => accuracy));
    const area = areaOf(width, height, y);
    toX = (measured) => across(area, x, along().of(measured));
    toY = (value) => up(area, y, value);
    const read = place && all[place.cell]?.[place.at];
    return [
      ...axes(area, x, y),
      ...(read ? [svg('path', { class: 'cursor', d: `M${toX(read)} ${area.top}V${area.bottom}` })] : []),
      ...cells().map((cell, i) => {
        const points = all[i].map((measured) => ({ x: toX(measured), y: toY(measured.accuracy) }));
        const last = points.at(-1);
        const end = !last ? [] : hasFallen(cell) ? [cross(last.x, last.y, 5)] : [marker(looks[cell.curve].marker, last.x, last.y, 4)];
        const ring = read && place?.cell === i ? [svg('circle', { class: 'ring', cx: toX(read), cy: toY(read.accuracy), r: 8 })] : [];
        return inColour(looks[cell.curve], [svg('path', { class: 'line', d: pathThrough(points) }), ...end, ...ring]);
      }),
    ];
  }

  /** @param {number} x @param {number} y */
  function nearest(x, y) {
    const found = drawable().flatMap(({ i, measured }) =>
      measured.map((each, at) => ({ cell: i, at, far: Math.hypot(toX(each) - x, toY(each.accuracy) - y) })),
    );
    return found.length ? closest(found, ({ far }) => far) : null;
  }

  /** @param {number} step @param {number} higher */
  function moved(step, higher) {
    const all = drawable();
    if (all.length === 0) return null;
    const here = all.findIndex(({ i }) => i === place?.cell);
    if (!place || here < 0) return { cell: all[0].i, at: all[0].measured.length - 1 };
    if (higher === 0) return { cell: place.cell, at: Math.max(0, Math.min(all[here].measured.length - 1, place.at + step)) };
    const other = all[Math.max(0, Math.min(all.length - 1, here - higher))];
    const x = toX(all[here].measured[place.at]);
    const at = closest(
      other.measured.map((_, i) => i),
      (i) => Math.abs(toX(other.measured[i]) - x),
    );
    return { cell: other.i, at };
  }

  /** @param {number} cell */
  function called(cell) {
    const { at, curve } = cells()[cell];
    return `${shown?.looks[curve].name}${at.seed === undefined ? '' : `, seed ${at.seed}`}`;
  }

  /** @param {{ cell: number, at: number }} read */
  function told({ cell, at }) {
    const measured = measuredOf(cells()[cell])[at];
    return measured ? `${called(cell)} ${along().write(measured)}: ${percent(measured.accuracy)}` : called(cell);
  }

  /** @param {Sweep} sweep @param {import('./sweep.js').Look[]} looks */
  function update(sweep, looks) {
    shown = { sweep, looks };
    const ends = looks.map((_, curve) => {
      const last = sweep.cells.filter((cell) => cell.curve === curve).map((cell) => cell.test_accuracy);
      const known = last.filter((value) => value !== null);
      return known.length ? known.map((value) => percent(value)).join(', ') : 'no result';
    });
    const read = place && cells()[place.cell] ? place : null;
    const opens = open !== null && hasRuns(sweep);
    figure.list(
      looks,
      ends.map((text, curve) => (read && cells()[read.cell].curve === curve ? told(read).replace(`${looks[curve].name} `, '') : text)),
    );
    setText(
      figure.meaning,
      `Change the horizontal axis: the same trainings by passes over the data, by seconds of processor time, or by batches.${opens ? ' Click a line, or press Enter on it, to open its run.' : ''}`,
    );
    const readings = read ? told(read) : looks.map(({ name }, i) => `${name} ${ends[i]}`).join('; ');
    setAttribute(
      figure.plot,
      'aria-label',
      `Test accuracy by ${along().title}. ${readings}. Arrow keys read values${opens ? ', Enter opens a run' : ''}.`,
    );
    plot.redraw();
  }

  return { node: figure.node, update };
}
