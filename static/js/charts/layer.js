/**
 * The lines of all lanes in one chart, on a canvas of their own above the axes: they change with every frame, axes hardly
 * ever. Draws what it is given where it is given; knows nothing of ranges and rows.
 */

import { gapText } from '../model/gap.js';
import { strokeFlag } from './rate-flags.js';
import { addMarker, fillGap, pointsOf, strokeAbove, strokeEnd } from './markers.js';
import { createTapes } from './tapes.js';

/**
 * @typedef {object} Line
 * @property {Identity} lane
 * @property {import('./curve.js').Curve | import('./ensemble.js').Ensemble} curve
 * @property {import('./strokes.js').Strokes} strokes
 * @property {import('./rate-flags.js').Flag[]} flags
 * @property {import('./tapes.js').Passing[]} passings of targets of the test accuracy
 * @property {string | null} end the word for an end before the finish
 * @property {string} [label] of an earlier run: what was different about it
 * @property {boolean} spread several seeds: a band from the lowest to the highest instead of the raw line
 */
/**
 * @typedef {object} Picture
 * @property {Line[]} lines
 * @property {Line[]} thin what is laid faintly under them
 * @property {import('../ui/palette.js').Palette} palette
 * @property {uPlot.BBox} area of the plot, in canvas pixels
 * @property {number} ratio canvas pixels per CSS pixel
 * @property {number} low the y at the bottom, in the evenly spaced units of `place`
 * @property {number} high the y at the top
 * @property {(value: number) => number} place
 * @property {boolean} bare without smoothing the raw line is the line
 */

const LINE_WIDTH = 2;
/**
 * How strong the raw line is: plain while each batch has its own column, and fainter the more of them share one, so that it does
 * not become a smear.
 */
const PLAIN = 0.45;
const FAINT = 0.11;
const BARE = 0.7;
const BAND = 0.18;
const THIN = 0.45;
const MARKER_EVERY_PX = 72;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {object} options
 * @param {boolean} options.raw whether there is a faint raw line behind the smooth one
 * @param {boolean} options.dots whether every point of the line is marked
 * @param {boolean} options.tapes whether targets are marked, and who got there when
 * @param {'loss' | 'accuracy' | null} options.gap what two lines measure, if what is between them is shaded
 */
