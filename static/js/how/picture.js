/** What the figures are drawn with. */

import { pathThrough, svg } from '../ui/svg.js';

/** Whether a place can be drawn: a path takes no infinite numbers, nor such as 1e+38. @param {number} value */
export function isNear(value) {
  return Math.abs(value) < 1e6;
}

/** A line through points, and a gap where one is too far away. @param {(readonly [number, number])[]} points */
export function path(points) {
  return pathThrough(points.map(([x, y]) => (isNear(x) && isNear(y) ? { x, y } : null)));
}

/**
 * Draws at the size of the host, and again when that changes.
 * @param {HTMLElement} host
 * @param {(width: number, height: number) => Node[]} draw
 * @returns {() => void} draws again
 */
export function createPicture(host, draw) {
  const root = svg('svg', { 'aria-hidden': 'true' });
  host.prepend(root);
  function redraw() {
    const { clientWidth, clientHeight } = host;
    if (clientWidth === 0) return;
    root.setAttribute('viewBox', `0 0 ${clientWidth} ${clientHeight}`);
    root.replaceChildren(...draw(clientWidth, clientHeight));
  }
  new ResizeObserver(redraw).observe(host);
  redraw();
  return redraw;
}
