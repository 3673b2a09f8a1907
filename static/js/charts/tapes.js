/** The finishing tapes of an accuracy chart: a dotted line at each target, with the batch at which each lane got there. */

import { count, target } from '../model/format.js';

const TARGETS = [0.9, 0.95, 0.97];

/** @typedef {{ x: number, accuracy: number, step: number }} Passing in units of the x axis */
/** @typedef {{ lane: Identity, passings: Passing[], curve: { buckets: { at(x: number): number } } }} Runner */

/**
 * The first tape is always there, the others when somebody has passed the one before.
 * @param {CanvasRenderingContext2D} context
 * @param {Runner[]} lines
 * @param {object} picture
 * @param {import('../ui/palette.js').Palette} picture.palette
 * @param {{ left: number, top: number, width: number, height: number }} picture.area in canvas pixels
 * @param {number} picture.ratio
 * @param {import('./strokes.js').Matrix} toPixels
 */
export function strokeTapes(context, lines, { palette, area, ratio }, { a, d, e, f }) {
  const passed = (/** @type {number} */ goal) => lines.some(({ passings }) => passings.some(({ accuracy }) => accuracy === goal));
  const shown = TARGETS.filter((_, i) => i === 0 || passed(TARGETS[i - 1]));
  const size = parseFloat(palette.axis) * ratio;
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  /** @type {{ x: number, y: number, width: number }[]} */
  const taken = [];
  for (const goal of shown) {
    const y = f + d * goal;
    if (y < area.top || y > area.top + area.height) continue;
    context.strokeStyle = palette.edge;
    context.lineWidth = ratio;
    context.setLineDash([2 * ratio, 4 * ratio]);
    context.beginPath();
    context.moveTo(area.left, y);
    context.lineTo(area.left + area.width, y);
    context.stroke();
    context.setLineDash([]);
    context.textAlign = 'left';
    const words = target(goal);
    if (free(taken, { x: area.left, y, width: context.measureText(words).width }, size * 1.1)) {
      context.fillStyle = palette.muted;
      context.fillText(words, area.left + 3 * ratio, y - size * 0.8);
    }
    context.textAlign = 'center';
    for (const { lane, passings, curve } of lines) {
      const passing = passings.find(({ accuracy }) => accuracy === goal);
      if (!passing) continue;
      const text = count(passing.step);
      const width = context.measureText(text).width + 8 * ratio;
      const at = e + a * curve.buckets.at(passing.x);
      if (at < area.left || at > area.left + area.width + 1) continue;
      const x = Math.min(at, area.left + area.width - width / 2);
      if (!free(taken, { x: x - width / 2, y, width }, size * 1.5)) continue;
      context.fillStyle = palette[lane.colour];
      context.beginPath();
      context.roundRect(x - width / 2, y - size * 0.75, width, size * 1.5, size * 0.75);
      context.fill();
      context.fillStyle = palette.panel;
      context.fillText(text, x, y);
    }
  }
}

/** Notes a place, unless another one is there. @param {{ x: number, y: number, width: number }[]} taken @param {{ x: number, y: number, width: number }} place @param {number} height */
function free(taken, place, height) {
  const near = taken.some(({ x, y, width }) => Math.abs(y - place.y) < height && x < place.x + place.width && place.x < x + width);
  if (!near) taken.push(place);
  return !near;
}
