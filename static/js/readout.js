/**
 * The legend of one chart, which is also its values: each lane's newest ones, or those under the cursor, taken from
 * the full data and not from what is drawn. Keeps the chart's spoken summary up to date, calmly.
 */

import { element, part, setAttribute, setText, swatch } from './dom.js';
import { count, loss, percent, seconds } from './format.js';
import { X_AXES } from './scales.js';

const SUMMARY_EVERY_MS = 2000;

/** @typedef {import('./types').Scene} Scene */
/** @typedef {import('./layer.js').Line} Line */

/**
 * @param {HTMLElement} figure
 * @param {HTMLElement} plotHost
 * @param {{ table: 'frames' | 'evaluations', measure: 'loss' | 'accuracy' }} spec
 */
export function createReadout(figure, plotHost, { table, measure }) {
  const legend = part(figure, 'legend');
  const where = part(figure, 'where');
  const title = part(figure, 'title').textContent ?? '';
  const resting = where.textContent ?? '';
  const write = measure === 'loss' ? loss : (/** @type {number} */ value) => percent(value);
  /** @type {{ main: HTMLElement, raw: HTMLElement }[]} */
  let cells = [];
  /** @type {Scene['lanes'] | null} */
  let madeFor = null;
  let summarised = -Infinity;

  /** @param {Line} line @param {number | null} x */
  function valueOf({ curve, lane }, x) {
    const head = curve.head();
    if (x === null || head === null) return head;
    // Nothing is known of a lane beyond its newest batch; an evaluation holds until the next one.
    const furthest = Math.max(head.x, furthestOf.get(lane.lane) ?? 0);
    return x > furthest * 1.002 ? null : curve.at(x);
  }

  /** How far each lane has trained, in x: an evaluation is older than the newest batch. @type {Map<number, number>} */
  const furthestOf = new Map();

  return {
    title,
    /** A place in words, then each lane's value there. @param {Scene} scene @param {Line[]} lines @param {number} x */
    cells: (scene, lines, x) => [place(scene, x).slice(3), ...lines.map((line) => spell(valueOf(line, x)))],
    /** @param {Scene} scene */
    arrange(scene) {
      if (scene.lanes === madeFor) return;
      madeFor = scene.lanes;
      legend.replaceChildren();
      setAttribute(figure, 'data-many', scene.lanes.length > 3 ? '' : null);
      cells = scene.lanes.map((lane) => {
        const main = element('span', { class: 'value' }, '–');
        const raw = element('span', { class: 'raw' });
        legend.append(
          element('li', { 'data-lane': String(lane.lane), 'data-tint': lane.tint }, element('span', { class: 'name' }, swatch(lane), lane.name), element('span', { class: 'values' }, main, raw)),
        );
        return { main, raw };
      });
    },
    /**
     * @param {Scene} scene
     * @param {Line[]} lines
     * @param {number | null} x
     */
    update(scene, lines, x) {
      for (const { lane } of lines) {
        const frames = scene.store.lanes[lane.lane]?.frames;
        const steps = frames?.count ?? 0;
        const spent = steps > 0 ? frames.column('seconds')[steps - 1] : 0;
        furthestOf.set(lane.lane, X_AXES[scene.view.x].of(steps, spent, scene.plan));
      }
      const smoothed = table === 'frames' && scene.view.smoothing > 0;
      lines.forEach((line, i) => {
        const point = valueOf(line, x);
        // A loss of 2.00e+34 says less.
        const diverged = measure === 'loss' && x === null && scene.run?.lanes[line.lane.lane]?.status === 'diverged';
        const value = point ? write(smoothed ? point.average : point.value) : '–';
        setText(cells[i].main, diverged ? 'diverged' : value);
        // The exact value moves too fast to be read while racing; under the cursor it stands still.
        const { deviation } = /** @type {{ deviation?: number }} */ (point ?? {});
        const exact = point && smoothed && x !== null ? write(point.value) : '';
        setText(cells[i].raw, deviation === undefined ? exact : plusMinus(deviation));
        setAttribute(cells[i].raw, 'title', deviation === undefined ? null : 'Standard deviation over the seeds');
      });
      const unsmoothed = table === 'frames' && !smoothed ? 'every batch' : resting;
      const seeds = scene.series?.members.length ?? 0;
      setAttribute(figure, 'data-seeds', seeds > 0 ? '' : null);
      const what = seeds > 0 ? `mean of ${seeds + 1} seeds; band: lowest–highest` : unsmoothed;
      setText(where, x === null ? what : place(scene, x));
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
      const values = lines.map((line) => `${line.lane.name} ${spell(valueOf(line, x))}`);
      return `${title} ${place(scene, x)}: ${values.join(', ')}.`;
    },
  };

  /** @param {Scene} scene @param {Line[]} lines */
  function summary(scene, lines) {
    const axis = X_AXES[scene.view.x];
    if (lines.every(({ curve }) => curve.count === 0)) return `${title} by ${axis.label}: no values yet. Arrow keys move the cursor.`;
    const values = lines.map(({ lane, curve }) => `${lane.name} ${spell(curve.head())}`);
    return `${title} by ${axis.label}, newest values: ${values.join(', ')}. Arrow keys move the cursor.`;
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

  /** @param {{ value: number, average: number } | null} point */
  function spell(point) {
    return point ? write(point.average) : 'no value';
  }

  /** @param {Scene} scene @param {number} x */
  function place(scene, x) {
    const { plan, view } = scene;
    if (view.x === 'seconds') return `at ${seconds(x)}`;
    if (view.x === 'epoch') return `at epoch ${x.toFixed(2)}, step ${count(Math.round(x * plan.batchesPerEpoch))}`;
    if (view.x === 'examples') return `at ${count(x)} examples`;
    return `at step ${count(x)}`;
  }
}
