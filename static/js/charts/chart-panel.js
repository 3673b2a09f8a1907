/**
 * One of the charts on the page: its lines, made of the lanes' rows and kept as long as what they were made for, its y range
 * and its readout. When to draw, and what all charts share, is decided in charts.js.
 */

import { createChart } from './chart.js';
import { createCurve } from './curve.js';
import { createChangeDetector } from '../model/changes.js';
import { part } from '../ui/dom.js';
import { createEnsemble } from './ensemble.js';
import { flagsOf } from './rate-flags.js';
import { createReadout } from './readout.js';
import { PLACE, X_AXES } from './scales.js';
import { createStrokes } from './strokes.js';
import { createYRange } from './y-range.js';

/** @typedef {import('../types').Scene} Scene */
/** @typedef {import('../types').Store} Store */
/** @typedef {import('../types').Identity} Identity */
/** @typedef {import('./layer.js').Line} Line */
/** @typedef {{ name: string, table: 'frames' | 'evaluations', metric: string, measure: 'loss' | 'accuracy', floors: number[] }} Spec */
/**
 * @typedef {object} Look what the lines are made for
 * @property {import('./scales.js').Range} range of the x axis
 * @property {number} columns of pixels
 * @property {number} smoothing
 * @property {number} finished how many seeds are over
 * @property {boolean} zoomed only a part of the x axis is on show
 * @property {boolean} elsewhere x is laid out otherwise than before
 * @property {{ race: boolean, lines: boolean, part: boolean }} other what is another one than before
 */

/**
 * @param {HTMLElement} host of all charts
 * @param {Spec} spec
 * @param {object} options
 * @param {(x: number | null) => void} options.hovered
 * @param {() => void} options.mark asks for an animation frame
 */
