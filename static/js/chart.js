/**
 * One picture of every lane's line over a shared x. uPlot keeps the axes, the cursor and the canvas; the lines are
 * drawn from the curves' buckets, so that a frame costs the same at the first batch and at the last.
 */

import uPlot from '../vendor/uPlot.esm.js';
import { prefersStillness } from './dom.js';
import { fillMarker, strokeEnd } from './markers.js';
import { linearTicks, logTicks } from './scales.js';
import { tick } from './format.js';

/** @typedef {import('./scales.js').Range} Range */
/** @typedef {import('./types').Identity} Identity */
/**
 * @typedef {object} Line
 * @property {Identity} lane
 * @property {import('./curve.js').Curve} curve
 * @property {boolean} live
 * @property {string | null} end the word for an end before the finish
 */

const LINE_WIDTH = 2;
const MARK_EVERY_PX = 72;
const EASE = 0.25;
const FAINT = 0.11;

/**
 * @param {HTMLElement} host
 * @param {object} options
 * @param {'loss' | 'accuracy'} options.measure
 * @param {boolean} options.raw whether there is a faint raw line behind the smooth one
 * @param {boolean} options.dots whether every point of the line is marked
 * @param {(x: number | null) => void} options.hovered
 * @param {() => void} options.unsettled an animation wants another frame
 */
