/**
 * Earlier runs that lie dotted under the one on show: the last run of this page, until the visitor chooses others or none.
 * The history of the browser keeps which one it was, and that the visitor chose; the address keeps what was chosen.
 */

import { createFeed } from '../link/feed.js';
import { forgetRun } from '../link/recent-runs.js';
import { labelOf } from '../model/earlier-run.js';
import { createStore } from '../model/stream/store.js';

/** @typedef {{ store: Store, feed: ReturnType<typeof createFeed> | null, ghost: Ghost | null }} Kept */
/** @typedef {{ id: string | null, store: Store, link: Link | null }} Shown a run that is or was on show */

/**
 * @param {object} options
 * @param {Bootstrap} options.limits
 * @param {(run: Run) => { plan: Plan, lanes: Identity[] }} options.setupOf
 * @param {(ids: string[]) => void} options.chosen
 * @param {() => void} options.changed
 * @param {() => void} options.lost a chosen run is not on the server any more
 */
export function createGhosts({ limits, setupOf, chosen, changed, lost }) {
  /** @type {Map<string, Kept>} */
  const kept = new Map();
  /** @type {Ghost[]} */
  let list = [];
  /** What the address names. @type {readonly string[]} */
  let named = [];
  /** Whether that counts even if it is none. */
  let own = false;
  /** The last run of this page before the one on show. @type {string | null} */
  let last = null;
  /** The newest run of this page. @type {Shown | null} */
  let newest = null;
  /** @type {string | null} */
  let shown = null;

  /** @param {string} id @param {Shown | null} from */
  function keep(id, from) {
    if (kept.has(id)) return;
    const store = from?.store ?? createStore();
    kept.set(id, { store, feed: from?.link?.over ? null : createFeed(id, store, changed), ghost: null });
  }

  /** @param {string} id */
  function drop(id) {
    kept.get(id)?.feed?.close();
    kept.delete(id);
  }

  /** @param {Shown | null} [from] whose rows are here already */
  function follow(from = null) {
    const wanted = own || named.length > 0 ? named : last === null ? [] : [last];
    for (const id of kept.keys()) if (!wanted.includes(id)) drop(id);
    for (const id of wanted) keep(id, from?.id === id ? from : null);
  }

  /** @param {Kept} one @param {string} id @param {Config} config @returns {Ghost | null} */
  function ghostOf(one, id, config) {
    const { run } = one.store;
    if (!run) return null;
    const label = labelOf(run.config, config, limits);
    if (one.ghost?.label !== label) one.ghost = { store: one.store, ...(one.ghost ?? setupOf(run)), label, last: id === last };
    return one.ghost;
  }

  return {
    /** Lays these runs under the one on show, or else the last one of the page. @param {readonly string[]} ids */
    show(ids) {
      named = ids;
      follow();
    },
    /** The run on show, and those that are laid under it. */
    get runs() {
      return { shown, laid: [...kept.keys()] };
    },
    /** The visitor lays these under it. @param {string[]} ids */
    choose(ids) {
      own = true;
      chosen(ids);
    },
    /** For the browser's history. */
    get state() {
      return { last, own };
    },
    /** As an entry of the browser's history has it. @param {any} state */
    restore(state) {
      last = typeof state?.last === 'string' ? state.last : null;
      own = state?.own === true;
    },
    /** A run begins after the one that was on show; after none, it is compared with the newest of the page. @param {Shown | null} before @param {Shown} now */
    begin(before, now) {
      const ran = [before, newest].find((each) => each?.store.lanes.some(({ frames }) => frames.count > 0)) ?? null;
      last = ran?.id ?? null;
      follow(ran);
      newest = now;
    },
    /** Nothing that was before counts any more. */
    forget() {
      newest = last = null;
    },
    /**
     * The same list until there is another one; the run on show is no ghost of itself.
     * @param {string | null} id of the run on show
     * @param {Config} config of it, or of the next one
     */
    list(id, config) {
      shown = id;
      const found = [];
      for (const [each, one] of kept) {
        if (one.feed?.link.gone) {
          forgetRun(each);
          drop(each);
          if (each === last && !named.includes(each)) last = null;
          else {
            chosen([...kept.keys()]);
            lost();
          }
        } else if (each !== shown) {
          const ghost = ghostOf(one, each, config);
          if (ghost) found.push(ghost);
        }
      }
      if (found.length !== list.length || found.some((ghost, i) => ghost !== list[i])) list = found;
      return list;
    },
  };
}
