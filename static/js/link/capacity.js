/** Whether there is room for a race before one is started: words for the visitor, or none when it would start at once. */

import { sameConfig } from '../model/address.js';
import { ApiError, fetchCapacity } from './api.js';
import { about } from '../model/format.js';
import { passphrase } from './owner-keys.js';
import { withRetries } from './retry.js';

const EVERY_MS = 15_000;
const NOTHING = { wait: '', waitInShort: '' };
const JOINS = { wait: 'The class is watching a race with these settings: play joins it.', waitInShort: '' };

/**
 * @param {Capacity} first as the page came with
 * @param {() => Config} draft what would be started
 * @param {() => boolean} wanted whether a race could be started now
 * @param {object} on
 * @param {() => void} on.reached the server has answered
 * @param {() => void} on.changed there are other words
 */
export function createCapacity(first, draft, wanted, { reached, changed }) {
  let known = inWords(first);
  let joinable = first.joinable;
  /** Whether it was wanted the last time. @type {boolean | undefined} */
  let before;

  let fetching = false;

  async function refresh() {
    const useful = () => !document.hidden && wanted();
    if (fetching || !useful()) return;
    fetching = true;
    try {
      const newest = await withRetries(fetchCapacity, { wanted: useful });
      reached();
      const before = { known, joinable };
      known = inWords(newest);
      joinable = newest.joinable;
      // A tab at rest draws nothing for the same answer again.
      if (!sameConfig(before, { known, joinable })) changed();
    } catch (error) {
      // A server out of reach is reported once a command needs it.
      if (!(error instanceof ApiError)) throw error;
    } finally {
      fetching = false;
    }
  }

  setInterval(refresh, EVERY_MS);
  document.addEventListener('visibilitychange', refresh);
  return {
    /** How long the visitor's own race would wait: in a line, and in a few words beside another visitor's race. */
    forecast() {
      const now = wanted();
      if (now && before === false) {
        // What was known before a race is out of date after it.
        known = NOTHING;
        joinable = null;
        refresh();
      }
      before = now;
      if (!now) return NOTHING;
      return joinable && sameConfig(joinable, draft()) ? JOINS : known;
    },
  };
}

/** @param {Capacity} capacity */
function inWords(capacity) {
  return { wait: lineOf(capacity, passphrase() !== ''), waitInShort: inShort(capacity) };
}

/** @param {Capacity} capacity @param {boolean} [known] the passphrase, or one that is taken for it */
export function lineOf(
  { reason, wait_s, queued, retry_after_s, max_turn_s: turn_s, max_full_speed_turn_s: fast_s, passphrase: locked },
  known = false,
) {
  const first = locked && !known ? 'Starting takes the class’s passphrase.' : '';
  if (reason) return refusal(reason, retry_after_s);
  if (wait_s !== null && wait_s < 1) return first;
  const waiting = queued > 0 ? `${queued} ${queued === 1 ? 'race waits' : 'races wait'}` : 'All slots are in use';
  const turn = turn_s && fast_s ? ` While others wait, a race has ${about(fast_s)}, a paused or slow one ${about(turn_s)}.` : '';
  return `${waiting}: ${wait_s === null ? 'wait time unknown' : `yours would start in ${about(wait_s)}`}.${turn}${first && ` ${first}`}`;
}

/** @param {Capacity} capacity */
export function inShort({ reason, wait_s, retry_after_s }) {
  if (reason) return refusal(reason, retry_after_s);
  if (wait_s === null) return 'Press play: yours joins the queue, wait time unknown.';
  return wait_s < 1 ? '' : `Press play: yours starts in ${about(wait_s)}.`;
}

/** @param {string} reason @param {number | null} retryAfter in seconds */
function refusal(reason, retryAfter) {
  return retryAfter ? `${reason.replace(/\.$/, '')}; try again in ${about(retryAfter)}.` : reason;
}
