/**
 * The marks on curves. Each lane has a shape as well as a colour, so that lanes can be distinguished by either; an end before the
 * finish has a cross and a word; what is between the two lines of one lane is shaded.
 */

import { loss } from '../model/format.js';

/** How strongly what is between two lines is shaded. */
const GAP = 0.22;

/** Across and down from the middle, corner by corner, for a radius of 1. @type {Record<string, number[]>} */
const CORNERS = {
  triangle: [0, -1.25, 1.15, 0.8, -1.15, 0.8],
  diamond: [0, -1.35, 1.35, 0, 0, 1.35, -1.35, 0],
  plus: [
    -0.4, -1.3, 0.4, -1.3, 0.4, -0.4, 1.3, -0.4, 1.3, 0.4, 0.4, 0.4, 0.4, 1.3, -0.4, 1.3, -0.4, 0.4, -1.3, 0.4, -1.3, -0.4, -0.4, -0.4,
  ],
  star: Array.from({ length: 10 }, (_, i) =>
    [Math.sin((i * Math.PI) / 5), -Math.cos((i * Math.PI) / 5)].map((at) => at * (i % 2 ? 0.6 : 1.5)),
  ).flat(),
};

/**
 * Adds a marker to the context's path: many of them are filled in one go.
 * @param {CanvasRenderingContext2D} context
 * @param {Identity['marker']} shape
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
export function addMarker(context, shape, x, y, radius) {
  if (shape === 'circle') {
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
  } else if (shape === 'square') context.rect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8);
  else {
    const corners = CORNERS[shape];
    for (let i = 0; i < corners.length; i += 2)
      context[i === 0 ? 'moveTo' : 'lineTo'](x + corners[i] * radius, y + corners[i + 1] * radius);
    context.closePath();
  }
}

/**
 * Where a lane diverged or failed: a cross and the word.
 * @param {CanvasRenderingContext2D} context
 * @param {string} word
 * @param {number} x
 * @param {number} y
 * @param {number} wordY the word's height, which may have to make room for another
 * @param {number} ratio canvas pixels per CSS pixel
 * @param {{ left: number, right: number, panel: string }} within where it stands, and the colour there
 */
