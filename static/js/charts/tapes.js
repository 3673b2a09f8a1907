/**
 * The finishing tapes of an accuracy chart: a dotted line at each target, and above the plot a row for each that says at which
 * batch each lane got there. At the tapes themselves, which are close to each other, there is no room for that: a label stands above
 * its batch in the row of its target, and a thin line leads from it down to its tape.
 */

import { createChangeDetector } from '../model/changes.js';
import { count, target } from '../model/format.js';

const TARGETS = [0.9, 0.95, 0.97];

/** In ems of the axis' type: from one row to the next, a label in it, and what is left free beside its words. */
const ROW = 1.4;
const LABEL = 1.25;
const PADDING = 0.36;
/** Pixels between two labels, and between the last row and the plot. */
const APART = 2;
const BELOW = 3;
/** Before the names of the rows, beside the name of the axis, in ems. */
const INDENT = 1.3;
const DOT = 2.5;

/** @typedef {{ x: number, accuracy: number, step: number }} Passing in units of the x axis */
/** @typedef {{ lane: Pick<Identity, 'colour'>, passings: Passing[], curve: { buckets: { at(x: number): number } } }} Runner */
/** @typedef {Passing & Pick<Runner, 'curve'> & { colour: Identity['colour'], text: string, width: number }} Label */
/** @typedef {{ goal: number, names: { text: string, width: number }[], from: number, labels: Label[] }} Row names from long to short; labels from left to right, which begin at `from` */

/**
 * What stands in which row, the highest target first: more rows than one for a target where one has no room for all lanes. The first
 * target is always there, another one as soon as a lane has passed the one before.
 * @param {readonly Runner[]} lines
 * @param {number} width of the plot
 * @param {(text: string) => number} widthOf
 * @param {number} size of the type
 * @returns {Row[]}
 */
export function rowsOf(lines, width, widthOf, size) {
  const all = lines.flatMap(({ lane, passings, curve }) =>
    passings.map((passing) => {
      const text = count(passing.step);
      return { ...passing, curve, colour: lane.colour, text, width: widthOf(text) + 2 * PADDING * size };
    }),
  );
  const passed = (/** @type {number} */ goal) => all.filter(({ accuracy }) => accuracy === goal);
  const tapes = TARGETS.filter((_, i) => i === 0 || passed(TARGETS[i - 1]).length > 0);
  const first = tapes.findLast((goal) => passed(goal).length > 0);
  return tapes.reverse().flatMap((goal) => {
    const labels = passed(goal).sort((a, b) => a.x - b.x);
    const name = target(goal);
    const reached = goal === first ? [`${name} reached at batch`, name] : [name];
    const names = (labels.length > 0 ? reached : [`${name} not reached`]).map((text) => ({ text, width: widthOf(text) + 2 * APART }));
    const from = INDENT * size + names[names.length - 1].width;
    const needed = labels.reduce((sum, label) => sum + label.width + APART, 0);
    const rows = Math.max(1, Math.ceil(needed / (width - from)));
    return Array.from({ length: rows }, (_, row) => ({
      goal,
      names: row > 0 ? [] : names,
      from,
      labels: labels.filter((_, i) => i % rows === row),
    }));
  });
}

/**
 * The left edges of labels: each in the middle of its place, or as near to it as its neighbours leave room.
 * @param {readonly { at: number, width: number }[]} labels from left to right
 * @param {number} from
 * @param {number} to
 */
export function leftEdges(labels, from, to) {
  const edges = labels.map(({ at, width }) => at - width / 2);
  labels.forEach((_, i) => (edges[i] = Math.max(edges[i], i ? edges[i - 1] + labels[i - 1].width + APART : from)));
  for (let i = labels.length - 1; i >= 0; i--)
    edges[i] = Math.min(edges[i], (i < labels.length - 1 ? edges[i + 1] - APART : to) - labels[i].width);
  return edges;
}

