/** What pointers and keys on one chart do to the part of the x axis and the cursor that all charts share. */

import { createGestures } from './gestures.js';
import { panBy, zoomBy } from './axes/zoom.js';

/**
 * @param {HTMLElement} host of the plot
 * @param {import('./axes/x-view.js').XView} view
 * @param {object} chart
 * @param {(marked: import('./axes/scales.js').Range | null) => void} chart.select shows what would be zoomed to
 * @param {() => number} chart.furthest how far the lines have come
 * @param {(x: number) => void} chart.speak announces the values there
 */
export function createChartInput(host, view, { select, furthest, speak }) {
  createGestures(host, {
    mark(from, to, done) {
      const marked = { min: view.place(Math.min(from, to)), max: view.place(Math.max(from, to)) };
      select(done ? null : marked);
      if (done && marked.max > marked.min) view.show(marked);
    },
    unmark: () => select(null),
    move(by) {
      const { zoom } = view;
      if (zoom) view.show(panBy(zoom, by * (zoom.max - zoom.min)));
      return zoom !== null;
    },
    stretch(before, after) {
      const [from, to] = before.map(view.place);
      const gap = after[1] - after[0];
      // Fingers that meet would zoom in to a single point.
      if (Math.abs(gap) < 0.02) return;
      const width = (to - from) / gap;
      if (width > 0) view.show({ min: from - after[0] * width, max: from + (1 - after[0]) * width });
    },
    point: (at) => view.point(view.place(Math.max(0, Math.min(1, at)))),
    reset: () => view.show(null),
  });
  host.addEventListener('blur', () => view.point(null));
  host.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const range = view.shown();
    const step = (range.max - range.min) / (event.shiftKey ? 10 : 100);
    const here = view.cursor ?? Math.min(furthest(), range.max);
    /** @type {Record<string, number | null>} */
    const moves = { ArrowLeft: here - step, ArrowRight: here + step, Home: 0, End: furthest(), Escape: null };
    const factor = /** @type {Record<string, number>} */ ({ '+': 2, '=': 2, '-': 0.5 })[event.key];
    if (event.key === 'Escape' && view.cursor === null) return;
    if (factor) view.show(zoomBy(range, factor, view.cursor ?? (range.min + range.max) / 2));
    else if (event.key === '0') view.show(null);
    else if (event.key in moves) {
      const to = moves[event.key];
      const at = to === null ? null : view.within(to);
      view.point(at);
      const { zoom } = view;
      // What is on show follows the cursor.
      if (zoom && at !== null) view.show(panBy(zoom, Math.min(0, at - zoom.min) + Math.max(0, at - zoom.max)));
      if (at !== null) speak(at);
    } else return;
    event.preventDefault();
  });
}
