/** One of the charts on the page: its lines, its y range and its readout. charts.js decides what all charts share, and when to draw. */

import { createChart } from './chart.js';
import { createEndLabels } from './end-labels.js';
import { createChartLines, createPairLines, rowsOf, scaleOf } from './chart-lines.js';
import { createChangeDetector } from '../model/changes.js';
import { sidesOf } from '../model/gap.js';
import { part } from '../ui/dom.js';
import { flagsOf, lastOverAll, momentsOf } from './rate-flags.js';
import { createReadout } from './readout.js';
import { X_AXES } from './axes/scales.js';
import { createYRange } from './axes/y-range.js';

/** @typedef {import('./layer.js').Line} Line */
/** @typedef {{ name: string, table: 'frames' | 'evaluations', metric: string, measure: 'loss' | 'accuracy', trained?: string }} Spec with `trained`, a metric, it is of one lane alone */
/**
 * @typedef {object} Look what the lines are made for
 * @property {import('./axes/scales.js').Range} range of the x axis
 * @property {number} columns of pixels
 * @property {number} smoothing
 * @property {number} finished how many seeds are over
 * @property {boolean} zoomed only a part of the x axis is on show
 * @property {boolean} laidOut x is laid out otherwise than before
 * @property {boolean} elsewhere the same, or in another range
 * @property {{ lines: boolean, part: boolean }} other what is another one than before
 */

/**
 * @param {HTMLElement} host of all charts
 * @param {Spec} spec
 * @param {object} options
 * @param {(x: number | null) => void} options.hovered
 * @param {() => void} options.mark asks for an animation frame
 * @param {() => number} options.compared the lane that a chart of one lane is of
 */
export function createChartPanel(host, spec, { hovered, mark, compared }) {
  const figure = part(host, spec.name);
  const plotHost = part(figure, 'plot');
  /** How many digits that a lane is trained on it is evaluated on. */
  const sample = Number(figure.closest('[data-sample]')?.getAttribute('data-sample'));
  const byBatch = spec.table === 'frames';
  const ends = createEndLabels(plotHost);
  const readout = createReadout(figure, plotHost, spec, ends);
  const { trained } = spec;
  const chartLines = trained ? createPairLines(spec, trained) : createChartLines(spec);
  const ranges = createYRange(spec.measure, trained !== undefined);
  let zoomed = false;
  const drawnChanged = createChangeDetector();
  const chart = createChart(plotHost, {
    measure: spec.measure,
    raw: byBatch,
    dots: !byBatch,
    tapes: spec.metric === 'test_accuracy' && !trained,
    gap: trained !== undefined,
    ends,
    hovered,
    unsettled() {
      panel.unsettled = true;
      mark();
    },
  });

  const pairChanged = createChangeDetector();
  /** @type {Identity[]} */
  let pair = [];

  /** What this chart has of a scene: as lanes, the two lines of the one it is of. @param {Scene} scene */
  function own(scene) {
    if (!trained) return scene;
    const lane = scene.lanes[Math.min(compared(), scene.lanes.length - 1)];
    if (pairChanged(lane)) pair = sidesOf(lane);
    return { ...scene, lanes: pair };
  }

  /** @param {Scene} scene */
  function yRange(scene) {
    const { lines, thin, ghosts } = chartLines;
    const standing = lines.filter(({ lane }) => scene.run?.lanes[lane.lane]?.status !== 'diverged');
    const drawn = [...standing, ...thin, ...ghosts].map(({ curve }) => curve);
    return ranges.of(drawn, { scale: scaleOf(spec, scene.view), zoomed, bare: byBatch && scene.view.smoothing === 0 });
  }

  /** @param {Line} line @param {Scene} scene @param {string} metric */
  function flags({ lane, curve }, scene, metric) {
    const rows = rowsOf(scene.store, lane.lane);
    const moments =
      metric === trained
        ? lastOverAll(scene.run, lane.lane, sample)
        : momentsOf(scene.run, lane.lane, metric, scene.view.x === 'epoch' ? scene.plan.batchesPerEpoch : 0);
    return flagsOf(moments, {
      curve,
      table: rows[spec.table],
      metric,
      frames: rows.frames,
      xOf: (step, seconds) => X_AXES[scene.view.x].of(step, seconds, scene.plan),
      log: scaleOf(spec, scene.view) === 'log',
    });
  }

  const panel = {
    figure,
    plotHost,
    chart,
    readout,
    /** It has to be drawn again: its layout has changed, or the y range is still moving. */
    unsettled: false,
    own,
    /** Whether it is in the window, or nearly. */
    inSight: true,
    /** There is more to draw than it shows. */
    behind: false,
    /** What it is arranged for and not laid out yet. @type {Look | null} */
    pending: null,
    get lines() {
      return chartLines.lines;
    },
    get ghosts() {
      return chartLines.ghosts;
    },
    /** Rebuilds the lines, which the next lay() draws. @param {Scene} whole @param {Look} look @param {number} deadline */
    arrange(whole, look, deadline) {
      const scene = own(whole);
      chartLines.make(scene, look);
      chartLines.extend(scene, deadline);
      ranges.forget({ ...look.other, logged: scaleOf(spec, scene.view) === 'log' });
      zoomed = look.zoomed;
      readout.arrange(scene, (look.range.max - look.range.min) / look.columns);
      panel.pending = look;
    },
    /** Lays out the chart as it was arranged; whether there was anything to do. @param {Scene} whole */
    lay(whole) {
      const scene = own(whole);
      const look = panel.pending;
      if (look === null) return false;
      panel.pending = null;
      panel.unsettled = true;
      chart.arrange(chartLines, look.range, yRange(scene), {
        log: scaleOf(spec, scene.view) === 'log',
        smoothed: look.smoothing > 0,
        axis: { name: scene.view.x, plan: scene.plan },
      });
      return true;
    },
    /** Takes in what has come; whether there was time for all of it. @param {Scene} whole @param {number} deadline */
    extend: (whole, deadline) => chartLines.extend(own(whole), deadline),
    /**
     * Draws what has been taken in, if it changes the picture.
     * @param {Scene} whole
     * @param {{ anyway: boolean, repaint: boolean, done: boolean }} how
     */
    draw(whole, { anyway, repaint, done }) {
      const scene = own(whole);
      const { lines } = chartLines;
      if (trained && lines.length > 0) lines[0].flags = flags(lines[0], scene, trained);
      for (const line of trained ? lines.slice(1) : lines) {
        const status = scene.run?.lanes[line.lane.lane]?.status;
        line.flags = flags(line, scene, spec.metric);
        line.passings = (scene.run?.lanes[line.lane.lane]?.reached ?? []).map(({ accuracy, step, seconds }) => ({
          x: X_AXES[scene.view.x].of(step, seconds, scene.plan),
          accuracy,
          step,
        }));
        line.end = status === 'diverged' || status === 'failed' ? status : null;
      }
      const taken = chartLines.rows + lines.reduce((sum, { flags }) => sum + flags.length, 0);
      const changed = drawnChanged(taken, scene.store.runVersion, done);
      if (anyway || changed || panel.unsettled) {
        panel.unsettled = false;
        chart.aim(yRange(scene));
        chart.draw(repaint, !panel.inSight);
      }
    },
  };
  return panel;
}

/** @typedef {ReturnType<typeof createChartPanel>} ChartPanel */
