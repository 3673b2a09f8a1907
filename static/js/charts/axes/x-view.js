/** What all charts show of the x axis, and where the cursor on it is. Knows neither pixels nor what is drawn. */

import { createChangeDetector } from '../../model/changes.js';
import { fitWindow } from './zoom.js';

/** @typedef {import('./scales.js').Range} Range */

/**
 * @param {object} options
 * @param {() => void} options.changed the part on show or the cursor is another one
 * @param {(zoomed: boolean) => void} options.zoomed a part of the x axis is on show now, or all of it
 */
export function createXView({ changed, zoomed }) {
  let end = 1;
  let narrowest = 0;
  let byMouse = false;
  const zoomedChanged = createChangeDetector();

  /** What the next frame will show: it may have changed several times since the last one. */
  function shown() {
    return view.zoom ?? { min: 0, max: end };
  }

  /** The x at a share of the width, within the axis. @param {number} share */
  function place(share) {
    const { min, max } = shown();
    return within(min + share * (max - min));
  }

  /** @param {number} x */
  function within(x) {
    return Math.max(0, Math.min(end, x));
  }

  /** The x where another one was before something else came on show. @param {Range} before @param {number} x */
  function under(before, x) {
    return place((x - before.min) / (before.max - before.min));
  }

  function reportZoom() {
    if (zoomedChanged(view.zoom !== null)) zoomed(view.zoom !== null);
  }

  /** Moves the cursor; a mouse's stays where the mouse is. @param {number | null} x */
  function point(x, mouse = false) {
    byMouse = mouse;
    if (x === view.cursor) return;
    view.cursor = x;
    changed();
  }

  const view = {
    /** The part of the x axis that is on show; null for all of it. @type {Range | null} */
    zoom: null,
    /** @type {number | null} */
    cursor: null,
    shown,
    place,
    within,
    point,
    /** The mouse is not where it was on a chart. */
    leave() {
      if (byMouse) point(null);
    },
    /** @param {Range | null} part of the x axis */
    show(part) {
      const before = shown();
      view.zoom = part && fitWindow(part, end, narrowest);
      // A mouse stays where it is, over another x.
      if (byMouse && view.cursor !== null) view.cursor = under(before, view.cursor);
      reportZoom();
      changed();
    },
    /**
     * The axis goes to another end.
     * @param {number} newEnd
     * @param {number} newNarrowest
     * @param {'forget' | 'stretch' | 'keep'} part what becomes of the part on show: from one axis to another, stretching means
     *   the same one as nearly as there is one
     */
    reach(newEnd, newNarrowest, part) {
      const before = shown();
      const oldEnd = end;
      const { zoom, cursor } = view;
      if (part === 'forget') view.zoom = null;
      else if (zoom && part === 'stretch') view.zoom = { min: (zoom.min / end) * newEnd, max: (zoom.max / end) * newEnd };
      end = newEnd;
      narrowest = newNarrowest;
      if (cursor === null || (newEnd === oldEnd && part === 'keep')) return reportZoom();
      // While the axis stays the same, keys and fingers have chosen an x, and a mouse a place on the screen.
      if (byMouse) view.cursor = under(before, cursor);
      else if (part !== 'keep') view.cursor = within((cursor / oldEnd) * newEnd);
      reportZoom();
    },
  };
  return view;
}

/** @typedef {ReturnType<typeof createXView>} XView */