/** @param {CanvasRenderingContext2D} context */
export function createTapes(context) {
  const changed = createChangeDetector();
  const fontChanged = createChangeDetector();
  /** @type {Map<string, number>} */
  let widths = new Map();
  /** @type {Row[]} */
  let rows = [];

  return {
    /**
     * Decides what stands where, and returns the pixels that this needs above the plot.
     * @param {readonly Runner[]} lines
     * @param {number} width of the plot
     * @param {number} size of the axis' type
     */
    arrange(lines, width, size) {
      const passings = lines.flatMap(({ passings, curve, lane }) => [curve, lane, ...passings.flatMap(({ step, x }) => [step, x])]);
      if (changed(width, size, ...passings)) {
        if (fontChanged(size)) widths = new Map();
        context.font = `600 ${size}px system-ui, sans-serif`;
        const widthOf = (/** @type {string} */ text) => {
          const known = widths.get(text) ?? context.measureText(text).width;
          widths.set(text, known);
          return known;
        };
        rows = rowsOf(lines, width, widthOf, size);
      }
      return Math.ceil(rows.length * ROW * size + BELOW);
    },
    /**
     * As it was arranged last.
     * @param {object} picture
     * @param {import('../ui/palette.js').Palette} picture.palette
     * @param {{ left: number, top: number, width: number, height: number }} picture.area of the plot in canvas pixels
     * @param {number} picture.ratio
     * @param {import('./strokes.js').Matrix} toPixels
     */
    stroke({ palette, area, ratio }, { a, d, e, f }) {
      const { left, top, width, height } = area;
      const size = parseFloat(palette.axis);
      const down = (/** @type {number} */ goal) => f + d * goal;
      const level = (/** @type {number} */ row) => top - (BELOW + (rows.length - row - 0.5) * ROW * size) * ratio;

      context.lineWidth = ratio;
      context.strokeStyle = palette.edge;
      context.setLineDash([2 * ratio, 4 * ratio]);
      context.beginPath();
      for (const y of new Set(rows.map(({ goal }) => down(goal)))) {
        if (y < top || y > top + height) continue;
        context.moveTo(left, y);
        context.lineTo(left + width, y);
      }
      context.stroke();
      context.setLineDash([]);

      const placed = rows.map(({ labels, from }, row) => {
        const shown = labels
          .map((label) => ({ ...label, at: (e + a * label.curve.buckets.at(label.x) - left) / ratio }))
          .filter(({ at }) => at >= 0 && at <= width / ratio + 1);
        const edges = leftEdges(shown, from, width / ratio);
        return shown.map((label, i) => ({ ...label, edge: edges[i], y: level(row) }));
      });
      for (const { at, edge, width: wide, y, colour, accuracy } of placed.flat()) {
        const foot = left + at * ratio;
        const tape = down(accuracy);
        context.strokeStyle = context.fillStyle = palette[colour];
        context.beginPath();
        context.moveTo(left + Math.max(edge + size / 2, Math.min(at, edge + wide - size / 2)) * ratio, y);
        context.lineTo(foot, top);
        context.lineTo(foot, Math.max(top, Math.min(tape, top + height)));
        context.stroke();
        if (tape < top || tape > top + height) continue;
        context.beginPath();
        context.arc(foot, tape, DOT * ratio, 0, 2 * Math.PI);
        context.fill();
      }
      context.font = `600 ${size * ratio}px system-ui, sans-serif`;
      context.textBaseline = 'middle';
      context.textAlign = 'left';
      rows.forEach(({ names }, row) => {
        const first = placed[row][0]?.edge ?? width / ratio;
        const name = names.find(({ width }) => INDENT * size + width <= first) ?? names[names.length - 1];
        context.fillStyle = palette.muted;
        if (name) context.fillText(name.text, left + INDENT * size * ratio, level(row));
        for (const { text, edge, width: wide, y, colour } of placed[row]) {
          context.fillStyle = palette[colour];
          context.beginPath();
          const high = LABEL * size * ratio;
          context.roundRect(left + edge * ratio, y - high / 2, wide * ratio, high, high / 2);
          context.fill();
          context.fillStyle = palette.panel;
          context.fillText(text, left + (edge + PADDING * size) * ratio, y);
        }
      });
    },
  };
}
