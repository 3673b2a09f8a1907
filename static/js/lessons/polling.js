/** Fetches a lesson again and again while the page is visible. */

import { ApiError } from '../link/api.js';
import { fetchLesson } from '../link/lesson-api.js';
import { growingPause } from '../link/retry.js';

/** Once the answer is there; the teacher may still reveal another run. */
const SETTLED_MS = 10_000;
const LONGEST_MS = 15_000;

/**
 * @param {Lesson} lesson
 * @param {number} everyMs while there is something to wait for
 * @param {(lesson: Lesson) => void} update
 * @param {(said: string) => void} say what is wrong, in a sentence; empty once nothing is
 */
export function createPolling({ id, outcome }, everyMs, update, say) {
  let pauseMs = outcome ? SETTLED_MS : everyMs;
  let failures = 0;
  let timer = 0;
  /** Counts what has arrived: an answer to a request from before that is out of date. */
  let newest = 0;

  /** @param {Lesson} lesson which came with another answer, say that to a vote */
  function took(lesson) {
    newest++;
    pauseMs = lesson.outcome?.choice ? SETTLED_MS : everyMs;
    update(lesson);
    next(pauseMs);
  }

  async function look() {
    const asked = newest;
    try {
      const lesson = await fetchLesson(id);
      if (failures > 0) say('');
      failures = 0;
      if (asked === newest) took(lesson);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(error.message);
      if (error.passing) next(error.retryAfterS * 1000 || growingPause(failures, LONGEST_MS));
      failures++;
    }
  }

  /** @param {number} ms */
  function next(ms) {
    clearTimeout(timer);
    // Random, so that a class does not ask all at once.
    if (!document.hidden) timer = window.setTimeout(look, ms * (0.8 + Math.random() * 0.4));
  }

  document.addEventListener('visibilitychange', () => next(0));
  return { took, start: () => next(pauseMs) };
}
