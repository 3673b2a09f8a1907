/**
 * The four charts together: they share lanes, x axis and cursor. Decides what has to be made anew and what only
 * grows, draws each animation frame that has something new, and shows the values under the cursor.
 */

import { createChart } from './chart.js';
import { createCurve } from './curve.js';
import { part } from './dom.js';
import { readPalette } from './palette.js';
import { createReadout } from './readout.js';
import { accuracyFloor, lossRange, PLACE, X_AXES } from './scales.js';
import { createStrokes } from './strokes.js';

/** @typedef {import('./types').Scene} Scene */
/** @typedef {import('./scales.js').Range} Range */

// Higher ones would cut off how the slow lanes got there.
const FLOORS = [0, 0.5, 0.8];
/** @type {{ name: string, table: 'frames' | 'evaluations', metric: string, measure: 'loss' | 'accuracy', floors: number[] }[]} */
const CHARTS = [
  { name: 'train-loss', table: 'frames', metric: 'loss', measure: 'loss', floors: [] },
  { name: 'train-accuracy', table: 'frames', metric: 'accuracy', measure: 'accuracy', floors: FLOORS },
  { name: 'test-accuracy', table: 'evaluations', metric: 'test_accuracy', measure: 'accuracy', floors: FLOORS },
  { name: 'test-loss', table: 'evaluations', metric: 'test_loss', measure: 'loss', floors: [] },
];

/**
 * @param {HTMLElement} host
 * @param {object} options
 * @param {() => void} options.mark asks for an animation frame
 * @param {(text: string) => void} options.announce
 */
