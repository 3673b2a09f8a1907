/** The finishing tapes of an accuracy chart: a dotted line at each target, with the batch at which each lane got there. */

import { createChangeDetector } from '../model/changes.js';
import { count, target } from '../model/format.js';

const TARGETS = [0.9, 0.95, 0.97];

/** @typedef {{ x: number, accuracy: number, step: number }} Passing in units of the x axis */
/** @typedef {{ lane: Identity, passings: Passing[], curve: { buckets: { at(x: number): number } } }} Runner */
/** @typedef {{ left: number, top: number, width: number, height: number }} Area in canvas pixels */
/** @typedef {{ x: number, y: number, width: number, height: number }} Box its left edge, and its middle */
/** @typedef {Box & { text: string, colour: Identity['colour'] | null }} Label in a lane's colour, or a name of a tape */

export function createTapes() {
  const changed = createChangeDetector();
  const fontChanged = createChangeDetector();
  /** @type {Map<string, number>} */
  let widths = new Map();
  /** @type {number[]} */
  let tapes = [];
  /** @type {Label[]} */
  let labels = [];

  return {
    /**
     * The first tape is always there, the others when somebody has passed the one before.
     * @param {CanvasRenderingContext2D} context
     * @param {Runner[]} lines
     * @param {object} picture
     * @param {import('../ui/palette.js').Palette} picture.palette
     * @param {Area} picture.area
     * @param {number} picture.ratio
     * @param {import('./strokes.js').Matrix} toPixels
     */
    stroke(context, lines, { palette, area, ratio }, { a, d, e, f }) {
      const size = parseFloat(palette.axis) * ratio;
      const font = `600 ${size}px system-ui, sans-serif`;
      context.font = font;
      if (fontChanged(font)) widths = new Map();
      const widthOf = (/** @type {string} */ text) => {
        const known = widths.get(text) ?? context.measureText(text).width;
        widths.set(text, known);
        return known;
      };
      const passings = lines.flatMap(({ lane, passings, curve }) =>
        passings.map(({ accuracy, step, x }) => ({ accuracy, step, at: e + a * curve.buckets.at(x), colour: lane.colour })),
      );
      const { left, top, width, height } = area;
      if (changed(font, left, top, width, height, d, f, ...passings.flatMap(({ step, at }) => [step, at]))) {
        const passed = (/** @type {number} */ goal) => passings.some(({ accuracy }) => accuracy === goal);
        tapes = TARGETS.filter((goal, i) => {
          const y = f + d * goal;
          return (i === 0 || passed(TARGETS[i - 1])) && y >= top && y <= top + height;
        });
        labels = layOut(tapes, passings, area, { size, ratio, widthOf, down: (goal) => f + d * goal });
      }
      context.strokeStyle = palette.edge;
      context.lineWidth = ratio;
      context.setLineDash([2 * ratio, 4 * ratio]);
      context.beginPath();
      for (const goal of tapes) {
        context.moveTo(left, f + d * goal);
        context.lineTo(left + width, f + d * goal);
      }
      context.stroke();
      context.setLineDash([]);
      context.textBaseline = 'middle';
      context.textAlign = 'center';
      for (const { text, colour, x, y, ...box } of labels) {
        if (colour) {
          context.fillStyle = palette[colour];
          context.beginPath();
          context.roundRect(x, y - box.height / 2, box.width, box.height, box.height / 2);
          context.fill();
        }
        context.fillStyle = colour ? palette.panel : palette.muted;
        context.fillText(text, x + box.width / 2, y);
      }
    },
  };
}

/**
 * The names of the tapes stand at their left ends, the batches where lanes passed them, or as near as there is room.
 * @param {number[]} tapes
 * @param {{ accuracy: number, step: number, at: number, colour: Identity['colour'] }[]} passings
 * @param {Area} area
 * @param {{ size: number, ratio: number, widthOf: (text: string) => number, down: (goal: number) => number }} how
 * @returns {Label[]}
 */
export function layOut(tapes, passings, area, { size, ratio, widthOf, down }) {
  /** @type {Label[]} */
  const labels = [];
  for (const goal of tapes) {
    const text = target(goal);
    const box = { x: area.left + 3 * ratio, y: down(goal) - size * 0.8, width: widthOf(text), height: size * 1.1 };
    labels.push({ ...freeBox(box, labels, area, 3 * ratio), text, colour: null });
  }
  for (const { accuracy, step, at, colour } of passings) {
    if (!tapes.includes(accuracy) || at < area.left || at > area.left + area.width + 1) continue;
    const text = count(step);
    const width = widthOf(text) + 8 * ratio;
    const x = Math.max(area.left, Math.min(at - width / 2, area.left + area.width - width));
    labels.push({ ...freeBox({ x, y: down(accuracy), width, height: size * 1.5 }, labels, area, ratio), text, colour });
  }
  return labels;
}

/** Down counts more than along: a label below its tape is easily taken for one of another tape. */
const DOWN = 1.5;
const ROWS = 4;

/**
 * The nearest place that no other box takes: along its tape, or a little below.
 * @param {Box} box
 * @param {Box[]} taken
 * @param {Area} area
 * @param {number} gap
 * @returns {Box}
 */
function freeBox(box, taken, area, gap) {
  const most = area.left + area.width - box.width;
  let best = box;
  let cost = Infinity;
  for (let y = box.y; y < area.top + area.height && (y - box.y) * DOWN < cost; y += box.height / ROWS) {
    const row = taken.filter((other) => Math.abs(other.y - y) < (other.height + box.height) / 2);
    const beside = row.flatMap(({ x, width }) => [x + width + gap, x - box.width - gap]);
    for (const x of [box.x, ...beside]) {
      const far = Math.abs(x - box.x) + (y - box.y) * DOWN;
      const free = row.every((other) => x >= other.x + other.width || x + box.width <= other.x);
      if (free && x >= area.left && x <= most && far < cost) [best, cost] = [{ ...box, x, y }, far];
    }
  }
  return best;
}
