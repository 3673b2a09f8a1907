/** The lines of one chart: made of the lanes' rows, kept as long as what they are made for, and extended as rows come. */

import { createCurve } from './curve.js';
import { createEnsemble } from './ensemble.js';
import { PLACE, X_AXES } from './axes/scales.js';
import { createStrokes } from './strokes.js';

/** @typedef {import('./layer.js').Line} Line */
/** @typedef {import('./chart-panel.js').Spec} Spec */
/** @typedef {import('./chart-panel.js').Look} Look */
/** @typedef {(value: number) => number} Place */

/** @param {Spec} spec */
export function createChartLines(spec) {
  const byBatch = spec.table === 'frames';
  /** Kept while their table is. @type {Map<Table, import('./curve.js').Curve>} */
  let curves = new Map();
  /** What is traced of a curve, kept with it: an axis that grows leaves it where it is. @type {WeakMap<Line['curve'], { place: Place, strokes: Line['strokes'] }>} */
  const traced = new WeakMap();
  /** The curves with the lane whose rows, as far as they are on show, they take in. @type {[import('./curve.js').Curve, number | null][]} */
  let growing = [];

  /** @param {Line['curve']} curve @param {Place} place */
  function strokesOf(curve, place) {
    const before = traced.get(curve);
    if (before?.place === place) return before.strokes;
    const strokes = createStrokes(curve, place);
    traced.set(curve, { place, strokes });
    return strokes;
  }

  const made = {
    /** @type {Line[]} */
    lines: [],
    /** Of the seed that is still running. @type {Line[]} */
    thin: [],
    /** Of earlier runs. @type {Line[]} */
    ghosts: [],
    /** How many rows they have taken in. */
    get rows() {
      return growing.reduce((sum, [{ count }]) => sum + count, 0);
    },
    /** Rebuilds the lines. @param {Scene} scene @param {Look} look */
    make({ plan, view, lanes, whole, ghosts, series }, { range, columns, smoothing, finished, elsewhere, laidOut }) {
      const axis = X_AXES[view.x];
      const place = PLACE[scaleOf(spec, view)];
      const known = curves;
      curves = new Map();
      growing = [];
      /** @param {Store} store @param {Identity} lane @param {Plan} [setup] */
      const curveOf = (store, { lane }, setup = plan) => {
        const table = rowsOf(store, lane)[spec.table];
        const step = byBatch ? (/** @type {number} */ row) => row + 1 : (/** @type {number} */ row) => table.column('step')[row];
        const before = curves.get(table) ?? known.get(table);
        const curve = before ?? createCurve(table, spec.metric, smoothing, step);
        curve.smooth(byBatch ? smoothing : 0);
        if (!before || (elsewhere && !curves.has(table)))
          curve.look((row) => axis.of(step(row), table.column('seconds')[row], setup), range, columns, !laidOut);
        curves.set(table, curve);
        growing.push([curve, store === whole ? lane : null]);
        return curve;
      };
      /** @param {Identity} lane @param {Line['curve']} curve */
      const line = (lane, curve, spread = false) => ({
        lane,
        curve,
        strokes: strokesOf(curve, place),
        flags: [],
        passings: [],
        end: null,
        spread,
      });
      made.thin = [];
      made.ghosts = ghosts.flatMap(({ store, plan, lanes, label }) =>
        lanes.map((lane) => ({ ...line(lane, curveOf(store, lane, plan)), label })),
      );
      made.lines = lanes.map((lane) => {
        const seeds = [...(series?.members ?? []), whole].map((store) => curveOf(store, lane));
        if (seeds.length === 1) return line(lane, seeds[0]);
        if (finished < seeds.length) made.thin.push(line(lane, seeds[seeds.length - 1]));
        return line(lane, createEnsemble(seeds, finished), true);
      });
    },
    /** Whether there was time for all that has come. @param {Scene} scene @param {number} deadline */
    extend(scene, deadline) {
      let done = true;
      for (const [curve, lane] of growing) {
        const count = lane === null ? undefined : rowsOf(scene.store, lane)[spec.table].count;
        if (!curve.extend(count, deadline)) done = false;
      }
      return done;
    },
  };
  return made;
}

/** The two lines of one lane, whose rows are of one table. Earlier runs are not laid under them. @param {Spec} spec @param {string} trained the metric on digits it is trained on */
export function createPairLines(spec, trained) {
  const sides = [trained, spec.metric].map((metric) => createChartLines({ ...spec, metric }));
  const pair = {
    /** @type {Line[]} */
    lines: [],
    /** @type {Line[]} */
    thin: [],
    /** @type {Line[]} */
    ghosts: [],
    get rows() {
      return sides.reduce((sum, { rows }) => sum + rows, 0);
    },
    /** @param {Scene} scene of these two lanes @param {Look} look */
    make(scene, look) {
      sides.forEach((side, i) => side.make({ ...scene, lanes: [scene.lanes[i]], ghosts: [] }, look));
      pair.lines = sides.flatMap(({ lines }) => lines);
      pair.thin = sides.flatMap(({ thin }) => thin);
    },
    /** @param {Scene} scene @param {number} deadline */
    extend: (scene, deadline) => sides.map((side) => side.extend(scene, deadline)).every(Boolean),
  };
  return pair;
}

/** @param {Spec} spec @param {ViewChoices} view */
export function scaleOf({ measure }, view) {
  return measure === 'loss' ? view.loss_scale : 'linear';
}

/** @param {Store} store @param {number} lane @returns {LaneRows} */
export function rowsOf(store, lane) {
  return store.lanes[lane] ?? NO_ROWS;
}

/** Before anything has run there is nothing to draw, but there are lanes. @type {Table} */
const EMPTY = { count: 0, column: () => new Float32Array(0), append() {} };
const NO_ROWS = { frames: EMPTY, evaluations: EMPTY };
