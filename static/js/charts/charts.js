/**
 * All charts together: they share lanes, x axis, the part of it that is on show, and the cursor. Decides what has to be
 * made anew and what only grows, draws each animation frame that has something new, and shows the values under the cursor.
 */

import { rowsOf } from './chart-lines.js';
import { createChartPanel } from './chart-panel.js';
import { openTable } from './chart-table.js';
import { part } from '../ui/dom.js';
import { readPalette } from '../ui/palette.js';
import { axisEnd, X_AXES } from './axes/scales.js';
import { createChangeDetector } from '../model/changes.js';
import { goesOn, isOver } from '../model/page-state.js';
import { lengthOf } from '../model/replay.js';
import { weightFor } from '../model/smoothing.js';
import { createChartInput } from './chart-input.js';
import { createXView } from './axes/x-view.js';

/** What taking rows in may cost a frame; drawing comes on top. */
const BUDGET_MS = 4;
/** While something moves, one of the charts out of view is drawn this often, in case a picture of the whole page is taken. */
const UNSEEN_MS = 500;
const NARROWEST_STEPS = 8;
/** @type {import('./chart-panel.js').Spec[]} */
const CHARTS = [
  { name: 'train-loss', table: 'frames', metric: 'loss', measure: 'loss' },
  { name: 'train-accuracy', table: 'frames', metric: 'accuracy', measure: 'accuracy' },
  { name: 'test-accuracy', table: 'evaluations', metric: 'test_accuracy', measure: 'accuracy' },
  { name: 'test-loss', table: 'evaluations', metric: 'test_loss', measure: 'loss' },
  { name: 'gap-accuracy', table: 'evaluations', metric: 'test_accuracy', trained: 'train_accuracy', measure: 'accuracy' },
  { name: 'gap-loss', table: 'evaluations', metric: 'test_loss', trained: 'train_loss', measure: 'loss' },
];

/**
 * @param {HTMLElement} host
 * @param {object} options
 * @param {() => void} options.mark asks for an animation frame
 * @param {(text: string) => void} options.announce
 * @param {HTMLDialogElement} options.tables shows a chart as a table
 */
