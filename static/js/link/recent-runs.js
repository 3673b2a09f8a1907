/** The runs that were started in this browser: a short list that outlives the page, newest first. */

import { loadJson, save } from './storage.js';

/** @typedef {{ id: string, label: string, at: number }} Seen `at` in milliseconds since 1970 */

const NAME = 'runs';
const MOST = 12;

/** What is stored and is no run is left out, and gone with the next write. @returns {Seen[]} */
export function recentRuns() {
  const stored = loadJson(NAME);
  return Array.isArray(stored) ? stored.filter(isSeen).slice(0, MOST) : [];
}

/** @param {any} value @returns {value is Seen} */
function isSeen(value) {
  return (
    typeof value?.id === 'string' &&
    /^[\w-]{1,64}$/.test(value.id) &&
    typeof value.label === 'string' &&
    value.label.length <= 500 &&
    typeof value.at === 'number' &&
    !Number.isNaN(new Date(value.at).getTime())
  );
}

/** @param {Seen[]} runs */
function keep(runs) {
  save(NAME, JSON.stringify(runs.slice(0, MOST)));
}

/** @param {string} id @param {string} label */
export function rememberRun(id, label) {
  keep([{ id, label, at: Date.now() }, ...recentRuns()]);
}

/** @param {string} id */
export function forgetRun(id) {
  keep(recentRuns().filter((run) => run.id !== id));
}
