/**
 * Fetches what a panel shows: only while the panel is in view, one request at a time and never twice for the same.
 * What went wrong stands in the panel's note, and is tried again as long as that may help.
 */

import { ApiError } from '../link/api.js';
import { part, setText } from '../ui/dom.js';
import { isOver } from '../model/page-state.js';
import { pauseAfter } from '../link/retry.js';

/**
 * @param {HTMLElement} host with a part "note"
 * @param {number} everyMs at the most
 * @param {() => Promise<string | void>} ask its result goes into the note
 */
export function createLazyFetch(host, everyMs, ask) {
  const note = part(host, 'note');
  let wanted = '';
  let requested = '';
  let busy = false;
  let near = false;
  let nextAt = 0;
  /** The server wants no request before, whatever the visitor does. */
  let heldUntil = 0;
  let failures = 0;
  let timer = 0;

  async function consider() {
    clearTimeout(timer);
    if (busy || !near || document.hidden || !wanted || wanted === requested) return;
    const wait = nextAt - performance.now();
    if (wait > 0) {
      timer = window.setTimeout(consider, wait);
      return;
    }
    requested = wanted;
    busy = true;
    nextAt = performance.now() + everyMs;
    let problem = '';
    try {
      problem = (await ask()) ?? '';
      failures = 0;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problem = error.message;
      if (error.passing) {
        requested = '';
        nextAt = performance.now() + pauseAfter(error, failures);
        failures += 1;
        if (error.retryAfterS > 0) heldUntil = nextAt;
      }
    } finally {
      busy = false;
    }
    if (wanted) setText(note, problem);
    consider();
  }

  new IntersectionObserver((entries) => {
    near = entries[entries.length - 1].isIntersecting;
    consider();
  }).observe(host);
  document.addEventListener('visibilitychange', consider);
  window.addEventListener('online', () => {
    nextAt = heldUntil;
    consider();
  });

  return {
    /**
     * What should be on show; another key is another question.
     * @param {string} key empty for nothing, of which `empty` says why
     * @param {string} empty
     * @param {boolean} [now] the visitor did it, and does not wait
     */
    want(key, empty, now) {
      if (!key) {
        requested = '';
        setText(note, empty);
      } else if (!wanted) setText(note, '');
      if (now) nextAt = heldUntil;
      wanted = key;
      consider();
    },
  };
}

/**
 * What the server can show of a run's networks, as a key: another one as soon as there may be something else. A replay is about
 * what was, of which the server knows no more than the end.
 * @param {Scene} scene
 * @param {number} newest changes while the run goes on
 */
export function momentOf({ state, run, store }, newest) {
  if (!run || state === 'lost' || state === 'gone' || !store.lanes.some(({ evaluations }) => evaluations.count)) return '';
  return `${run.id} ${state === 'replaying' || isOver(run) ? 'over' : newest}`;
}
