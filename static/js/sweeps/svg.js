/** The shapes of a sweep's pictures, as SVG. */

import { addMarker } from '../charts/markers.js';
import { Tracing } from '../charts/svg-context.js';
import { svg } from '../ui/svg.js';

/** @param {Identity['marker']} shape @param {number} x @param {number} y @param {number} radius @param {string} [kind] */
export function marker(shape, x, y, radius, kind = 'marker') {
  const pen = new Tracing();
  pen.beginPath();
  addMarker(/** @type {any} */ (pen), shape, x, y, radius);
  return svg('path', { class: kind, d: pen.path });
}

/** For a training that diverged or failed. @param {number} x @param {number} y @param {number} arm */
export function cross(x, y, arm) {
  return svg('path', { class: 'cross', d: `M${x - arm} ${y - arm}l${arm * 2} ${arm * 2}m0 ${-arm * 2}l${-arm * 2} ${arm * 2}` });
}

/** The shapes of one curve, in its colour. @param {import('./sweep.js').Look} look @param {Node[]} nodes */
export function inColour(look, nodes) {
  return svg('g', { 'data-colour': look.colour, 'stroke-dasharray': look.dash.join(' ') || 'none' }, ...nodes);
}
