/** Earlier runs of this browser, laid faintly under the one on show: a menu to choose them, and their rows. */

import { element } from '../ui/dom.js';
import { createFeed } from '../link/feed.js';
import { dayOf } from '../model/format.js';
import { openBelow } from '../ui/menu.js';
import { forgetRun, recentRuns } from '../link/recent-runs.js';
import { createStore } from '../model/store.js';

/**
 * @param {HTMLElement} menu
 * @param {HTMLElement} opener
 * @param {object} options
 * @param {number} options.most so many can be chosen
 * @param {(run: Run) => { plan: Plan, lanes: Identity[] }} options.setupOf
 * @param {(ids: string[]) => void} options.chosen
 * @param {() => void} options.changed
 * @param {() => void} options.lost a chosen run is not on the server any more
 */
export function createGhosts(menu, opener, { most, setupOf, chosen, changed, lost }) {
  /** @type {Map<string, { store: Store, feed: ReturnType<typeof createFeed>, ghost: Ghost | null }>} */
  const kept = new Map();
  /** @type {Ghost[]} */
  let list = [];
  /** @type {string | null} */
  let shown = null;

  function write() {
    const boxes = recentRuns()
      .filter(({ id }) => id !== shown)
      .map(({ id, label, at }) => {
        const box = element('input', { type: 'checkbox', value: id });
        box.checked = kept.has(id);
        box.disabled = !box.checked && kept.size >= most;
        box.addEventListener('change', () => {
          chosen(box.checked ? [...kept.keys(), id] : [...kept.keys()].filter((each) => each !== id));
          write();
          /** @type {HTMLElement | null} */ (menu.querySelector(`[value="${id}"]`))?.focus();
        });
        const then = new Date(at);
        const time = then.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
        const when = element('time', { datetime: then.toISOString() }, `${dayOf(then, new Date())}, ${time}`);
        return element('label', { class: 'row' }, box, element('span', {}, label), when);
      });
    menu.replaceChildren(...(boxes.length > 0 ? boxes : [element('p', {}, 'Runs that you start in this browser are listed here.')]));
  }

  opener.addEventListener('click', () => {
    write();
    openBelow(menu, opener);
  });

  return {
    /** Follows these runs and no others. @param {readonly string[]} ids */
    show(ids) {
      for (const [id, { feed }] of kept) {
        if (ids.includes(id)) continue;
        feed.close();
        kept.delete(id);
      }
      for (const id of ids) {
        if (kept.has(id)) continue;
        const store = createStore();
        kept.set(id, { store, feed: createFeed(id, store, changed), ghost: null });
      }
    },
    /** The same list until there is another one; the run on show is no ghost of itself. @param {string | null} id of the run on show */
    list(id) {
      shown = id;
      const found = [];
      for (const [id, one] of kept) {
        if (one.feed.link.gone) {
          forgetRun(id);
          chosen([...kept.keys()].filter((each) => each !== id));
          lost();
        } else if (one.store.run && id !== shown) {
          one.ghost ??= { store: one.store, ...setupOf(one.store.run) };
          found.push(one.ghost);
        }
      }
      if (found.length !== list.length || found.some((ghost, i) => ghost !== list[i])) list = found;
      return list;
    },
  };
}
