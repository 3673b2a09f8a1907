/** The keys of the runs that were started in this browser, the newest of them, and the host's passphrase: they outlive the page. */

const KEY = 'owner-keys';
const WORDS = 'passphrase';
const MOST = 200;

/** Where storage is forbidden, they live as long as the page. @type {Record<string, string>} */
const here = {};
/** @type {string | null} */
let words = null;

/** @param {string} key */
function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** @param {string} key @param {string} value */
function write(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Forbidden, or full.
  }
}

/** @returns {Record<string, string>} */
function stored() {
  try {
    return JSON.parse(read(KEY) ?? '{}');
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
  write(KEY, JSON.stringify(Object.fromEntries([...Object.entries(stored()), [id, key]].slice(-MOST))));
}

/** As a header has room for it. */
export function passphrase() {
  return encodeURIComponent(words ?? read(WORDS) ?? '');
}

/** @param {string} said */
export function keepPassphrase(said) {
  words = said;
  write(WORDS, said);
}

/** A link that ends in #token=… hands the passphrase on, and does not keep it on show. */
export function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return;
  keepPassphrase(token);
  history.replaceState(null, '', location.pathname + location.search);
}
