/**
 * The four charts together: they share lanes, x axis, the part of it that is on show, and the cursor. Decides what has to be
 * made anew and what only grows, draws each animation frame that has something new, and shows the values under the cursor.
 */

import { createChart } from './chart.js';
import { openTable } from './chart-table.js';
import { createCurve } from './curve.js';
import { part } from './dom.js';
import { createEnsemble } from './ensemble.js';
import { createGestures } from './gestures.js';
import { marksOf } from './marks.js';
import { readPalette } from './palette.js';
import { createReadout } from './readout.js';
import { accuracyFloor, closeRange, HIGHEST_LOSS, lossRange, PLACE, X_AXES } from './scales.js';
import { weightFor } from './smoothing.js';
import { createStrokes } from './strokes.js';
import { fitWindow, panBy, zoomBy } from './zoom.js';

/** @typedef {import('./types').Scene} Scene */
/** @typedef {import('./types').Store} Store */
/** @typedef {import('./scales.js').Range} Range */

/** What taking rows in may cost a frame; drawing comes on top. */
const BUDGET_MS = 4;
const NARROWEST_STEPS = 8;
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
 * @param {HTMLDialogElement} options.tables shows a chart as a table
 * @param {(zoomed: boolean) => void} [options.zoomed] the charts show a part of the x axis now, or all of it
 */
