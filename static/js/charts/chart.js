/**
 * One chart: uPlot keeps the axes and the cursor, a layer above it draws the lines. uPlot draws only when an
 * axis changes; a frame with new points costs the layer alone.
 */

import uPlot from '../../vendor/uPlot.esm.js';
import { element, prefersStillness, setText } from '../ui/dom.js';
import { createGhostLayer } from './ghost-layer.js';
import { mouseOnly } from './gestures.js';
import { createLayer } from './layer.js';
import { axisName, PLACE } from './axes/scales.js';
import { approach } from './axes/y-range.js';
import { createXTicks, Y_TEXTS, yTicks } from './axes/ticks.js';

/** @typedef {import('./axes/scales.js').Range} Range */
/** @typedef {import('./layer.js').Line} Line */

/**
 * @param {HTMLElement} host
 * @param {object} options
 * @param {'loss' | 'accuracy'} options.measure
 * @param {boolean} options.raw whether there is a faint raw line behind the smooth one
 * @param {boolean} options.dots whether every point of the line is marked
 * @param {boolean} options.tapes whether targets are marked, and who got there when
 * @param {boolean} options.gap whether what is between its two lines is shaded
 * @param {(x: number | null) => void} options.hovered
 * @param {() => void} options.unsettled an animation wants another frame
 * @param {import('./end-labels.js').EndLabels} options.ends names and values at the lines' ends
 */
