/**
 * The picture in the panel "Followed weights": side by side for each lane, above how large the gradients of the weights are, below how
 * far they move; batches and sizes both on log axes, the same ones for all lanes.
 */

import { count } from '../model/format.js';
import { places, shape } from './push-picture.js';
import { decades, power } from './push-scale.js';

/** @typedef {Identity & { histories: import('./push-scale.js').History[] }} FollowedLane */

const [LEFT, RIGHT, TOP, BOTTOM, BETWEEN, ROW_TITLE] = [44, 8, 20, 30, 12, 20];
/** Points of a line that are this close are not distinguishable. */
const NEAR = 1.5;
/** Many more decades than weights that are worth following are apart. */
const MOST_DECADES = 8;
/** At least. */
const AXIS = { min: -4, max: -2 };
const ROWS = /** @type {const} */ ([
  ['gradient', 'size of its gradient, log scale'],
  ['change', 'size of its step, log scale'],
]);

/** @param {HTMLElement} plot */
export function createFollowedPicture(plot) {
  const svg = shape('svg', { class: 'push followed-lines', 'aria-hidden': 'true' });
  plot.append(svg);
  let [width, height] = [0, 0];

  return {
    get visible() {
      return width > 0;
    },
    /** @param {{ width: number, height: number }} size */
    resize(size) {
      ({ width, height } = size);
    },
    /** @param {FollowedLane[]} lanes */
    draw(lanes) {
      const last = Math.max(10, ...lanes.flatMap(({ histories }) => histories.map(({ steps }) => steps.at(-1) ?? 0)));
      const room = (width - LEFT - RIGHT - BETWEEN * (lanes.length - 1)) / lanes.length;
      const tall = (height - TOP - BOTTOM - BETWEEN) / 2 - ROW_TITLE;
      const left = (/** @type {number} */ i) => LEFT + i * (room + BETWEEN);
      const across = (/** @type {number} */ step) => (Math.log10(Math.max(1, step)) / Math.log10(last)) * room;
      const ticks = [1, 100, 10_000].filter((step) => step <= last);
      const names = lanes.map(({ name, colour }, i) =>
        shape('g', { 'data-colour': colour }, shape('text', { class: 'of-lane', x: left(i) + room / 2, y: 12 }, name)),
      );
      const batches = lanes.flatMap((_, i) =>
        ticks.map((step) => shape('text', { x: left(i) + across(step), y: height - 16, 'text-anchor': 'middle' }, count(step))),
      );
      const rows = ROWS.flatMap(([column, title], row) => {
        const top = TOP + row * (tall + ROW_TITLE + BETWEEN) + ROW_TITLE;
        const sizes = lanes.flatMap(({ histories }) => histories.flatMap((history) => history[column].filter((size) => size > 0)));
        const range = decades(AXIS, sizes.map(Math.log10));
        const axis = { min: Math.max(range.min, range.max - MOST_DECADES), max: range.max };
        const down = (/** @type {number} */ at) => top + tall - ((at - axis.min) / (axis.max - axis.min)) * tall;
        return [
          shape('text', { class: 'of-row', x: LEFT, y: top - 7 }, title),
          ...places(axis).flatMap((at) => [
            shape('text', { x: LEFT - 6, y: down(at) + 4, 'text-anchor': 'end' }, power(at)),
            ...lanes.map((_, i) => shape('path', { class: 'grid', d: `M${left(i)} ${down(at)}h${room}` })),
          ]),
          ...lanes.map(({ colour, histories }, i) => {
            const lines = histories.map((history, k) =>
              shape('path', {
                'data-followed': k,
                d: lineOf(
                  history.steps,
                  history[column],
                  (step) => left(i) + across(step),
                  (size) => down(Math.max(axis.min, Math.log10(size))),
                ),
              }),
            );
            return shape('g', { 'data-colour': colour }, ...lines);
          }),
        ];
      });
      svg.replaceChildren(
        ...names,
        ...rows,
        ...batches,
        shape('text', { x: LEFT + (width - LEFT - RIGHT) / 2, y: height - 2, 'text-anchor': 'middle' }, 'batches, log scale'),
      );
    },
  };
}

/**
 * A path through sizes that a logarithm has; where one has none, it is interrupted.
 * @param {number[]} steps
 * @param {number[]} sizes
 * @param {(step: number) => number} across
 * @param {(size: number) => number} down
 */
function lineOf(steps, sizes, across, down) {
  let path = '';
  let pen = false;
  let before = -Infinity;
  steps.forEach((step, i) => {
    if (!(sizes[i] > 0)) {
      pen = false;
      return;
    }
    const x = across(step);
    if (pen && x - before < NEAR && i < steps.length - 1) return;
    path += `${pen ? 'L' : 'M'}${x.toFixed(1)} ${down(sizes[i]).toFixed(1)}`;
    pen = true;
    before = x;
  });
  return path;
}
