/** Fills a store with what a run's stream tells, from where the store ends. */

import { ApiError, fetchRun, streamUrl } from './api.js';
import { createConnection } from './connection.js';
import { decode, ProtocolError } from './protocol.js';

/**
 * @param {string} runId
 * @param {import('./types').Store} store
 * @param {() => void} changed
 */
export function createFeed(runId, store, changed) {
  /** The rows that are here are not those of the server; they stay on show until its own come. */
  let stale = false;
  function renew() {
    if (stale) store.clearRows();
    stale = false;
  }

  return createConnection({
    address() {
      const url = streamUrl(runId);
      const have = Object.entries(store.cursor());
      if (!stale && have.some(([, counts]) => counts.some(Boolean))) url.search = `${new URLSearchParams(have)}`;
      return url;
    },
    text(message) {
      if (message.type === 'run') {
        store.setRun(message.run);
        if (message.run.lanes.every(({ steps }) => steps === 0)) renew();
      }
      changed();
    },
    binary(bytes) {
      renew();
      try {
        return decode(bytes).every((block) => store.append(block));
      } catch (error) {
        if (error instanceof ProtocolError) return false;
        throw error;
      } finally {
        changed();
      }
    },
    forget: () => (stale = true),
    /** What is not streamed can still be asked for: at least the settings, and how it stands. */
    async refused() {
      try {
        store.setRun(await fetchRun(runId));
        changed();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
    },
    changed,
  });
}
