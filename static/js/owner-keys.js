/** The keys of the runs that were started in this browser, the newest of them, and the host's passphrase: they outlive the page. */

import { load, loadJson, save } from './storage.js';

const KEYS = 'owner-keys';
const WORDS = 'passphrase';
const MOST = 200;

/** By run; what is stored and is no key is left out, and gone with the next write. @returns {Map<string, string>} */
function keys() {
  const stored = loadJson(KEYS);
  const entries = typeof stored === 'object' && stored !== null && !Array.isArray(stored) ? Object.entries(stored) : [];
  return new Map(entries.filter(([, key]) => typeof key === 'string' && /^[\x21-\x7e]+$/.test(key)));
}

/** Null for a run of somebody else. @param {string} id */
export function keyOf(id) {
  return keys().get(id) ?? null;
}

/** @param {string} id @param {string} key */
export function keepKey(id, key) {
  save(KEYS, JSON.stringify(Object.fromEntries([...keys().set(id, key)].slice(-MOST))));
}

/** As a header has room for it. */
export function passphrase() {
  // Half of a pair of surrogates has no encoding.
  return encodeURIComponent((load(WORDS) ?? '').replace(/\p{Surrogate}/gu, ''));
}

/** @param {string} said */
export function keepPassphrase(said) {
  save(WORDS, said);
}

/** A link that ends in #token=… hands the passphrase on, and does not keep it on show. */
export function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return;
  keepPassphrase(token);
  history.replaceState(null, '', location.pathname + location.search);
}