export function createChart(host, { measure, raw, dots, tapes, gap, hovered, unsettled, ends }) {
  const canvas = element('canvas', { class: 'lines' });
  const upwards = element('p', { class: 'axis-name muted', 'aria-hidden': 'true' });
  upwards.style.position = 'absolute'; // Without a style sheet a chart would grow by its height again and again.
  host.append(upwards);
  const layer = createLayer(canvas, { raw, dots, tapes, gap: gap ? measure : null });
  const below = element('canvas', { class: 'earlier' });
  const ghostLayer = createGhostLayer(below);
  /** @type {Line[]} */
  let lines = [];
  /** @type {Line[]} */
  let thin = [];
  /** @type {Line[]} */
  let ghosts = [];
  /** @type {import('../ui/palette.js').Palette} */
  let palette;
  /** @type {Range} */
  let x = { min: 0, max: 1 };
  /** Whose numbers stand along it. @type {{ name: XAxisName, plan: Plan }} */
  let axis;
  const xTicks = createXTicks();
  /** How far down each line ends. @type {(number | null)[] | null} */
  let levels = null;
  /** @type {Range} */
  let target = { min: 0, max: 1 };
  /** @type {Range} */
  let y = target;
  /** @type {'log' | 'linear'} */
  let scale = 'linear';
  let bare = false;
  /** @type {uPlot | null} */
  let plot = null;
  let axesStale = true;
  /** What is kept for the ends of the lines, and above the plot. */
  let endsRoom = 0;
  let above = 0;
  /** Above 0, the page moves the cursor, and not the mouse. */
  let quiet = 0;
  // Asking the page for a width while drawing would make it lay everything out again.
  let size = measureHost();

  const bind = mouseOnly(host);

  function build() {
    plot?.destroy();
    endsRoom = endsWidth();
    const look = { stroke: () => palette.muted, font: `${palette.axis} system-ui, sans-serif`, ticks: { show: false } };
    const large = larger();
    const grid = { stroke: () => palette.grid, width: 1 };
    plot = new uPlot(
      {
        ...size,
        series: [{}],
        padding: [() => Math.max(20 * large, above), Math.max(18, endsRoom), 0, 0],
        legend: { show: false },
        select: { show: true, left: 0, top: 0, width: 0, height: 0 },
        scales: {
          x: { time: false, range: () => [x.min, x.max] },
          y: { distr: scale === 'log' ? 3 : 1, range: () => [y.min, y.max] },
        },
        axes: [
          {
            ...look,
            size: 26 * large,
            gap: 4,
            label: () => names()[0],
            labelSize: 14 * large,
            labelGap: 0,
            labelFont: look.font,
            grid: { show: false },
            splits: () => across().map(({ at }) => at),
            filter: keep,
            values: () => across().map(({ text }) => text),
          },
          { ...look, scale: 'y', size: 46 * large, gap: 6, grid, splits: up, filter: keep, values: (_u, ticks) => Y_TEXTS[measure](ticks) },
        ],
        cursor: {
          x: true,
          y: false,
          points: { show: false },
          drag: { x: false, y: false },
          bind,
        },
        hooks: { setCursor: [follow], draw: [drawLines] },
      },
      [[x.min, x.max]],
      host,
    );
    plot.over.before(below, canvas);
  }

  /** What is measured, across and up, and how. */
  const names = () => [axisName(axis.name, x.max), `${measure}${scale === 'log' ? ', log scale' : begun()}`];
  /** Where an axis of accuracies begins, unless it does at 0. */
  const begun = () => (measure === 'accuracy' && target.min > 0 ? `, axis from ${Y_TEXTS.accuracy([target.min, 1])[0]}` : '');

  function measureHost() {
    return { width: Math.max(160, host.clientWidth), height: Math.max(120, host.clientHeight) };
  }

  const narrow = () => size.width < 480;
  const larger = () => (palette ? parseFloat(palette.axis) / 11 : 1);

  /** What names and values need at the right. */
  function endsWidth() {
    return Math.min(ends.width(narrow()) * larger(), size.width * 0.4);
  }

  const across = () => xTicks(axis.name, x, (size.width - 60 - endsWidth()) / larger(), axis.plan);
  const up = () => yTicks(measure, scale, target, size.height);

  /** @param {uPlot} u */
  function drawLines(u) {
    const place = PLACE[scale];
    layer.fit(u.ctx.canvas);
    ghostLayer.fit(u.ctx.canvas);
    const [area, ratio] = [u.bbox, uPlot.pxRatio];
    const picture = { palette, area, ratio, low: place(y.min), high: place(y.max), place };
    ghostLayer.draw({ ...picture, lines: ghosts }, lines);
    const placed = levels === null;
    levels = layer.draw({ ...picture, lines, thin, bare });
    // When all charts are drawn, those too whose axes uPlot draws in a microtask: text on a canvas makes a browser work out all styles
    // that have changed before it.
    if (placed) queueMicrotask(() => queueMicrotask(placeEnds));
  }

  function placeEnds() {
    const { left, top, width, height } = /** @type {uPlot} */ (plot).bbox;
    const ratio = uPlot.pxRatio;
    ends.place(levels ?? [], {
      left: (left + width) / ratio,
      top: top / ratio,
      height: height / ratio,
      narrow: narrow(),
      larger: larger(),
    });
    levels = null;
  }

  /** @param {uPlot} u */
  function follow(u) {
    if (quiet > 0) return;
    const { left } = u.cursor;
    hovered(left === undefined || left < 0 ? null : u.posToVal(left, 'x'));
  }

  /** uPlot reports its cursor in a microtask after what has moved it. @param {(u: uPlot) => void} act */
  function quietly(act) {
    if (!plot) return;
    quiet += 1;
    act(plot);
    queueMicrotask(() => (quiet -= 1));
  }

  return {
    /** Columns of pixels that curves should be bucketed into. */
    get columns() {
      const width = plot ? plot.bbox.width / uPlot.pxRatio : size.width - 60;
      return Math.max(100, Math.round(width));
    },
    /** What is on show, in CSS pixels, for a picture of it elsewhere. */
    get shown() {
      const u = /** @type {uPlot} */ (plot);
      const [left, top, width, height] = [u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height].map((pixels) => pixels / uPlot.pxRatio);
      const ys = up();
      const yNames = Y_TEXTS[measure](ys);
      const ticks = {
        x: across().map(({ at, text }) => ({ at: left + u.valToPos(at, 'x'), text })),
        y: ys.map((value, i) => ({ at: top + u.valToPos(value, 'y'), text: yNames[i] })),
      };
      return {
        lines,
        thin,
        ghosts,
        axes: names(),
        measure,
        raw,
        dots,
        tapes,
        gap,
        bare,
        scale,
        y,
        area: { left, top, width, height },
        ticks,
      };
    },
    /** @param {import('../ui/palette.js').Palette} colours */
    paint(colours) {
      const otherSize = plot !== null && colours.axis !== palette.axis;
      palette = colours;
      if (otherSize || (plot && endsWidth() !== endsRoom)) build();
    },
    /**
     * New lines or new axes; everything that concerns uPlot.
     * @param {{ lines: Line[], thin: Line[], ghosts: Line[] }} newLines
     * @param {Range} newX
     * @param {Range} newY
     * @param {{ log: boolean, smoothed: boolean, axis: typeof axis }} how
     */
    arrange(newLines, newX, newY, { log, smoothed, axis: newAxis }) {
      axis = newAxis;
      const newScale = log ? 'log' : 'linear';
      const rebuild = plot === null || newScale !== scale || endsWidth() !== endsRoom;
      const moved = newX.min !== x.min || newX.max !== x.max || newY.min !== y.min || newY.max !== y.max;
      bare = raw && !smoothed;
      ({ lines, thin, ghosts } = newLines);
      x = newX;
      scale = newScale;
      target = y = newY;
      axesStale ||= rebuild || moved;
      if (rebuild) build();
      else if (moved) quietly((u) => u.setData([[x.min, x.max]], false));
    },
    /** @param {Range} range the y range to move to, calmly */
    aim(range) {
      target = range;
    },
    /**
     * @param {boolean} [repainted] the colours changed, and uPlot would keep some
     * @param {boolean} [unseen] the chart is out of view while the y range moves
     */
    draw(repainted = false, unseen = false) {
      const before = y;
      y = approach(y, target, scale, unseen ? () => true : prefersStillness);
      const moved = y !== before;
      if (y.min !== target.min || y.max !== target.max) unsettled();
      const roomBefore = above;
      above = plot ? layer.above(lines, plot.bbox.width / uPlot.pxRatio, parseFloat(palette.axis)) : 0;
      const other = repainted || above !== roomBefore;
      if (moved || axesStale || other) {
        setText(upwards, names()[1]);
        quietly((u) => u.redraw(true, other));
      } else if (plot) drawLines(plot);
      axesStale = false;
    },
    resize() {
      size = measureHost();
      if (plot && endsWidth() !== endsRoom) build();
      quietly((u) => u.setSize(size));
      axesStale = true;
    },
    /** Marks a part of the x axis, or none. @param {Range | null} part */
    select(part) {
      if (!plot) return;
      const left = part ? plot.valToPos(part.min, 'x') : 0;
      const width = part ? plot.valToPos(part.max, 'x') - left : 0;
      plot.setSelect({ left, width, top: 0, height: plot.bbox.height / uPlot.pxRatio }, false);
    },
    /** Puts the cursor at an x without telling anyone. @param {number | null} value */
    point(value) {
      if (!plot) return;
      const left = value === null ? -10 : plot.valToPos(value, 'x');
      quietly((u) => u.setCursor({ left, top: value === null ? -10 : 1 }, false));
    },
  };
}

/** @typedef {ReturnType<typeof createChart>} Chart */
/** @typedef {Chart['shown']} Shown */

/** uPlot would thin out the ticks of a log axis; ours are chosen already. @param {uPlot} _u @param {number[]} splits */
const keep = (_u, splits) => splits;