export function createChart(host, { measure, raw, dots, hovered, unsettled }) {
  /** @type {Line[]} */
  let lines = [];
  /** @type {import('./palette.js').Palette} */
  let palette;
  /** @type {Range} */
  let x = { min: 0, max: 1 };
  /** @type {Range} */
  let target = { min: 0, max: 1 };
  /** @type {Range} */
  let y = target;
  let logarithmic = false;
  /** Without smoothing the raw line is the line. */
  let bare = false;
  /** @type {uPlot | null} */
  let plot = null;
  let following = false;
  // Asking the page for a width while drawing would make it lay everything out again.
  let size = measureHost();

  const colourOf = (/** @type {number} */ series) => {
    const line = lines[(series - 1) % Math.max(1, lines.length)];
    return line ? palette[line.lane.tint] : 'transparent';
  };

  function build() {
    plot?.destroy();
    const axis = { stroke: () => palette.muted, font: '11px system-ui, sans-serif', ticks: { show: false } };
    const grid = { stroke: () => palette.grid, width: 1 };
    /** @type {uPlot.Series[]} */
    const series = [{}];
    const hidden = { auto: false, points: { show: false } };
    if (raw) {
      for (const _ of lines) {
        series.push({ ...hidden, alpha: bare ? 0.7 : FAINT, width: 1, stroke: (_u, i) => colourOf(i), paths: (u, i) => ({ stroke: rawPath(u, i) }) });
      }
    }
    for (const _ of lines) {
      series.push({ ...hidden, show: !bare, width: LINE_WIDTH, stroke: (_u, i) => colourOf(i), paths: (u, i) => ({ stroke: linePath(u, i) }) });
    }
    plot = new uPlot(
      {
        ...size,
        series,
        padding: [8, 14, 0, 0],
        legend: { show: false },
        select: { show: false, left: 0, top: 0, width: 0, height: 0 },
        scales: {
          x: { time: false, range: () => [x.min, x.max] },
          y: { distr: logarithmic ? 3 : 1, range: () => [y.min, y.max] },
        },
        axes: [
          { ...axis, size: 26, gap: 4, grid: { show: false }, splits: () => linearTicks(x, size.width < 300 ? 4 : 6), filter: keep, values: (_u, ticks) => ticks.map(tick) },
          { ...axis, size: 46, gap: 6, grid, splits: yTicks, filter: keep, values: (_u, ticks) => ticks.map(measure === 'loss' ? tick : share) },
        ],
        cursor: { x: true, y: false, points: { show: false }, drag: { x: false, y: false } },
        hooks: { setCursor: [follow], draw: [drawMarks] },
      },
      dataOf(),
      host,
    );
  }

  function measureHost() {
    return { width: Math.max(160, host.clientWidth), height: Math.max(120, host.clientHeight) };
  }

  function yTicks() {
    if (logarithmic) return logTicks(target);
    return linearTicks(measure === 'loss' ? target : { min: Math.max(0, target.min), max: 1 }, 5);
  }

  /** uPlot wants the drawn points as columns over one ascending x; the paths below read the same buckets. @returns {uPlot.AlignedData} */
  function dataOf() {
    const columns = lines[0]?.curve.buckets.count ?? 2;
    const xs = Float64Array.from({ length: columns }, (_, i) => x.min + ((i + 0.5) / columns) * (x.max - x.min));
    const ys = lines.map(({ curve }) => /** @type {any} */ (curve.buckets.lastY));
    return [xs, ...(raw ? ys : []), ...ys];
  }

  /** Canvas pixels of a value; clamped, since a canvas cannot take the 1e30 of a lane that explodes. @param {uPlot} u */
  function toPixels(u) {
    const { left, top, width, height } = u.bbox;
    const place = logarithmic ? Math.log10 : Number;
    const low = place(y.min);
    const perUnit = height / (place(y.max) - low);
    const perX = width / (x.max - x.min);
    return {
      px: (/** @type {number} */ value) => left + (value - x.min) * perX,
      py: (/** @type {number} */ value) => {
        const safe = logarithmic ? Math.max(value, y.min / 100) : value;
        return Math.max(top - height, Math.min(top + 2 * height, top + height - (place(safe) - low) * perUnit));
      },
    };
  }

  /** @param {uPlot} u @param {number} i */
  function linePath(u, i) {
    const path = new Path2D();
    const line = lines[(i - 1) % lines.length];
    const { px, py } = toPixels(u);
    const { lastX, lastY, end } = line.curve.buckets;
    for (let column = 0; column < end; column++) {
      if (lastX[column] === lastX[column]) path.lineTo(px(lastX[column]), py(lastY[column]));
    }
    return path;
  }

  /** @param {uPlot} u @param {number} i */
  function rawPath(u, i) {
    const path = new Path2D();
    const { px, py } = toPixels(u);
    const { low, high, lastX, end } = lines[i - 1].curve.buckets;
    for (let column = 0; column < end; column++) {
      if (low[column] !== low[column]) continue;
      const at = px(lastX[column]);
      path.lineTo(at, py(low[column]));
      if (high[column] !== low[column]) path.lineTo(at, py(high[column]));
    }
    return path;
  }

  /** @param {uPlot} u */
  function drawMarks(u) {
    const { ctx } = u;
    const ratio = uPlot.pxRatio;
    const { left, top, width, height } = u.bbox;
    const { px, py } = toPixels(u);
    const inside = (/** @type {number} */ at) => at >= top - 1 && at <= top + height + 1;
    /** Where words stand already: lanes that end together must not write over each other. @type {{ at: number, level: number }[]} */
    const words = [];
    ctx.save();
    for (const { lane, curve, live, end: word } of lines) {
      ctx.fillStyle = ctx.strokeStyle = palette[lane.tint];
      const { lastX, lastY, end } = curve.buckets;
      let next = left + (lane.lane * MARK_EVERY_PX * ratio) / 3;
      for (let column = 0; column < end; column++) {
        if (lastX[column] !== lastX[column]) continue;
        const at = px(lastX[column]);
        if (!dots && at < next) continue;
        if (!dots) next = at + MARK_EVERY_PX * ratio;
        const level = py(lastY[column]);
        if (inside(level)) fillMarker(ctx, lane.marker, at, level, (dots ? 2.8 : 3.2) * ratio);
      }
      const head = curve.head();
      if (!head) continue;
      const level = Math.max(top, Math.min(top + height, py(Number.isFinite(head.average) ? head.average : y.max)));
      const at = Math.min(px(head.x), left + width);
      const inset = 10 * ratio;
      if (word) {
        const cross = Math.max(top + inset, Math.min(level, top + height - inset));
        let free = cross;
        const line = 13 * ratio;
        while (words.some((other) => Math.abs(other.at - at) < 80 * ratio && Math.abs(other.level - free) < line)) free += line;
        words.push({ at, level: free });
        strokeEnd(ctx, word, at, cross, free, ratio, { left, right: left + width });
      } else if (live) fillMarker(ctx, lane.marker, at, level, 5 * ratio);
    }
    ctx.restore();
  }

  /** @param {uPlot} u */
  function follow(u) {
    if (following) return;
    const { left } = u.cursor;
    hovered(left === undefined || left < 0 ? null : u.posToVal(left, 'x'));
  }

  /** Moves the y range a part of the way to where it should be; true while it is still on its way. */
  function approach() {
    const place = logarithmic ? Math.log10 : Number;
    const back = logarithmic ? (/** @type {number} */ value) => 10 ** value : Number;
    const span = place(target.max) - place(target.min);
    const step = (/** @type {number} */ from, /** @type {number} */ to) => {
      const left = place(to) - place(from);
      return Math.abs(left) < span * 0.005 || prefersStillness() ? to : back(place(from) + left * EASE);
    };
    y = { min: step(y.min, target.min), max: step(y.max, target.max) };
    return y.min !== target.min || y.max !== target.max;
  }

  return {
    /** Columns of pixels that curves should be bucketed into. */
    get columns() {
      const width = plot ? plot.bbox.width / uPlot.pxRatio : size.width - 60;
      return Math.max(100, Math.round(width));
    },
    /** @param {import('./palette.js').Palette} colours */
    paint(colours) {
      palette = colours;
    },
    /**
     * New lines or new axes; everything that needs uPlot to be told.
     * @param {Line[]} newLines
     * @param {Range} newX
     * @param {Range} newY
     * @param {{ log: boolean, smoothed: boolean }} how
     */
    arrange(newLines, newX, newY, { log, smoothed }) {
      const nowBare = raw && !smoothed;
      const rebuild = plot === null || lines.length !== newLines.length || log !== logarithmic || nowBare !== bare;
      bare = nowBare;
      lines = newLines;
      x = newX;
      logarithmic = log;
      target = y = newY;
      if (rebuild) build();
      else plot?.setData(dataOf(), false);
    },
    /** @param {Range} range the y range to move to, calmly */
    aim(range) {
      target = range;
    },
    /** @param {boolean} [axesToo] colours changed: repaint what uPlot would keep */
    draw(axesToo = false) {
      if (approach()) unsettled();
      plot?.redraw(true, axesToo);
    },
    resize() {
      size = measureHost();
      plot?.setSize(size);
    },
    /** Puts the cursor at an x without telling anyone. @param {number | null} value */
    point(value) {
      if (!plot) return;
      following = true;
      const left = value === null ? -10 : plot.valToPos(value, 'x');
      plot.setCursor({ left, top: value === null ? -10 : 1 }, false);
      following = false;
    },
  };

  /** @param {number} value */
  function share(value) {
    return `${Math.round(value * 100)}%`;
  }
}

/** @typedef {ReturnType<typeof createChart>} Chart */

/** uPlot would thin out the ticks of a log axis; ours are chosen already. @param {uPlot} _u @param {number[]} splits */
function keep(_u, splits) {
  return splits;
}
