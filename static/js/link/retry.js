/** Asks again what failed only for a while: a connection that was cut, a server that is busy, away or behind a proxy that is. */

import { ApiError } from './api.js';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Longer with every failure. Half of it is random: a thousand pages must not come back to a restarted server in one instant.
 * @param {number} failures before this one
 * @param {number} longestMs
 */
export function growingPause(failures, longestMs, random = Math.random()) {
  return Math.min(FIRST_PAUSE_MS * 2 ** failures, longestMs) * (0.5 + random / 2);
}

/**
 * How long to wait before the next attempt: as long as the server says and a little, random part of it, or else longer every time.
 * @param {ApiError} error
 * @param {number} failures before this one
 */
export function pauseAfter({ retryAfterS }, failures, random = Math.random()) {
  if (retryAfterS > 0) return retryAfterS * 1000 * (1 + random / 10);
  return growingPause(failures, LONGEST_PAUSE_MS, random);
}

/**
 * The answer, however many attempts it takes; raises ApiError once another one makes no sense, or is not wanted any more.
 * @template T
 * @param {() => Promise<T>} ask
 * @param {object} [options]
 * @param {(error: ApiError) => boolean} [options.passes] whether another attempt makes sense
 * @param {(error: ApiError) => void} [options.failed] before the pause that follows
 * @param {() => boolean} [options.wanted] whether the result is still needed
 * @returns {Promise<T>}
 */
export async function withRetries(ask, { passes = ({ passing }) => passing, failed = () => {}, wanted = () => true } = {}) {
  for (let failures = 0; ; failures++) {
    if (!navigator.onLine) await pause(Infinity);
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError) || !passes(error) || !wanted()) throw error;
      failed(error);
      await pause(pauseAfter(error, failures), error.retryAfterS === 0);
      if (!wanted()) throw error;
    }
  }
}

/** @param {number} ms @param {boolean} [short] whether it ends as soon as the browser is online again @returns {Promise<void>} */
function pause(ms, short = true) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener('online', end);
      resolve();
    };
    const timer = ms === Infinity ? 0 : window.setTimeout(end, ms);
    if (short) window.addEventListener('online', end);
  });
}
