/** The server's sweeps: starting, stopping and following one. */

import { ask, json, send, socketUrl, start } from './api.js';
import { RUN_OVER } from './channels.js';
import { createConnection } from './connection.js';
import { keyOf, ownerHeader } from './owner-keys.js';
import { isOver } from '../model/page-state.js';

/** @param {Record<string, any[]>} axes @param {Record<string, any>} config what all trainings have alike @returns {Promise<Sweep>} */
export function startSweep(axes, config) {
  return start('/api/sweeps', { axes, config });
}

/** @param {string} id @returns {Promise<Sweep>} */
async function stopSweep(id) {
  return json(await send('POST', `${pathOf(id)}/stop`, ownerHeader(id)));
}

/** @param {string} id */
function pathOf(id) {
  return `/api/sweeps/${encodeURIComponent(id)}`;
}

/** @param {SweepCell[]} known @param {Record<string, SweepCell>} changed */
export function merged(known, changed) {
  const cells = [...known];
  for (const [number, cell] of Object.entries(changed)) cells[Number(number)] = cell;
  return cells;
}

/**
 * @param {string} id
 * @param {() => void} changed
 */
export function createSweepFeed(id, changed) {
  /** @type {number | null} */
  let cursor = null;

  /** @param {Extract<SweepMessage, { type: 'sweep' }>} news */
  function take(news) {
    const before = cursor === null ? null : feed.sweep;
    feed.sweep = { ...news.sweep, cells: merged(before?.cells ?? [], news.cells), fresh: merged(before?.fresh ?? [], news.fresh) };
    cursor = news.cursor;
    changed();
  }

  const connection = createConnection({
    address() {
      const url = socketUrl(`${pathOf(id)}/stream`);
      if (cursor !== null) url.searchParams.set('cursor', String(cursor));
      return url;
    },
    /** The whole sweep, where no socket gets through. */
    async ask(signal) {
      /** @type {Sweep} */
      const sweep = await json(await ask(pathOf(id), { signal, cache: 'no-store' }));
      feed.sweep = sweep;
      cursor = null;
      changed();
      return isOver(sweep) ? [{ code: RUN_OVER }] : [{ text: '{"type": "beat"}' }];
    },
    text: (message) => message.type === 'sweep' && take(message),
    binary: () => false,
    forget: () => (cursor = null),
    refused: () => {},
    changed,
  });

  const feed = {
    /** As far as it is known. @type {Sweep | null} */
    sweep: null,
    get link() {
      return connection.link;
    },
    /** Whether it was started in this browser. */
    mine: keyOf(id) !== null,
    retry: connection.retry,
    close: connection.close,
    /** Raises ApiError. */
    async stop() {
      const answer = await stopSweep(id);
      // The stream may have been faster, and goes on from its cursor.
      if (feed.sweep === null || !isOver(feed.sweep)) feed.sweep = answer;
      changed();
    },
  };
  return feed;
}