export function createCharts(host, { mark, announce }) {
  /** @type {number | null} */
  let hoverX = null;
  let hoverMoved = false;
  let repaint = true;
  let resized = false;
  /** What the curves were made for: a change of any of it makes them anew. @type {unknown[]} */
  let madeFor = [];
  /** @type {import('./types').Store | null} */
  let madeFrom = null;
  let drawnRows = -1;
  let drawnRun = -1;
  let drawnState = '';
  /** @type {Range} */
  let x = { min: 0, max: 1 };
  /** @type {Scene | null} */
  let seen = null;

  const panels = CHARTS.map((spec) => {
    const figure = part(host, spec.name);
    const plotHost = part(figure, 'plot');
    const chart = createChart(plotHost, {
      measure: spec.measure,
      raw: spec.table === 'frames',
      dots: spec.table === 'evaluations',
      hovered: hover,
      unsettled() {
        panel.unsettled = true;
        mark();
      },
    });
    plotHost.addEventListener('keydown', (event) => steer(event, spec.name));
    plotHost.addEventListener('blur', () => hover(null));
    for (const kind of /** @type {const} */ (['pointerdown', 'pointermove'])) {
      plotHost.addEventListener(kind, (event) => {
        if (event.pointerType === 'touch') touch(event, plotHost);
      });
    }
    const panel = {
      spec,
      chart,
      readout: createReadout(figure, plotHost, spec),
      /** @type {import('./layer.js').Line[]} */
      lines: [],
      /** @type {Range | null} */
      loss: null,
      floor: 0,
      /** The y range is still on its way. */
      unsettled: false,
      drawnRows: -1,
    };
    return panel;
  });

  const sizes = new ResizeObserver(() => {
    resized = true;
    mark();
  });
  for (const { name } of CHARTS) sizes.observe(part(host, name));

  /** @param {number | null} value */
  function hover(value) {
    if (value === hoverX) return;
    hoverX = value;
    hoverMoved = true;
    mark();
  }

  /** uPlot listens to the mouse only. @param {PointerEvent} event @param {HTMLElement} plotHost */
  function touch(event, plotHost) {
    const over = plotHost.querySelector('.u-over')?.getBoundingClientRect();
    if (!over) return;
    const share = (event.clientX - over.left) / over.width;
    hover(x.min + Math.max(0, Math.min(1, share)) * (x.max - x.min));
  }

  /** @param {KeyboardEvent} event @param {string} name */
  function steer(event, name) {
    const step = (x.max - x.min) / (event.shiftKey ? 10 : 100);
    const here = hoverX ?? furthest();
    /** @type {Record<string, number | null>} */
    const moves = { ArrowLeft: here - step, ArrowRight: here + step, Home: x.min, End: furthest(), Escape: null };
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const to = moves[event.key];
    hover(to === null ? null : Math.max(x.min, Math.min(x.max, to)));
    const panel = panels.find(({ spec }) => spec.name === name);
    if (panel && seen && hoverX !== null) announce(panel.readout.spoken(seen, panel.lines, hoverX));
  }

  function furthest() {
    return Math.max(x.min, ...panels[0].lines.map(({ curve }) => curve.head()?.x ?? x.min));
  }

  /** @param {Scene} scene */
  function arrange(scene) {
    const axis = X_AXES[scene.view.x];
    const spent = Math.max(0, ...scene.store.lanes.map(({ frames }) => (frames.count > 0 ? frames.column('seconds')[frames.count - 1] : 0)));
    const end = axis.end(scene.plan, spent);
    // A closed chart has no width of its own.
    const columns = Math.max(...panels.map(({ chart }) => chart.columns));
    const { loss_scale } = scene.view;
    // An average over more than a tenth of all batches tells what was, not what is.
    const smoothing = Math.max(0, Math.min(scene.view.smoothing, 1 - 10 / scene.plan.totalSteps));
    // The store's tables come with the first message about a run, and anew when its rows have to be asked for again.
    const tables = scene.lanes.map(({ lane }) => rowsOf(scene, lane).frames);
    const wanted = [scene.store, scene.view.x, end, columns, loss_scale, smoothing, scene.plan, scene.lanes, ...tables];
    if (wanted.length === madeFor.length && wanted.every((each, i) => each === madeFor[i])) return false;
    const sameRun = scene.store === madeFrom;
    madeFor = wanted;
    madeFrom = scene.store;
    x = { min: 0, max: end };
    for (const panel of panels) {
      const { spec } = panel;
      const log = spec.measure === 'loss' && loss_scale === 'log';
      panel.lines = scene.lanes.map((lane) => {
        const table = rowsOf(scene, lane.lane)[spec.table];
        const xOf = (/** @type {number} */ row) => {
          const step = spec.table === 'frames' ? row + 1 : table.column('step')[row];
          return axis.of(step, table.column('seconds')[row], scene.plan);
        };
        const curve = createCurve({
          table,
          metric: spec.metric,
          xOf,
          smoothing: spec.table === 'frames' ? smoothing : 0,
          columns,
          range: x,
        });
        curve.extend();
        return { lane, curve, strokes: createStrokes(curve.buckets, PLACE[log ? 'log' : 'linear']), end: null };
      });
      const keepsRange = sameRun && panel.loss !== null && (panel.loss.min === 0) === (loss_scale === 'linear');
      if (!keepsRange) panel.loss = null;
      if (!sameRun) panel.floor = 0;
      panel.chart.arrange(panel.lines, x, yRange(panel, scene), { log, smoothed: smoothing > 0 });
      panel.readout.arrange(scene);
    }
    hoverMoved = true;
    return true;
  }

  /** @param {typeof panels[number]} panel @param {Scene} scene @returns {Range} */
  function yRange(panel, scene) {
    const standing = panel.lines.filter(({ lane }) => scene.run?.lanes[lane.lane]?.status !== 'diverged');
    if (panel.spec.measure === 'loss') {
      panel.loss = lossRange(panel.loss, standing.map(({ curve }) => curve), scene.view.loss_scale);
      return panel.loss;
    }
    const bests = standing.map(({ lane }) => best(rowsOf(scene, lane.lane).evaluations));
    panel.floor = Math.max(panel.floor, accuracyFloor(bests, panel.spec.floors));
    // A hair above 100 %, so that a line at the top is not cut in half.
    return { min: panel.floor, max: 1 + (1 - panel.floor) * 0.015 };
  }

  return {
    /** The values of each chart; they need not change as often as its curves. */
    readouts: panels.map((panel) => ({
      update: (/** @type {Scene} */ scene) => panel.readout.update(scene, panel.lines, hoverX),
    })),
    /** The theme changed. */
    repaint() {
      repaint = true;
      mark();
    },
    /** @param {Scene} scene */
    update(scene) {
      seen = scene;
      if (resized) panels.forEach(({ chart }) => chart.resize());
      if (repaint) {
        const palette = readPalette();
        panels.forEach(({ chart }) => chart.paint(palette));
      }
      const arranged = arrange(scene);
      const { store } = scene;
      const fresh = store.rowsVersion !== drawnRows || store.runVersion !== drawnRun || scene.state !== drawnState;
      if (arranged || fresh || repaint || resized || panels.some(({ unsettled }) => unsettled)) {
        for (const panel of panels) {
          for (const line of panel.lines) {
            line.curve.extend();
            const status = scene.run?.lanes[line.lane.lane]?.status;
            line.end = status === 'diverged' || status === 'failed' ? status : null;
          }
          const rows = panel.lines.reduce((sum, { curve }) => sum + curve.count, 0);
          const still = rows === panel.drawnRows && store.runVersion === drawnRun && !panel.unsettled;
          if (still && !arranged && !repaint && !resized) continue;
          panel.drawnRows = rows;
          panel.unsettled = false;
          panel.chart.aim(yRange(panel, scene));
          panel.chart.draw(repaint);
        }
      }
      if (hoverMoved) panels.forEach(({ chart }) => chart.point(hoverX));
      if (hoverMoved || arranged) panels.forEach(({ readout, lines }) => readout.update(scene, lines, hoverX));
      drawnRows = store.rowsVersion;
      drawnRun = store.runVersion;
      drawnState = scene.state;
      hoverMoved = repaint = resized = false;
    },
  };
}

/** @param {Scene} scene @param {number} lane @returns {import('./types').LaneRows} */
function rowsOf(scene, lane) {
  return scene.store.lanes[lane] ?? NO_ROWS;
}

/** Before anything has run there is nothing to draw, but there are lanes. @type {import('./types').Table} */
const EMPTY = { count: 0, column: () => new Float32Array(0), append() {} };
const NO_ROWS = { frames: EMPTY, evaluations: EMPTY };

/** @param {import('./types').Table} evaluations */
function best(evaluations) {
  const accuracies = evaluations.column('test_accuracy');
  let most = 0;
  for (let row = 0; row < evaluations.count; row++) most = Math.max(most, accuracies[row]);
  return most;
}