export function createLayer(canvas, { raw, dots, tapes, gap }) {
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const tapeMarks = tapes ? createTapes(ctx) : null;

  /** @param {Picture} picture @param {import('./strokes.js').Matrix} toPixels */
  function strokeLines({ lines, thin, palette, area, ratio, bare }, toPixels) {
    ctx.save();
    ctx.beginPath();
    ctx.rect(area.left, area.top, area.width, area.height);
    ctx.clip();
    ctx.lineJoin = 'round';
    ctx.globalAlpha = THIN;
    ctx.lineWidth = ratio;
    for (const { lane, strokes } of thin) {
      ctx.strokeStyle = palette[lane.colour];
      ctx.setLineDash(lane.dash.map((length) => length * ratio));
      ctx.stroke(strokes.line(toPixels));
    }
    ctx.setLineDash([]);
    for (const { lane, curve, strokes, spread } of lines) {
      if (spread) {
        ctx.globalAlpha = BAND;
        ctx.fillStyle = palette[lane.colour];
        ctx.fill(strokes.band(toPixels));
      } else if (raw) {
        ctx.globalAlpha = bare ? BARE : strength(curve.buckets);
        ctx.strokeStyle = palette[lane.colour];
        ctx.stroke(strokes.raw(toPixels));
      }
    }
    ctx.globalAlpha = 1;
    ctx.lineWidth = LINE_WIDTH * ratio;
    for (const { lane, strokes, spread } of lines) {
      if (bare && !spread) continue;
      ctx.strokeStyle = palette[lane.colour];
      ctx.setLineDash(lane.dash.map((length) => length * ratio));
      ctx.stroke(strokes.line(toPixels));
    }
    ctx.restore();
  }

  /** @param {Line} line @param {Picture} picture @param {import('./strokes.js').Matrix} toPixels */
  function fillMarkers({ lane, curve, spread }, { palette, area, ratio, place }, { a, d, e, f }) {
    const { buckets } = curve;
    // A mean over seeds has no points of its own.
    const points = dots && !spread;
    const every = points ? 1 : Math.round((MARKER_EVERY_PX * ratio) / a);
    const radius = (points ? 2.8 : 3.2) * ratio;
    ctx.fillStyle = palette[lane.colour];
    ctx.beginPath();
    let next = points ? 0 : Math.round((lane.lane * every) / 6);
    for (let column = next; column < buckets.end; column = Math.max(next, column + 1)) {
      if (!buckets.has(column)) continue;
      const level = f + d * place(buckets.lastY[column]);
      if (level >= area.top - 1 && level <= area.top + area.height + 1)
        addMarker(ctx, lane.marker, e + a * buckets.lastAt[column], level, radius);
      next = column + every;
    }
    ctx.fill();
  }

  /** @param {Picture} picture @param {import('./strokes.js').Matrix} toPixels @param {import('./rate-flags.js').Words[]} taken where other words are */
  function strokeFlags(picture, toPixels, taken) {
    const { lines, palette, area, ratio, place } = picture;
    const { a, d, e, f } = toPixels;
    if (!lines.some(({ flags }) => flags.length > 0)) return;
    const drawn = lines.map((line) => pointsOf(line, picture, toPixels));
    for (const { lane, flags, curve } of lines) {
      for (const flag of flags) {
        const foot = {
          x: e + a * curve.buckets.at(flag.x),
          y: Math.max(area.top, Math.min(f + d * place(flag.y), area.top + area.height)),
        };
        if (foot.x < area.left || foot.x > area.left + area.width) continue;
        const style = { ratio, size: parseFloat(palette.axis), line: palette[lane.colour], ink: palette.ink, panel: palette.panel };
        strokeFlag(ctx, flag.text, foot, area, style, taken, drawn);
      }
    }
  }

  return {
    /** @param {Picture} picture @returns {(number | null)[]} how far down each line ends, in CSS pixels; null outside of what is on show */
    draw(picture) {
      const { lines, palette, area, ratio, low, high, place } = picture;
      const { left, top, width, height } = area;
      ctx.clearRect(0, 0, canvas.width, canvas.height);
      const columns = lines[0]?.curve.buckets.across ?? 1;
      const perUnit = height / (high - low);
      const toPixels = { a: width / columns, b: 0, c: 0, d: -perUnit, e: left, f: top + height + low * perUnit };
      strokeLines(picture, toPixels);
      lines.filter(({ curve }) => place(curve.high) > high).forEach((line, i) => strokeAbove(ctx, line, i, picture, toPixels));
      const apart = gap && lines.length === 2 ? gapText(gap, ...lines.map(({ curve }) => curve.head()?.average)) : null;
      const written = apart === null ? null : fillGap(ctx, lines, apart, picture, toPixels);
      /** How far down each line ends, in CSS pixels. @type {(number | null)[]} */
      const ends = lines.map(() => null);
      /** Where words stand already: lanes that end together must not write over each other. @type {{ at: number, level: number }[]} */
      const words = [];
      for (const [i, line] of lines.entries()) {
        // Dots would make one line of the two.
        if (!gap || i > 0) fillMarkers(line, picture, toPixels);
        ctx.fillStyle = palette[line.lane.colour];
        const head = line.curve.head();
        if (!head) continue;
        const y = Number.isFinite(head.average) ? place(head.average) : high;
        const level = Math.max(top, Math.min(top + height, toPixels.f - y * perUnit));
        const column = line.curve.buckets.at(head.x);
        // Outside the part of the axis that is on show.
        if (column < 0 || column > columns + 0.001) continue;
        const at = Math.min(left + column * toPixels.a, left + width);
        ends[i] = level / ratio;
        if (line.end) {
          const inset = 10 * ratio;
          const cross = Math.max(top + inset, Math.min(level, top + height - inset));
          const lineHeight = 13 * ratio;
          let free = cross;
          while (words.some((other) => Math.abs(other.at - at) < 80 * ratio && Math.abs(other.level - free) < lineHeight))
            free += lineHeight;
          words.push({ at, level: free });
          ctx.strokeStyle = ctx.fillStyle;
          strokeEnd(ctx, line.end, at, cross, free, ratio, { left, right: left + width, panel: palette.panel });
        } else {
          ctx.beginPath();
          addMarker(ctx, line.lane.marker, at, level, 5 * ratio);
          ctx.fill();
        }
      }
      strokeFlags(picture, toPixels, written ? [written] : []);
      tapeMarks?.stroke(picture, toPixels);
      return ends;
    },
    /**
     * Decides where marks above the plot stand, and returns the pixels that they need there.
     * @param {Line[]} lines
     * @param {number} width of the plot
     * @param {number} size of the axis' type
     */
    above: (lines, width, size) => tapeMarks?.arrange(lines, width, size) ?? 0,
    /** As large as the canvas below. @param {HTMLCanvasElement} below */
    fit(below) {
      if (canvas.width !== below.width) canvas.width = below.width;
      if (canvas.height !== below.height) canvas.height = below.height;
    },
  };
}

/** @param {import('./buckets.js').Columns} buckets */
function strength({ rows, end }) {
  return Math.max(FAINT, PLAIN * Math.min(1, end / 2 / rows));
}

/** @typedef {ReturnType<typeof createLayer>} Layer */
