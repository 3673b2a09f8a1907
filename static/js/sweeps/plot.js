/** The plot of one picture: as large as its place, with its axes, and what pointers and keys do on it. */

import { setAttribute } from '../ui/dom.js';
import { svg } from '../ui/svg.js';

/** @typedef {import('./axes.js').Axis} Axis */
/** @typedef {{ left: number, top: number, right: number, bottom: number }} Area in CSS pixels */

/** Between the bottoms of two neighbouring texts of an axis, and the width of one of its letters. */
const LINE = 15;
const LETTER = 7;
/** @type {Record<string, [number, number]>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/**
 * @param {HTMLElement} host which has a height
 * @param {object} on
 * @param {(width: number, height: number) => SVGElement[]} on.draw
 * @param {(x: number, y: number) => boolean} on.point at a place in pixels; whether it is another one than before
 * @param {(across: number, up: number) => void} on.move by a key: to the neighbour in this direction
 * @param {(x: number, y: number) => void} on.open what is under the cursor; the place is where a menu may stand, in the window
 * @param {() => void} on.leave
 */
export function createPlot(host, { draw, point, move, open, leave }) {
  const picture = svg('svg', { 'aria-hidden': 'true', width: '100%', height: '100%' });
  setAttribute(host, 'tabindex', '0');
  setAttribute(host, 'role', 'application');
  host.append(picture);
  const redraw = () => host.clientWidth > 0 && picture.replaceChildren(...draw(host.clientWidth, host.clientHeight));
  new ResizeObserver(redraw).observe(host);

  const at = (/** @type {MouseEvent} */ { clientX, clientY }) => {
    const { left, top } = picture.getBoundingClientRect();
    return point(clientX - left, clientY - top);
  };
  host.addEventListener('pointermove', at);
  // Lifting a finger is no move to another place.
  host.addEventListener('pointerleave', ({ pointerType }) => pointerType !== 'touch' && leave());
  host.addEventListener('blur', ({ relatedTarget }) => {
    // Another plot that is being clicked reads a place itself; drawn anew before that, it would get no click.
    if (!(relatedTarget instanceof Element && relatedTarget.matches('.sweep-plot'))) leave();
  });
  host.addEventListener('click', (event) => {
    const touch = 'pointerType' in event && event.pointerType === 'touch';
    // Fingers cannot hover: the first tap reads, the second opens.
    if (at(event) && touch) return;
    open(event.clientX, event.clientY);
  });
  host.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in MOVES) move(...MOVES[event.key]);
    else if (event.key === 'Escape') leave();
    else if (event.key === 'Enter') {
      const { left, top } = picture.getBoundingClientRect();
      open(left + 60, top + 40);
    } else return;
    event.preventDefault();
  });
  return { redraw };
}

/** The room of a plot, between its axes. @param {number} width @param {number} height @param {Axis} y @returns {Area} */
export function areaOf(width, height, y) {
  const widest = Math.max(...y.ticks.map(({ text }) => text.length));
  return { left: Math.max(36, widest * LETTER + 12), top: 24, right: width - 12, bottom: height - 40 };
}

/**
 * Both axes: lines across the picture, what is written at them, and their names.
 * @param {Area} area
 * @param {Axis} x
 * @param {Axis} y
 * @param {number} [below] pixels between the plot and what is written below it
 */
export function axes(area, x, y, below = 0) {
  const { left, top, right, bottom } = area;
  const texts = [];
  let free = -Infinity;
  for (const { value, text } of x.ticks) {
    const at = across(area, x, value);
    const half = (text.length * LETTER) / 2;
    if (at - half < free || at < left - 1 || at > right + 1) continue;
    free = at + half + LETTER;
    texts.push(svg('path', { class: 'grid', d: `M${at} ${top}V${bottom + below}` }));
    texts.push(svg('text', { x: Math.min(at, right + 8 - half), y: bottom + below + LINE, 'text-anchor': 'middle' }, text));
  }
  for (const { value, text } of y.ticks) {
    const at = up(area, y, value);
    texts.push(svg('path', { class: 'grid', d: `M${left} ${at}H${right}` }));
    texts.push(svg('text', { x: left - 8, y: at + 4, 'text-anchor': 'end' }, text));
  }
  return [
    ...texts,
    svg('text', { class: 'name', x: 4, y: 11 }, y.name),
    svg('text', { class: 'name', x: (left + right) / 2, y: bottom + below + 2 * LINE + 2, 'text-anchor': 'middle' }, x.name),
  ];
}

/** @param {Area} area @param {Axis} x @param {number} value */
export function across({ left, right }, x, value) {
  return left + x.place(value) * (right - left);
}

/** @param {Area} area @param {Axis} y @param {number} value */
export function up({ top, bottom }, y, value) {
  return bottom - y.place(value) * (bottom - top);
}
