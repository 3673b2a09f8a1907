/** The shapes of a sweep's pictures, as SVG: their colours come from the style sheet, and change with the theme by themselves. */

import { addMarker } from '../charts/markers.js';
import { Tracing } from '../charts/svg-context.js';

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** @param {Identity['marker']} shape @param {number} x @param {number} y @param {number} radius @param {string} [kind] */
export function marker(shape, x, y, radius, kind = 'marker') {
  const pen = new Tracing();
  pen.beginPath();
  addMarker(/** @type {any} */ (pen), shape, x, y, radius);
  return svg('path', { class: kind, d: pen.path });
}

/** What did not come through. @param {number} x @param {number} y @param {number} arm */
export function cross(x, y, arm) {
  return svg('path', { class: 'cross', d: `M${x - arm} ${y - arm}l${arm * 2} ${arm * 2}m0 ${-arm * 2}l${-arm * 2} ${arm * 2}` });
}

/** Through these points; a gap where one is null. @param {({ x: number, y: number } | null)[]} points */
export function pathThrough(points) {
  return points.map((point, i) => (point ? `${points[i - 1] ? 'L' : 'M'}${point.x.toFixed(1)} ${point.y.toFixed(1)}` : '')).join('');
}

/** What belongs to one curve: it has the curve's colour. @param {import('./sweep.js').Look} look @param {Node[]} nodes */
export function inColour(look, nodes) {
  return svg('g', { 'data-colour': look.colour, 'stroke-dasharray': look.dash.join(' ') || 'none' }, ...nodes);
}