export function strokeEnd(context, word, x, y, wordY, ratio, within) {
  const arm = 5 * ratio;
  context.lineWidth = 2 * ratio;
  context.beginPath();
  context.moveTo(x - arm, y - arm);
  context.lineTo(x + arm, y + arm);
  context.moveTo(x - arm, y + arm);
  context.lineTo(x + arm, y - arm);
  context.stroke();
  context.font = `600 ${12 * ratio}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  const width = context.measureText(word).width;
  const right = x + arm + 4 * ratio;
  const fits = right + width <= within.right;
  context.textAlign = fits ? 'left' : 'right';
  const at = fits ? right : x - arm - 4 * ratio;
  // Other lines go on, and may pass behind it.
  context.lineWidth = 4 * ratio;
  context.strokeStyle = within.panel;
  context.strokeText(word, at, wordY);
  context.fillText(word, at, wordY);
}

/**
 * The corners of a line, in canvas pixels.
 * @param {import('./layer.js').Line} line
 * @param {import('./layer.js').Picture} picture
 * @param {import('./strokes.js').Matrix} toPixels
 */
export function pointsOf({ curve: { buckets } }, { place }, { a, d, e, f }) {
  const { before, after, end, has, lastAt, lastY } = buckets;
  const points = Array.from({ length: end }, (_, column) => (has(column) ? [{ at: lastAt[column], y: lastY[column] }] : [])).flat();
  return [before ?? [], points, after ?? []].flat().map(({ at, y }) => ({ x: e + a * at, y: f + d * place(y) }));
}

/**
 * A line that leaves the plot at its top goes on along the edge, with an arrow and how high it gets.
 * @param {CanvasRenderingContext2D} context
 * @param {import('./layer.js').Line} line
 * @param {number} nth of those that do
 * @param {import('./layer.js').Picture} picture
 * @param {import('./strokes.js').Matrix} toPixels
 */
export function strokeAbove(context, line, nth, picture, toPixels) {
  const { palette, area, ratio, high, place } = picture;
  const { buckets } = line.curve;
  const points = pointsOf(line, picture, toPixels);
  const edge = area.top + ratio;
  /** Where it leaves, and where it comes back. @type {[number, number][]} */
  const parts = [];
  points.forEach(({ x, y }, i) => {
    if (y >= area.top) return;
    const crossing = (/** @type {{ x: number, y: number } | undefined} */ next) =>
      next && next.y >= area.top ? x + ((next.x - x) * (area.top - y)) / (next.y - y) : x;
    const [from, to] = [crossing(points[i - 1]), crossing(points[i + 1])];
    const last = parts.at(-1);
    if (last && points[i - 1]?.y < area.top) last[1] = to;
    else parts.push([from, to]);
  });
  const within = parts.filter(([from, to]) => to >= area.left && from <= area.left + area.width);
  if (within.length === 0) return;
  context.strokeStyle = context.fillStyle = palette[line.lane.colour];
  context.lineWidth = 2 * ratio;
  context.beginPath();
  for (const [from, to] of within) {
    context.moveTo(Math.max(from, area.left), edge);
    context.lineTo(Math.min(to, area.left + area.width), edge);
  }
  context.stroke();
  // Where it ended, a word says so.
  if (line.end) return;
  const highest = Math.max(...Array.from(buckets.lastY.subarray(0, buckets.end)).filter((y) => place(y) > high));
  const words = `\u2191 ${loss(highest)}`;
  context.font = `600 ${parseFloat(palette.axis) * ratio}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  const x = within[0][0] + 4 * ratio;
  const fits = x + context.measureText(words).width <= area.left + area.width;
  context.textAlign = fits ? 'left' : 'right';
  context.fillText(words, fits ? x : area.left + area.width - 4 * ratio, edge + (10 + 14 * nth) * ratio);
}

/**
 * What is between two lines, and beside their ends how far apart these are; answers where those words are, null without them.
 * @param {CanvasRenderingContext2D} context
 * @param {import('./layer.js').Line[]} lines two of one lane
 * @param {string} text
 * @param {import('./layer.js').Picture} picture
 * @param {import('./strokes.js').Matrix} toPixels
 * @returns {import('./rate-flags.js').Words | null}
 */
export function fillGap(context, lines, text, picture, toPixels) {
  const { palette, area, ratio } = picture;
  const { a, e } = toPixels;
  const [trained, unseen] = lines.map((line) => pointsOf(line, picture, toPixels));
  if (unseen.length === 0) return null;
  context.save();
  context.beginPath();
  context.rect(area.left, area.top, area.width, area.height);
  context.clip();
  context.globalAlpha = GAP;
  context.fillStyle = palette[lines[0].lane.colour];
  context.beginPath();
  [...trained, ...unseen.reverse()].forEach(({ x, y }, i) => context[i === 0 ? 'moveTo' : 'lineTo'](x, y));
  context.closePath();
  context.fill();
  context.restore();
  const head = lines[1].curve.head();
  const x = head ? e + a * lines[1].curve.buckets.at(head.x) : NaN;
  if (!(x >= area.left && x <= area.left + area.width + 1)) return null;
  const size = Math.max(12, parseFloat(palette.axis)) * ratio;
  const words = `gap ${text}`;
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  context.fillStyle = palette.ink;
  const width = context.measureText(words).width;
  const right = Math.max(x, area.left + width);
  const beside = [...trained, ...unseen].filter((point) => point.x >= right - width).map(({ y }) => y);
  const below = Math.max(...beside) + size * 1.2;
  const y = below + size < area.top + area.height ? below : Math.min(...beside) - size * 1.2;
  context.fillText(words, right, y);
  return { left: right - width, right, y };
}
