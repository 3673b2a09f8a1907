/**
 * The legend of one chart, which is also its values: each lane's newest ones, or those under the cursor, taken from
 * the full data and not from what is drawn. Keeps the chart's spoken summary up to date, calmly.
 */

import { placeAt } from './cursor-batch.js';
import { fillLegend } from '../ui/legend.js';
import { element, part, setAttribute, setText } from '../ui/dom.js';
import { createChangeDetector } from '../model/changes.js';
import { gapText } from '../model/gap.js';
import { count, loss, percent } from '../model/format.js';
import { axisName, X_AXES } from './axes/scales.js';

const SUMMARY_EVERY_MS = 2000;

/** @typedef {import('./layer.js').Line} Line */
/** @typedef {import('./cursor-batch.js').Place} Place */
/** @typedef {{ step: number | null, x: number, value: number, average: number }} Point */

/**
 * @param {HTMLElement} figure
 * @param {HTMLElement} plotHost
 * @param {import('./chart-panel.js').Spec} spec
 * @param {import('./end-labels.js').EndLabels} ends
 */
export function createReadout(figure, plotHost, { table, measure, trained }, ends) {
  const legend = part(figure, 'legend');
  const where = part(figure, 'where');
  const gap = trained ? part(figure, 'gap') : null;
  const title = part(figure, 'title').textContent ?? '';
  const resting = where.textContent ?? '';
  const write = measure === 'loss' ? loss : (/** @type {number} */ value) => percent(value);
  /** @type {{ main: HTMLElement, raw: HTMLElement, earlier: HTMLElement }[]} */
  let cells = [];
  const lanesChanged = createChangeDetector();
  let summarised = -Infinity;

  /** How much of the axis one pixel is wide. */
  let perPixel = 1;

  /** @param {Scene} scene @param {Line[]} lines @param {number} x */
  function placeOf({ store, plan, view }, lines, x) {
    const curves = lines.map(({ curve }) => curve);
    const trained = Math.max(
      0,
      ...store.lanes.map(({ frames }) => frames.count),
      ...curves.map((curve) => curve.nearest(plan.totalSteps) ?? 0),
    );
    return placeAt(x, { axis: view.x, plan, perPixel, trained, curves });
  }

  /** What a lane has at a place; its newest point without one. @param {Scene} scene @param {Line} line @param {Place | null} place */
  function pointOf({ store, view, plan }, { curve, lane }, place) {
    const head = curve.head();
    if (place === null || head === null) return head;
    // Nothing is known of a lane beyond its newest batch; an evaluation holds until the next one.
    const frames = store.lanes[lane.lane]?.frames;
    const steps = frames?.count ?? 0;
    const trained = steps > 0 ? X_AXES[view.x].of(steps, frames.column('seconds')[steps - 1], plan) : 0;
    return Math.max(head.x, trained) > place.after ? curve.read(place) : null;
  }

  /** Whether the word says more of a lane than its loss of 2.00e+34. @param {Scene} scene @param {Line} line */
  const diverged = ({ run }, { lane }) => measure === 'loss' && run?.lanes[lane.lane]?.status === 'diverged';

  /** @param {Scene} scene */
  const isSmoothed = ({ view }) => table === 'frames' && view.smoothing > 0;

  /** The batch a value is of, where the place does not name it. @param {Point} point @param {Place} place */
  const otherStep = (point, place) => (point.step === null || point.step === place.step ? '' : count(point.step));

  /** A place in words, then each lane's value there. @param {Scene} scene @param {Line[]} lines @param {number} x */
  function cellsAt(scene, lines, x) {
    const place = placeOf(scene, lines, x);
    const points = lines.map((line) => pointOf(scene, line, place));
    return [place.text, ...points.map((point) => spell(scene, point, place)), ...(gap ? [gapOf(points) || 'no value'] : [])];
  }

  /** How far apart the two lines of a lane are, in words. @param {(Point | null)[]} points */
  const gapOf = (points) => gapText(measure, ...points.map((point) => point?.value));

  /** What the cells are called. @param {Line[]} lines */
  const names = (lines) => [...lines.map(({ lane }) => lane.name), ...(gap ? ['gap'] : [])];

  return {
    title,
    names,
    cells: cellsAt,
    /** @param {Scene} scene @param {number} newPerPixel how much of the axis one pixel is wide */
    arrange(scene, newPerPixel) {
      perPixel = newPerPixel;
      if (!lanesChanged(scene.lanes)) return;
      ends.arrange(scene.lanes);
      cells = fillLegend(figure, legend, scene.lanes, () => [
        element('span', { class: 'value' }, '–'),
        element('span', { class: 'raw ellipsis' }),
        element('span', { class: 'earlier ellipsis' }),
      ]).map(([main, raw, earlier]) => ({ main, raw, earlier }));
    },
    /**
     * @param {Scene} scene
     * @param {Line[]} lines
     * @param {number | null} x
     * @param {Line[]} [ghosts] lines of earlier runs
     */
    update(scene, lines, x, ghosts = []) {
      const place = x === null ? null : placeOf(scene, lines, x);
      const smoothed = isSmoothed(scene);
      const points = lines.map((line) => pointOf(scene, line, place));
      if (gap) setText(gap, `gap ${gapOf(points) || '–'}`);
      lines.forEach((line, i) => {
        const point = points[i];
        const written = (/** @type {Point | null} */ read) => (read ? write(smoothed ? read.average : read.value) : '–');
        const newest = diverged(scene, line) ? 'diverged' : written(line.curve.head());
        setText(cells[i].main, place ? written(point) : newest);
        ends.write(i, newest);
        // The exact value changes too fast to be read while racing; under the cursor it stands still.
        const { deviation } = /** @type {{ deviation?: number }} */ (point ?? {});
        const exact = point && place && smoothed ? write(point.value) : '';
        // By seconds, each lane is at another batch: those stand in the table, where there is room.
        const other = point && place && place.step !== null ? otherStep(point, place) : '';
        setText(cells[i].raw, deviation === undefined ? exact || (other && `at ${other}`) : plusMinus(deviation));
        setText(cells[i].earlier, place ? earlierText(scene, line, ghosts, { ...place, step: point?.step ?? place.step }) : '');
        setAttribute(cells[i].raw, 'title', deviation === undefined ? null : 'Standard deviation over the seeds');
      });
      const unsmoothed = table === 'frames' && !smoothed ? 'every batch' : resting;
      const seeds = scene.series?.members.length ?? 0;
      setAttribute(figure, 'data-seeds', seeds > 0 ? '' : null);
      const what = seeds > 0 ? `mean of ${seeds + 1} seeds; band: lowest–highest` : unsmoothed;
      setText(where, place === null ? what : `at ${place.text}`);
      setAttribute(figure, 'data-hovered', x === null ? null : '');
      setAttribute(figure, 'data-resting', x === null && what === resting ? '' : null);
      const now = performance.now();
      if (now - summarised >= SUMMARY_EVERY_MS || scene.state !== 'racing') {
        summarised = now;
        setAttribute(plotHost, 'aria-label', summary(scene, lines));
      }
    },
    /**
     * The values at an x as one sentence.
     * @param {Scene} scene
     * @param {Line[]} lines
     * @param {number} x
     */
    spoken(scene, lines, x) {
      const [place, ...values] = cellsAt(scene, lines, x);
      return `${title} at ${place}: ${values.map((value, i) => `${names(lines)[i]} ${value}`).join(', ')}.`;
    },
  };

  /**
   * What the lane read there in earlier runs, "lr 0.01: 95.88 %".
   * @param {Scene} scene
   * @param {Line} line
   * @param {Line[]} ghosts
   * @param {Place} place with the batch that the lane's own value is of
   */
  function earlierText(scene, line, ghosts, place) {
    const twins = ghosts.filter(({ lane }) => lane.key === line.lane.key);
    const told = twins.map(({ curve, label }) => {
      const head = curve.head();
      return `${label}: ${spell(scene, head && head.x > place.after ? curve.read(place) : null, place)}`;
    });
    return told.join(' · ');
  }

  /** @param {Scene} scene @param {Line[]} lines */
  function summary(scene, lines) {
    // As it is heard, how the axis is scaled does not matter.
    const by = axisName(scene.view.x, 0);
    if (lines.every(({ curve }) => curve.count === 0)) return `${title} by ${by}: no values yet. Arrow keys move the cursor.`;
    const values = lines.map((line) => `${line.lane.name} ${diverged(scene, line) ? 'diverged' : spell(scene, line.curve.head())}`);
    if (gap) values.push(`gap ${gapOf(lines.map(({ curve }) => curve.head()))}`);
    return `${title} by ${by}, newest values: ${values.join(', ')}. Arrow keys move the cursor.`;
  }

  /** @param {number} value */
  function short(value) {
    return value < 0.001 ? value.toExponential(0) : value.toPrecision(2);
  }

  /** Without its unit: the mean before it has that. @param {number} deviation */
  function plusMinus(deviation) {
    if (Number.isNaN(deviation)) return '';
    return `± ${measure === 'loss' ? short(deviation) : (deviation * 100).toFixed(2)}`;
  }

  /** As the bold line has it. @param {Scene} scene @param {Point | null} point @param {Place | null} [place] */
  function spell(scene, point, place = null) {
    if (point === null) return 'no value';
    const other = place ? otherStep(point, place) : '';
    return `${write(isSmoothed(scene) ? point.average : point.value)}${other && ` (batch ${other})`}`;
  }
}
