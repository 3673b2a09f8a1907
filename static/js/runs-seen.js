/** The runs that were started in this browser: a short list that outlives the page, newest first. */

/** @typedef {{ id: string, label: string, at: number }} Seen */

const KEY = 'runs';
const MOST = 12;

/** @returns {Seen[]} */
export function runsSeen() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '[]');
  } catch {
    // Storage can be forbidden, and is anybody's to write.
    return [];
  }
}

/** @param {(runs: Seen[]) => Seen[]} change */
function keep(change) {
  try {
    localStorage.setItem(KEY, JSON.stringify(change(runsSeen()).slice(0, MOST)));
  } catch {
    // Then the list is as long as the page lives: empty.
  }
}

/** @param {string} id @param {string} label */
export function rememberRun(id, label) {
  keep((runs) => [{ id, label, at: Date.now() }, ...runs]);
}

/** @param {string} id */
export function forgetRun(id) {
  keep((runs) => runs.filter((run) => run.id !== id));
}
