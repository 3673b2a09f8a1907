/** Fills a store from a run's stream, from where the store ends. */

import { ApiError, fetchFrames, fetchRun, streamUrl } from './api.js';
import { createConnection } from './connection.js';
import { unframe } from '../model/frames.js';
import { isOlder } from '../model/page-state.js';
import { decode, ProtocolError } from '../model/stream/protocol.js';

/**
 * @param {string} runId
 * @param {Store} store
 * @param {() => void} changed
 */
export function createFeed(runId, store, changed) {
  /** The rows here are not the server's; they stay on show until the server's arrive. */
  let stale = false;
  /** No description of the run has come since the stream was opened. */
  let first = true;
  function renew() {
    if (stale) store.clearRows();
    stale = false;
  }

  /** Where to go on from; nothing means from the start. */
  function cursor() {
    const have = Object.entries(store.cursor()).map(([name, counts]) => [name, String(counts)]);
    return new URLSearchParams(!stale && have.some(([, counts]) => /[1-9]/.test(counts)) ? have : []);
  }

  /** Whether the last request by HTTP was: the next answer is then from the same server. */
  let answered = false;
  // Distinguishes this page from others at the same address; without https there is no crypto.randomUUID.
  const viewer = Math.random().toString(36).slice(2);

  return createConnection({
    address() {
      const url = streamUrl(runId);
      first = true;
      for (const [name, value] of cursor()) url.searchParams.set(name, value);
      return url;
    },
    async ask(signal) {
      const query = cursor();
      query.set('viewer', viewer);
      if (!answered) first = true;
      answered = false;
      const body = await fetchFrames(runId, query, signal);
      answered = true;
      return unframe(body);
    },
    text(message) {
      // An answer to a command may have overtaken it. A restarted server counts versions from the start.
      if (message.type === 'run' && (first || !isOlder(message.run, store.run))) {
        first = false;
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
    /** What is not streamed can still be fetched: at least the settings, and how it stands. */
    async refused() {
      const { runVersion } = store;
      try {
        const run = await fetchRun(runId);
        if (store.runVersion === runVersion) store.setRun(run);
        changed();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
    },
    changed,
  });
}