export function createCharts(host, { mark, announce, tables }) {
  const wholeAxis = /** @type {HTMLButtonElement | null} */ (host.querySelector('[data-part="whole"]'));
  let cursorMoved = false;
  let repaint = true;
  let resized = false;
  /** A chart came into sight. */
  let came = false;
  /** What the lines depend on: a change of any of it rebuilds them. */
  const linesChanged = createChangeDetector();
  const endChanged = createChangeDetector();
  /** What else than its range the x axis is laid out by. */
  const layoutChanged = createChangeDetector();
  const columnsChanged = createChangeDetector();
  const drawnChanged = createChangeDetector();
  /** One race, or several seeds of it: y ranges and the part on show are kept while it lasts. @type {unknown} */
  let race = null;
  /** @type {Scene['ghosts'] | null} */
  let ghostsBefore = null;
  /** @type {XAxisName | null} */
  let axis = null;
  let unfinished = false;
  let unseenAt = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let nextUnseen;
  let turn = 0;
  /** The lane that the charts of one lane are of. */
  let compared = 0;
  /** @type {import('./axes/scales.js').Range} */
  let x = { min: 0, max: 1 };
  /** @type {Scene | null} */
  let seen = null;

  const view = createXView({
    changed() {
      cursorMoved = true;
      mark();
    },
    zoomed(zoomed) {
      if (wholeAxis) wholeAxis.disabled = !zoomed;
    },
  });
  wholeAxis?.addEventListener('click', () => view.show(null));
  const panels = CHARTS.filter(({ name }) => host.querySelector(`[data-part="${name}"]`)).map((spec) => {
    const panel = createChartPanel(host, spec, { hovered: (at) => view.point(at, at !== null), mark, compared: () => compared });
    const { figure, plotHost, readout } = panel;
    createChartInput(plotHost, view, {
      select: (marked) => panels.forEach(({ chart }) => chart.select(marked)),
      furthest: () => Math.max(0, ...panels[0].lines.map(({ curve }) => curve.head()?.x ?? 0)),
      speak: (at) => seen && announce(readout.spoken(panel.own(seen), panel.lines, at)),
    });
    part(figure, 'as-table').addEventListener('click', () => {
      if (!seen) return;
      const scene = panel.own(seen);
      const { title, names, cells } = readout;
      openTable(tables, { title, lanes: names(panel.lines), range: x, read: (at) => cells(scene, panel.lines, at) });
    });
    return panel;
  });

  const sizes = new ResizeObserver(() => {
    resized = true;
    view.leave();
    mark();
  });
  // Browsers send no pointerleave when a chart moves away under a mouse at rest.
  document.addEventListener('pointermove', ({ target }) => {
    if (!(target instanceof Element && target.closest('.u-over'))) view.leave();
  });
  const sight = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const panel = panels.find(({ plotHost }) => plotHost === target);
        if (panel) panel.inSight = isIntersecting;
      }
      came = true;
      mark();
    },
    { rootMargin: '10%' },
  );
  for (const { plotHost } of panels) {
    sizes.observe(plotHost);
    sight.observe(plotHost);
  }

  /** Whether the lines of charts in view had to be rebuilt. @param {Scene} scene @param {number} deadline */
  function arrange(scene, deadline) {
    const { store, whole, plan, lanes, ghosts, series } = scene;
    const shownStores = [...(series?.members ?? []), store];
    const leader = {
      steps: Math.max(0, ...shownStores.flatMap((each) => each.lanes.map(({ frames }) => frames.count))),
      seconds: Math.max(...shownStores.map(lengthOf)),
      over: scene.state !== 'replaying' && scene.run !== null && isOver(scene.run),
      whole: scene.view.reach === 'plan',
    };
    const end = axisEnd(scene.view.x, plan, leader);
    const newRace = series ?? whole;
    const otherRace = newRace !== race;
    const few = Math.min(NARROWEST_STEPS, plan.totalSteps);
    const { of, stepAt } = X_AXES[scene.view.x];
    const narrowest = stepAt ? of(plan.totalSteps, 0, plan) - of(plan.totalSteps - few, 0, plan) : (end / plan.totalSteps) * few;
    view.reach(end, narrowest, otherRace ? 'forget' : axis === scene.view.x ? 'keep' : 'stretch');
    axis = scene.view.x;
    const { zoom } = view;
    // A closed chart has no width of its own.
    const columns = Math.max(...panels.map(({ chart }) => chart.columns));
    const smoothing = weightFor(scene.view.smoothing, plan.totalSteps);
    const members = series?.members.length ?? 0;
    const finished = members + (scene.state === 'finished' ? 1 : 0);
    // The store's tables come with the first message about a run, and are replaced if its rows have to be fetched again.
    const tables = [
      ...lanes.map(({ lane }) => rowsOf(whole, lane).frames),
      ...ghosts.flatMap(({ store }) => store.lanes.map(({ frames }) => frames)),
    ];
    const shownAs = [axis, zoom, columns, scene.view.loss_scale, smoothing, compared];
    const other = linesChanged(newRace, store, plan, lanes, members, finished, ghosts, ...shownAs, ...tables);
    if (!endChanged(end) && !other) return false;
    const range = zoom ?? (x.min === 0 && x.max === end ? x : { min: 0, max: end });
    const moved = range !== x;
    const laidOut = layoutChanged(axis, plan);
    x = range;
    const look = {
      range,
      columns,
      smoothing,
      finished,
      laidOut,
      elsewhere: laidOut || moved || columnsChanged(columns),
      zoomed: zoom !== null,
      other: { lines: otherRace || ghosts !== ghostsBefore, part: moved },
    };
    for (const panel of panels) {
      panel.arrange(scene, look, deadline);
      if (other) panel.lay(scene);
    }
    race = newRace;
    ghostsBefore = ghosts;
    cursorMoved = true;
    return true;
  }

  /** @param {import('./chart-panel.js').ChartPanel} panel @param {Scene} scene @param {{ anyway: boolean, repaint: boolean, done: boolean }} how */
  function draw(panel, scene, { anyway, repaint, done }) {
    const laid = panel.lay(scene);
    panel.draw(scene, { anyway, repaint, done });
    panel.behind = false;
    if (laid) panel.chart.point(view.cursor);
  }

  /** Charts out of sight, and behind a closed door, take turns. @param {Scene} scene */
  function drawUnseen(scene) {
    const behind = panels.filter((panel) => panel.behind);
    if (behind.length === 0) return;
    const moving = goesOn(scene.state);
    const wait = moving ? unseenAt + UNSEEN_MS - performance.now() : 0;
    clearTimeout(nextUnseen);
    // A replay that is held at a moment brings no other frame.
    if (!moving) mark();
    else nextUnseen = setTimeout(mark, wait > 0 ? wait : UNSEEN_MS);
    if (wait > 0) return;
    unseenAt = performance.now();
    draw(behind[turn++ % behind.length], scene, { anyway: false, repaint: false, done: true });
  }

  return {
    /** The values of each chart; they need not change as often as its curves. */
    readouts: panels.map((panel) => ({
      update: (/** @type {Scene} */ scene) => panel.readout.update(panel.own(scene), panel.lines, view.cursor, panel.ghosts),
    })),
    /** What one of them has on show, for a picture of it. @param {string} name */
    shown(name) {
      const panel = panels.find(({ figure }) => figure.dataset.chart === name);
      if (!panel) return null;
      if (seen) draw(panel, seen, { anyway: false, repaint: false, done: true });
      return panel.chart.shown;
    },
    /** Which lane the charts of one lane are of. @param {number} lane */
    compare(lane) {
      compared = lane;
      mark();
    },
    /** The theme changed, or all that is on show is another size. */
    repaint() {
      repaint = resized = true;
      mark();
    },
    /** Whether a part of the x axis is on show. */
    zoomed: () => view.zoom !== null,
    /** @param {Scene} scene @param {boolean} half its numbers and words are written in the next frame */
    update(scene, half) {
      const deadline = performance.now() + BUDGET_MS;
      seen = scene;
      if (resized) panels.forEach(({ chart }) => chart.resize());
      if (repaint) {
        const palette = readPalette();
        panels.forEach(({ chart }) => chart.paint(palette));
      }
      const arranged = arrange(scene, deadline);
      const { store } = scene;
      // Rows of ghosts arrive independently of the race's.
      const rows = scene.ghosts.reduce((sum, ghost) => sum + ghost.store.rowsVersion, store.rowsVersion);
      const fresh = drawnChanged(rows, store.runVersion, scene.state);
      const anyway = arranged || repaint || resized;
      const news = anyway || fresh || came || unfinished || panels.some(({ inSight, unsettled }) => inSight && unsettled);
      if (news) {
        unfinished = came = false;
        for (const panel of panels) {
          const done = panel.extend(scene, deadline);
          if (!done) unfinished = true;
          if (panel.inSight || repaint || resized) draw(panel, scene, { anyway, repaint, done });
          else panel.behind = true;
        }
        if (unfinished) mark();
      }
      if (!news || !half) drawUnseen(scene);
      if (cursorMoved) {
        for (const { chart, readout, lines, ghosts, own } of panels) {
          chart.point(view.cursor);
          if (!half) readout.update(own(scene), lines, view.cursor, ghosts);
        }
      }
      cursorMoved = repaint = resized = false;
    },
  };
}
