/** The keys of the runs that were started in this browser: they outlive the page, the newest of them. */

const KEY = 'owner-keys';
const MOST = 200;

/** Where storage is forbidden, they live as long as the page. @type {Record<string, string>} */
const here = {};

function stored() {
  try {
    /** @type {Record<string, string>} */
    const keys = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return keys;
  } catch {
    // Anybody can have written there.
    return {};
  }
}

/** Null for a run of somebody else. @param {string} id */
export function keyOf(id) {
  return here[id] ?? stored()[id] ?? null;
}

/** @param {string} id @param {string} key */
export function keepKey(id, key) {
  here[id] = key;
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries([...Object.entries(stored()), [id, key]].slice(-MOST))));
  } catch {
    // Forbidden, or full.
  }
}