export function createCharts(host, { mark, announce, tables, zoomed = () => {} }) {
  /** @type {number | null} */
  let hoverX = null;
  let hoverMoved = false;
  let byMouse = false;
  let repaint = true;
  let resized = false;
  /** What the lines were made for: a change of any of it makes them anew. @type {unknown[]} */
  let madeFor = [];
  /** One race, or several seeds of it: y ranges and the part on show are kept while it lasts. @type {unknown} */
  let race = null;
  /** @type {unknown} */
  let laid = null;
  /** What else than its range the x axis is laid out by. @type {unknown[]} */
  let look = [];
  /** @type {import('./types').Plan | null} */
  let planned = null;
  let unfinished = false;
  let drawnRows = -1;
  let drawnRun = -1;
  let drawnState = '';
  let end = 1;
  let narrowest = 0;
  /** The part of the x axis that is on show; null for all of it. @type {Range | null} */
  let zoom = null;
  let told = false;
  /** @type {Range} */
  let x = { min: 0, max: 1 };
  /** @type {Scene | null} */
  let seen = null;

  const panels = CHARTS.filter(({ name }) => host.querySelector(`[data-part="${name}"]`)).map((spec) => {
    const figure = part(host, spec.name);
    const plotHost = part(figure, 'plot');
    const chart = createChart(plotHost, {
      measure: spec.measure,
      raw: spec.table === 'frames',
      dots: spec.table === 'evaluations',
      hovered(at) {
        byMouse = at !== null;
        hover(at);
      },
      unsettled() {
        panel.unsettled = true;
        mark();
      },
    });
    plotHost.addEventListener('keydown', (event) => steer(event, panel));
    plotHost.addEventListener('blur', () => hover(null));
    createGestures(plotHost, {
      mark(from, to, done) {
        const marked = { min: place(Math.min(from, to)), max: place(Math.max(from, to)) };
        panels.forEach((each) => each.chart.select(done ? null : marked));
        if (done && marked.max > marked.min) show(marked);
      },
      unmark: () => panels.forEach((each) => each.chart.select(null)),
      move(by) {
        if (zoom) show(panBy(zoom, by * (zoom.max - zoom.min)));
        return zoom !== null;
      },
      stretch(before, after) {
        const [from, to] = before.map(place);
        const gap = after[1] - after[0];
        // Fingers that meet would ask for a point.
        if (Math.abs(gap) < 0.02) return;
        const width = (to - from) / gap;
        if (width > 0) show({ min: from - after[0] * width, max: from + (1 - after[0]) * width });
      },
      point: (at) => lead(place(Math.max(0, Math.min(1, at)))),
      reset: () => show(null),
    });
    part(figure, 'as-table').addEventListener('click', () => {
      if (!seen) return;
      const scene = seen;
      const { title, cells } = panel.readout;
      openTable(tables, { title, lanes: scene.lanes.map(({ name }) => name), range: x, read: (at) => cells(scene, panel.lines, at) });
    });
    const panel = {
      spec,
      chart,
      /** Kept while their table is. @type {Map<import('./types').Table, import('./curve.js').Curve>} */
      curves: new Map(),
      /** The curves with the lane whose rows, as far as they are on show, they take in. @type {[import('./curve.js').Curve, number | null][]} */
      growing: [],
      /** @type {import('./layer.js').Line[]} */
      lines: [],
      /** Ghosts, and the seed that is still running. @type {import('./layer.js').Line[]} */
      thin: [],
      readout: createReadout(figure, plotHost, spec),
      /** @type {Range | null} */
      loss: null,
      floor: 0,
      /** The y range of the part on show. @type {Range | null} */
      close: null,
      /** The y range is still on its way. */
      unsettled: false,
      drawnRows: -1,
      /** Rows, or another smoothing, are still being taken in. */
      late: false,
    };
    return panel;
  });

  const sizes = new ResizeObserver(() => {
    resized = true;
    mark();
  });
  for (const { spec } of panels) sizes.observe(part(part(host, spec.name), 'plot'));

  /** What the next frame will show: several keys and fingers may ask before it. */
  function shown() {
    return zoom ?? { min: 0, max: end };
  }

  /** The x at a share of the width, within the axis. @param {number} share */
  function place(share) {
    const { min, max } = shown();
    return Math.max(0, Math.min(end, min + share * (max - min)));
  }

  /** @param {number | null} value */
  function hover(value) {
    if (value === hoverX) return;
    hoverX = value;
    hoverMoved = true;
    mark();
  }

  /** With a key or a finger. @param {number | null} value */
  function lead(value) {
    byMouse = false;
    hover(value);
  }

  /** @param {Range | null} asked part of the x axis */
  function show(asked) {
    const before = shown();
    zoom = asked && fitWindow(asked, end, narrowest);
    // A mouse stays where it is, over another x.
    if (byMouse && hoverX !== null) hoverX = place((hoverX - before.min) / (before.max - before.min));
    tellZoom();
    mark();
  }

  function tellZoom() {
    if (told === (zoom !== null)) return;
    told = !told;
    zoomed(told);
  }

  /** @param {KeyboardEvent} event @param {typeof panels[number]} panel */
  function steer(event, panel) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const range = shown();
    const step = (range.max - range.min) / (event.shiftKey ? 10 : 100);
    const here = hoverX ?? Math.min(furthest(), range.max);
    /** @type {Record<string, number | null>} */
    const moves = { ArrowLeft: here - step, ArrowRight: here + step, Home: 0, End: furthest(), Escape: null };
    const factor = /** @type {Record<string, number>} */ ({ '+': 2, '=': 2, '-': 0.5 })[event.key];
    if (event.key === 'Escape' && hoverX === null) return;
    if (factor) show(zoomBy(range, factor, hoverX ?? (range.min + range.max) / 2));
    else if (event.key === '0') show(null);
    else if (event.key in moves) {
      const to = moves[event.key];
      const at = to === null ? null : Math.max(0, Math.min(end, to));
      lead(at);
      // What is on show follows the cursor.
      if (zoom && at !== null) show(panBy(zoom, Math.min(0, at - zoom.min) + Math.max(0, at - zoom.max)));
      if (seen && at !== null) announce(panel.readout.spoken(seen, panel.lines, at));
    } else return;
    event.preventDefault();
  }

  function furthest() {
    return Math.max(0, ...panels[0].lines.map(({ curve }) => curve.head()?.x ?? 0));
  }

  /** @param {Scene} scene @param {number} deadline */
  function arrange(scene, deadline) {
    const axis = X_AXES[scene.view.x];
    const { plan, view, lanes, whole, ghosts } = scene;
    const spent = Math.max(0, ...whole.lanes.map(({ frames }) => (frames.count > 0 ? frames.column('seconds')[frames.count - 1] : 0)));
    const newEnd = axis.end(plan, spent);
    const newRace = scene.series ?? whole;
    if (newRace !== race) zoom = null;
    // From one axis to another the same part is meant, as nearly as there is one.
    else if (zoom && look[0] !== view.x) zoom = { min: (zoom.min / end) * newEnd, max: (zoom.max / end) * newEnd };
    end = newEnd;
    narrowest = (end / plan.totalSteps) * Math.min(NARROWEST_STEPS, plan.totalSteps);
    tellZoom();
    // A closed chart has no width of its own.
    const columns = Math.max(...panels.map(({ chart }) => chart.columns));
    const smoothing = weightFor(view.smoothing, plan.totalSteps);
    const members = scene.series?.members ?? [];
    const finished = members.length + (scene.state === 'finished' ? 1 : 0);
    // The store's tables come with the first message about a run, and anew when its rows have to be asked for again.
    const tables = [...lanes.map(({ lane }) => rowsOf(whole, lane).frames), ...ghosts.flatMap(({ store }) => store.lanes.map(({ frames }) => frames))];
    const wanted = [newRace, scene.store, view.x, end, zoom, columns, view.loss_scale, smoothing, plan, lanes, members.length, finished, ghosts, ...tables];
    if (wanted.length === madeFor.length && wanted.every((each, i) => each === madeFor[i])) return false;
    madeFor = wanted;
    const range = zoom ?? (x.min === 0 && x.max === end ? x : { min: 0, max: end });
    const moved = range !== x;
    const elsewhere = moved || look.join() !== [view.x, columns].join() || plan !== planned;
    look = [view.x, columns];
    planned = plan;
    x = range;
    for (const panel of panels) {
      const { spec, curves } = panel;
      const logged = logScale(panel, scene);
      const place = PLACE[logged ? 'log' : 'linear'];
      panel.curves = new Map();
      panel.growing = [];
      /** @param {Store} store @param {import('./types').Identity} lane @param {import('./types').Plan} [course] */
      const curveOf = (store, { lane }, course = plan) => {
        const table = rowsOf(store, lane)[spec.table];
        const step = spec.table === 'frames' ? (/** @type {number} */ row) => row + 1 : (/** @type {number} */ row) => table.column('step')[row];
        const known = panel.curves.get(table) ?? curves.get(table);
        const curve = known ?? createCurve(table, spec.metric, smoothing);
        curve.smooth(spec.table === 'frames' ? smoothing : 0);
        if (!known || (elsewhere && !panel.curves.has(table))) curve.look((row) => axis.of(step(row), table.column('seconds')[row], course), x, columns);
        panel.curves.set(table, curve);
        panel.growing.push([curve, store === whole ? lane : null]);
        return curve;
      };
      /** @param {import('./types').Identity} lane @param {import('./layer.js').Line['curve']} curve */
      const line = (lane, curve, spread = false) => ({ lane, curve, strokes: createStrokes(curve, place), marks: [], end: null, spread });
      panel.thin = ghosts.flatMap((ghost) => ghost.lanes.map((lane) => line(lane, curveOf(ghost.store, lane, ghost.plan))));
      panel.lines = lanes.map((lane) => {
        const seeds = [...members, whole].map((store) => curveOf(store, lane));
        if (seeds.length === 1) return line(lane, seeds[0]);
        if (finished < seeds.length) panel.thin.push(line(lane, seeds[seeds.length - 1]));
        return line(lane, createEnsemble(seeds, finished), true);
      });
      extend(panel, scene, deadline);
      if (newRace !== race) panel.floor = 0;
      const others = newRace !== race || ghosts !== laid;
      if (others || (panel.loss !== null && (panel.loss.min === 0) === logged)) panel.loss = null;
      if (moved || others) panel.close = null;
      panel.chart.arrange(panel, x, yRange(panel, scene), { log: logged, smoothed: smoothing > 0 });
      panel.readout.arrange(scene);
    }
    race = newRace;
    laid = ghosts;
    hoverMoved = true;
    return true;
  }

  /** Whether there was time for all that has come. @param {typeof panels[number]} panel @param {Scene} scene @param {number} deadline */
  function extend(panel, scene, deadline) {
    let done = true;
    for (const [curve, lane] of panel.growing) {
      const count = lane === null ? undefined : rowsOf(scene.store, lane)[panel.spec.table].count;
      if (!curve.extend(count, deadline)) done = false;
    }
    return done;
  }

  /** @param {typeof panels[number]} panel @param {Scene} scene */
  function logScale({ spec }, scene) {
    return spec.measure === 'loss' && scene.view.loss_scale === 'log';
  }

  /** @param {typeof panels[number]} panel @param {Scene} scene @returns {Range} */
  function yRange(panel, scene) {
    const { measure, floors } = panel.spec;
    const scale = logScale(panel, scene) ? 'log' : 'linear';
    const standing = panel.lines.filter(({ lane }) => scene.run?.lanes[lane.lane]?.status !== 'diverged');
    const drawn = [...standing, ...panel.thin].map(({ curve }) => curve);
    const around = measure === 'loss' ? (panel.loss = lossRange(panel.loss, drawn, scale)) : accuracyRange();
    if (!zoom) return around;
    const seenSpans = drawn.map(({ buckets }) => span(buckets, panel.spec.table === 'frames' && scene.view.smoothing === 0));
    const lowest = Math.min(...seenSpans.map(({ min }) => min));
    const highest = Math.max(...seenSpans.map(({ max }) => max));
    if (lowest > highest) return panel.close ?? around;
    panel.close = closeRange(panel.close, { min: lowest, max: highest }, scale, measure === 'loss' ? HIGHEST_LOSS[scale] : 1);
    return measure === 'loss' ? panel.close : roomy(panel.close);

    function accuracyRange() {
      const bests = standing.map(({ lane }) => best(rowsOf(scene.store, lane.lane).evaluations));
      panel.floor = Math.max(panel.floor, accuracyFloor(bests, floors));
      return roomy({ min: panel.floor, max: 1 });
    }
  }

  /** @param {typeof panels[number]} panel @param {import('./layer.js').Line} line @param {Scene} scene */
  function marks({ spec }, { lane, curve }, scene) {
    const rows = rowsOf(scene.store, lane.lane);
    return marksOf(scene.run?.lanes[lane.lane]?.learning_rate_changes ?? [], {
      curve,
      table: rows[spec.table],
      metric: spec.metric,
      frames: rows.frames,
      xOf: (step, seconds) => X_AXES[scene.view.x].of(step, seconds, scene.plan),
      log: spec.measure === 'loss' && scene.view.loss_scale === 'log',
    });
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
    /** Shows all of the x axis again. */
    reset: () => show(null),
    /** @param {Scene} scene */
    update(scene) {
      const deadline = performance.now() + BUDGET_MS;
      seen = scene;
      if (resized) panels.forEach(({ chart }) => chart.resize());
      if (repaint) {
        const palette = readPalette();
        panels.forEach(({ chart }) => chart.paint(palette));
      }
      const arranged = arrange(scene, deadline);
      const { store } = scene;
      // Those of ghosts come in their own time.
      const rows = scene.ghosts.reduce((sum, ghost) => sum + ghost.store.rowsVersion, store.rowsVersion);
      const fresh = rows !== drawnRows || store.runVersion !== drawnRun || scene.state !== drawnState;
      if (arranged || fresh || unfinished || repaint || resized || panels.some(({ unsettled }) => unsettled)) {
        unfinished = false;
        for (const panel of panels) {
          const late = panel.late;
          panel.late = !extend(panel, scene, deadline);
          if (panel.late) unfinished = true;
          for (const line of panel.lines) {
            const status = scene.run?.lanes[line.lane.lane]?.status;
            line.marks = marks(panel, line, scene);
            line.end = status === 'diverged' || status === 'failed' ? status : null;
          }
          const taken = panel.growing.reduce((sum, [{ count }]) => sum + count, 0) + panel.lines.reduce((sum, { marks }) => sum + marks.length, 0);
          const still = taken === panel.drawnRows && store.runVersion === drawnRun && !panel.unsettled && late === panel.late;
          if (still && !arranged && !repaint && !resized) continue;
          panel.drawnRows = taken;
          panel.unsettled = false;
          panel.chart.aim(yRange(panel, scene));
          panel.chart.draw(repaint);
        }
        if (unfinished) mark();
      }
      if (hoverMoved) panels.forEach(({ chart }) => chart.point(hoverX));
      if (hoverMoved || arranged) panels.forEach(({ readout, lines }) => readout.update(scene, lines, hoverX));
      drawnRows = rows;
      drawnRun = store.runVersion;
      drawnState = scene.state;
      hoverMoved = repaint = resized = false;
    },
  };
}

/** @param {Store} store @param {number} lane @returns {import('./types').LaneRows} */
function rowsOf(store, lane) {
  return store.lanes[lane] ?? NO_ROWS;
}

/** A hair above 100 %, so that a line at the top is not cut in half. @param {Range} range @returns {Range} */
function roomy({ min, max }) {
  return { min, max: max === 1 ? 1 + (1 - min) * 0.015 : max };
}

/**
 * The lowest and the highest value on show.
 * @param {import('./buckets.js').Buckets} buckets
 * @param {boolean} raw without smoothing the raw line is the line
 */
function span(buckets, raw) {
  let min = Infinity;
  let max = -Infinity;
  for (let column = 0; column < buckets.end; column++) {
    if (!buckets.has(column)) continue;
    min = Math.min(min, raw ? buckets.low[column] : buckets.lastY[column]);
    max = Math.max(max, raw ? buckets.high[column] : buckets.lastY[column]);
  }
  // A part without points shows the line that crosses it.
  if (min > max && buckets.before && buckets.after) return { min: Math.min(buckets.before.y, buckets.after.y), max: Math.max(buckets.before.y, buckets.after.y) };
  return { min, max };
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