export function createChartPanel(host, spec, { hovered, mark }) {
  const figure = part(host, spec.name);
  const plotHost = part(figure, 'plot');
  const byBatch = spec.table === 'frames';
  const readout = createReadout(figure, plotHost, spec);
  const ranges = createYRange(spec.measure, spec.floors);
  /** Kept while their table is. @type {Map<import('../types').Table, import('./curve.js').Curve>} */
  let curves = new Map();
  /** The curves with the lane whose rows, as far as they are on show, they take in. @type {[import('./curve.js').Curve, number | null][]} */
  let growing = [];
  /** @type {Line[]} */
  let lines = [];
  /** Ghosts, and the seed that is still running. @type {Line[]} */
  let thin = [];
  let zoomed = false;
  /** The y range is still on its way. */
  let unsettled = false;
  const drawnChanged = createChangeDetector();
  const chart = createChart(plotHost, {
    measure: spec.measure,
    raw: byBatch,
    dots: !byBatch,
    hovered,
    unsettled() {
      unsettled = true;
      mark();
    },
  });

  /** @param {Scene} scene */
  function scaleOf(scene) {
    return spec.measure === 'loss' ? scene.view.loss_scale : 'linear';
  }

  /** @param {Scene} scene @param {Look} look */
  function makeLines({ plan, view, lanes, whole, ghosts, series }, { range, columns, smoothing, finished, elsewhere }) {
    const axis = X_AXES[view.x];
    const place = PLACE[spec.measure === 'loss' ? view.loss_scale : 'linear'];
    const known = curves;
    curves = new Map();
    growing = [];
    /** @param {Store} store @param {Identity} lane @param {import('../types').Plan} [setup] */
    const curveOf = (store, { lane }, setup = plan) => {
      const table = rowsOf(store, lane)[spec.table];
      const step = byBatch ? (/** @type {number} */ row) => row + 1 : (/** @type {number} */ row) => table.column('step')[row];
      const before = curves.get(table) ?? known.get(table);
      const curve = before ?? createCurve(table, spec.metric, smoothing, step);
      curve.smooth(byBatch ? smoothing : 0);
      if (!before || (elsewhere && !curves.has(table)))
        curve.look((row) => axis.of(step(row), table.column('seconds')[row], setup), range, columns);
      curves.set(table, curve);
      growing.push([curve, store === whole ? lane : null]);
      return curve;
    };
    /** @param {Identity} lane @param {Line['curve']} curve */
    const line = (lane, curve, spread = false) => ({ lane, curve, strokes: createStrokes(curve, place), marks: [], end: null, spread });
    thin = ghosts.flatMap((ghost) => ghost.lanes.map((lane) => line(lane, curveOf(ghost.store, lane, ghost.plan))));
    lines = lanes.map((lane) => {
      const seeds = [...(series?.members ?? []), whole].map((store) => curveOf(store, lane));
      if (seeds.length === 1) return line(lane, seeds[0]);
      if (finished < seeds.length) thin.push(line(lane, seeds[seeds.length - 1]));
      return line(lane, createEnsemble(seeds, finished), true);
    });
  }

  /** Whether there was time for all that has come. @param {Scene} scene @param {number} deadline */
  function extend(scene, deadline) {
    let done = true;
    for (const [curve, lane] of growing) {
      const count = lane === null ? undefined : rowsOf(scene.store, lane)[spec.table].count;
      if (!curve.extend(count, deadline)) done = false;
    }
    return done;
  }

  /** @param {Scene} scene */
  function yRange(scene) {
    const standing = lines.filter(({ lane }) => scene.run?.lanes[lane.lane]?.status !== 'diverged');
    const drawn = [...standing, ...thin].map(({ curve }) => curve);
    const bests = spec.measure === 'loss' ? [] : standing.map(({ lane }) => best(rowsOf(scene.store, lane.lane).evaluations));
    return ranges.of(drawn, bests, { scale: scaleOf(scene), zoomed, bare: byBatch && scene.view.smoothing === 0 });
  }

  /** @param {Line} line @param {Scene} scene */
  function marks({ lane, curve }, scene) {
    const rows = rowsOf(scene.store, lane.lane);
    return flagsOf(scene.run?.lanes[lane.lane]?.learning_rate_changes ?? [], {
      curve,
      table: rows[spec.table],
      metric: spec.metric,
      frames: rows.frames,
      xOf: (step, seconds) => X_AXES[scene.view.x].of(step, seconds, scene.plan),
      log: scaleOf(scene) === 'log',
    });
  }

  return {
    figure,
    plotHost,
    chart,
    readout,
    get lines() {
      return lines;
    },
    get unsettled() {
      return unsettled;
    },
    /** Makes the lines anew. @param {Scene} scene @param {Look} look @param {number} deadline */
    arrange(scene, look, deadline) {
      makeLines(scene, look);
      extend(scene, deadline);
      const log = scaleOf(scene) === 'log';
      ranges.forget({ ...look.other, logged: log });
      zoomed = look.zoomed;
      chart.arrange({ lines, thin }, look.range, yRange(scene), { log, smoothed: look.smoothing > 0 });
      readout.arrange(scene, (look.range.max - look.range.min) / look.columns);
    },
    /**
     * Takes in what has come and draws it, if it changes the picture; whether there was time for all of it.
     * @param {Scene} scene
     * @param {number} deadline
     * @param {{ anyway: boolean, repaint: boolean }} how
     */
    draw(scene, deadline, { anyway, repaint }) {
      const done = extend(scene, deadline);
      for (const line of lines) {
        const status = scene.run?.lanes[line.lane.lane]?.status;
        line.marks = marks(line, scene);
        line.end = status === 'diverged' || status === 'failed' ? status : null;
      }
      const taken = growing.reduce((sum, [{ count }]) => sum + count, 0) + lines.reduce((sum, { marks }) => sum + marks.length, 0);
      const changed = drawnChanged(taken, scene.store.runVersion, done);
      if (anyway || changed || unsettled) {
        unsettled = false;
        chart.aim(yRange(scene));
        chart.draw(repaint);
      }
      return done;
    },
  };
}

/** @typedef {ReturnType<typeof createChartPanel>} ChartPanel */

/** @param {Store} store @param {number} lane @returns {import('../types').LaneRows} */
export function rowsOf(store, lane) {
  return store.lanes[lane] ?? NO_ROWS;
}

/** Before anything has run there is nothing to draw, but there are lanes. @type {import('../types').Table} */
const EMPTY = { count: 0, column: () => new Float32Array(0), append() {} };
const NO_ROWS = { frames: EMPTY, evaluations: EMPTY };

/** @param {import('../types').Table} evaluations */
function best(evaluations) {
  const accuracies = evaluations.column('test_accuracy');
  let most = 0;
  for (let row = 0; row < evaluations.count; row++) most = Math.max(most, accuracies[row]);
  return most;
}
