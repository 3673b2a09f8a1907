/** The seeds of a series that came before the run on show, as an address names them: a link shows their mean again. */

import { sameConfig } from '../model/address.js';
import { createFeed } from './feed.js';
import { createStore } from '../model/stream/store.js';

/** @param {{ changed: () => void, lost: () => void }} options lost: they cannot be shown with this run */
export function createSeriesFeed({ changed, lost }) {
  /** @type {{ store: Store, feed: ReturnType<typeof createFeed> }[]} */
  let followed = [];

  /** Follows these runs and no others. @param {readonly string[]} ids */
  function follow(ids) {
    for (const { feed } of followed) feed.close();
    followed = ids.map((id) => {
      const store = createStore();
      return { store, feed: createFeed(id, store, changed) };
    });
  }

  return {
    follow,
    /** All of them, once, as soon as all are here. @param {Run} run on show */
    take(run) {
      if (followed.length === 0) return null;
      const gone = followed.some(({ feed }) => feed.link.gone);
      if (!gone && !followed.every(({ feed }) => feed.link.over)) return null;
      const stores = followed.map(({ store }) => store);
      follow([]);
      if (!gone && oneSeries([...stores.map((store) => store.run), run])) return stores;
      lost();
      return null;
    },
  };
}

/** Whether runs are one race with one seed after the other; all but the last must have come to their end. @param {(Run | null)[]} runs */
export function oneSeries(runs) {
  const first = runs[0]?.config;
  return runs.every((run, i) => {
    const over = i === runs.length - 1 || run?.status === 'finished';
    return first && run && over && sameConfig(run.config, { ...first, seed: first.seed + i });
  });
}
