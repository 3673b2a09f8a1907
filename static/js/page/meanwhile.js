/** While the visitor's race waits in a class's queue, the page shows one that is running. */

import { createChangeDetector } from '../model/changes.js';
import { element, part } from '../ui/dom.js';
import { ROOT } from '../link/root.js';

/** @param {HTMLElement} host */
export function createMeanwhile(host) {
  const frame = part(host, 'frame');
  const changed = createChangeDetector();

  return {
    /** @param {Scene} scene */
    update({ state, run, mine }) {
      const next = state === 'queued' && mine ? (run?.meanwhile ?? null) : null;
      if (!changed(next)) return;
      host.hidden = next === null;
      // Removing the frame closes its socket.
      frame.replaceChildren(
        ...(next === null ? [] : [element('iframe', { src: `${ROOT}/embed/${encodeURIComponent(next)}`, title: 'A race of the class' })]),
      );
    },
  };
}
