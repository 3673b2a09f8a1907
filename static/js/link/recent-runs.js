/** The runs that were started in this browser: a short list that outlives the page, newest first. */

import { loadJson, save } from './storage.js';

/**
 * @typedef {{ id: string, label: string, at: number, lanes?: string, result?: string }} Seen
 * its settings, `at` in milliseconds since 1970, what its lanes are called, and how it ended as soon as that is known
 */

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
    !Number.isNaN(new Date(value.at).getTime()) &&
    [value.lanes, value.result].every((text) => text === undefined || typeof text === 'string')
  );
}

/** @param {Seen[]} runs */
function keep(runs) {
  save(NAME, JSON.stringify(runs.slice(0, MOST)));
}

/** @param {string} id @param {string} label @param {string} [lanes] */
export function rememberRun(id, label, lanes) {
  keep([{ id, label, at: Date.now(), lanes }, ...recentRuns()]);
}

/** What is known of a run now. @param {string} id @param {Partial<Seen>} more */
export function noteRun(id, more) {
  keep(recentRuns().map((run) => (run.id === id ? { ...run, ...more } : run)));
}

/** @param {string} id */
export function forgetRun(id) {
  keep(recentRuns().filter((run) => run.id !== id));
}
