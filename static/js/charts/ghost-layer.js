/**
 * The lines of earlier runs in one chart, dotted and labelled, on a canvas below that of the race: they are drawn anew only when they,
 * or the axes, are other ones, and cost the frames of a race nothing.
 */

import { createChangeDetector } from '../model/changes.js';

const DOTS = [1.5, 3.5];
const WIDTH = 1.6;
const SHARE = 0.75;

/** @typedef {Omit<import('./layer.js').Picture, 'thin' | 'ghosts' | 'bare'>} Picture `lines` are those of the earlier runs */

/** @param {HTMLCanvasElement} canvas */
export function createGhostLayer(canvas) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  const changed = createChangeDetector();

  return {
    /** @param {Picture} picture @param {import('./layer.js').Line[]} bold of the race */
    draw(picture, bold) {
      const { lines, palette, area, ratio, low, high, place } = picture;
      const rows = lines.reduce((sum, { curve }) => sum + curve.count, 0);
      const { left, top, width, height } = area;
      if (!changed(lines, rows, palette, left, top, width, height, ratio, low, high, place, canvas.width, canvas.height)) return;
      context.clearRect(0, 0, canvas.width, canvas.height);
      if (rows > 0) strokeGhosts(context, picture, bold);
    },
    /** As large as the canvas below. @param {HTMLCanvasElement} below */
    fit(below) {
      if (canvas.width !== below.width) canvas.width = below.width;
      if (canvas.height !== below.height) canvas.height = below.height;
    },
  };
}

/** @param {CanvasRenderingContext2D} context @param {Picture} picture @param {import('./layer.js').Line[]} bold of the race, which labels keep clear of */
export function strokeGhosts(context, { lines, palette, area, ratio, low, high, place }, bold) {
  const { left, top, width, height } = area;
  const columns = lines[0]?.curve.buckets.across ?? 1;
  const perUnit = height / (high - low);
  const toPixels = { a: width / columns, b: 0, c: 0, d: -perUnit, e: left, f: top + height + low * perUnit };
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.globalAlpha = SHARE;
  context.lineWidth = WIDTH * ratio;
  context.lineCap = 'round';
  context.setLineDash(DOTS.map((length) => length * ratio));
  for (const { lane, strokes } of lines) {
    context.strokeStyle = palette[lane.colour];
    context.stroke(strokes.line(toPixels));
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
  context.restore();
  writeLabels(context, lines, bold, { palette, area, ratio, place }, toPixels);
}

/** Where a label may begin, as shares of the line on show. */
const PLACES = [0.3, 0.45, 0.6, 0.75, 0.9];

/**
 * What was different about each run, once: on one of its lines, where it is furthest from all others.
 * @param {CanvasRenderingContext2D} context
 * @param {import('./layer.js').Line[]} ghosts
 * @param {import('./layer.js').Line[]} lines
 * @param {Pick<Picture, 'palette' | 'area' | 'ratio' | 'place'>} picture
 * @param {import('./strokes.js').Matrix} toPixels
 */
function writeLabels(context, ghosts, lines, { palette, area, ratio, place }, { a, d, e, f }) {
  const size = parseFloat(palette.axis) * ratio;
  const levelOf = (/** @type {import('./layer.js').Line} */ { curve: { buckets } }, /** @type {number} */ column) => {
    while (column >= 0 && !buckets.has(column)) column -= 1;
    return column < 0 ? NaN : f + d * place(buckets.lastY[column]);
  };
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.textAlign = 'left';
  /** @type {number[]} */
  const taken = [];
  for (const label of new Set(ghosts.map((line) => line.label ?? ''))) {
    const width = context.measureText(label).width;
    const free = { room: -1, x: 0, y: 0, rises: false };
    for (const ghost of ghosts.filter((line) => line.label === label)) {
      const others = [...ghosts, ...lines].filter((line) => line !== ghost);
      for (const share of PLACES) {
        const column = Math.floor((ghost.curve.buckets.end - 1) * share);
        const x = Math.min(e + a * column, area.left + area.width - width - 6 * ratio);
        const y = levelOf(ghost, column);
        if (!(y - size * 1.5 > area.top && y < area.top + area.height)) continue;
        const levels = others.filter(({ curve }) => curve.buckets.end > column).map((line) => levelOf(line, column));
        const room = Math.min(...levels.map((other) => Math.abs(other - y)), ...taken.map((other) => Math.abs(other - y)));
        const rises = levelOf(ghost, Math.min(column + 20, ghost.curve.buckets.end - 1)) < y;
        if (room > free.room) Object.assign(free, { room, x, y, rises });
      }
    }
    if (free.room < 0) continue;
    taken.push(free.y);
    context.fillStyle = palette.muted;
    // On the side that the line leaves free.
    context.fillText(label, free.x + size * 0.5, free.y + size * (free.rises ? 1.1 : -0.6));
  }
}
