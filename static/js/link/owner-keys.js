/** The keys of the runs that were started in this browser, the newest of them, and the host's passphrase: they outlive the page. */

import { keepTeacherKey } from './browser-id.js';
import { load, loadJson, save, WORDS } from './storage.js';

const KEYS = 'owner-keys';
const PASSPHRASE = 'passphrase';
/** Words that a link has brought, while there are others: theirs until they have let a race start. */
const OFFERED = 'passphrase-offered';
const MOST = 200;

/** By run; what is stored and is no key is left out, and gone with the next write. @returns {Map<string, string>} */
function keys() {
  const stored = loadJson(KEYS);
  const entries = typeof stored === 'object' && stored !== null && !Array.isArray(stored) ? Object.entries(stored) : [];
  return new Map(entries.filter(([, key]) => typeof key === 'string' && /^[\x21-\x7e]{1,200}$/.test(key)));
}

/** Null for another visitor's run. @param {string} id */
export function keyOf(id) {
  return keys().get(id) ?? null;
}

/** What a command is sent with. @param {string} id @returns {Record<string, string>} */
export function ownerHeader(id) {
  const key = keyOf(id);
  return key ? { 'X-Owner-Key': key } : {};
}

/** @param {string} id @param {string} key */
export function keepKey(id, key) {
  save(KEYS, JSON.stringify(Object.fromEntries([...keys().set(id, key)].slice(-MOST))));
}

const kept = () => load(PASSPHRASE, WORDS);
const offered = () => load(OFFERED, WORDS);

/** The words to try, as a header has room for them. */
export function passphrase() {
  return encoded(offered() ?? kept());
}

/** The words to hand on: not untried ones while there are others. */
export function keptPassphrase() {
  return encoded(kept());
}

/** @param {string | null} words */
function encoded(words) {
  // Half of a pair of surrogates has no encoding.
  return encodeURIComponent((words ?? '').replace(/\p{Surrogate}/gu, ''));
}

/** @param {string} said */
export function keepPassphrase(said) {
  save(PASSPHRASE, said);
  save(OFFERED, '');
}

/** The words that were tried have let a race start. */
export function passphraseWorked() {
  const words = offered();
  if (words) keepPassphrase(words);
}

/** The words that were tried are wrong; whether there are others, which are tried from now on. */
export function passphraseFailed() {
  if (!offered()) return false;
  save(OFFERED, '');
  return true;
}

/** A link that ends in #token=… hands the passphrase on, one with teacher=… the teacher's key, and neither stays on show. */
export function takeToken() {
  const said = new URLSearchParams(location.hash.slice(1));
  const [token, teacher] = [said.get('token'), said.get('teacher')];
  if (token === null && teacher === null) return;
  const words = kept();
  if (token !== null && words && token !== words) save(OFFERED, token);
  else if (token !== null) keepPassphrase(token);
  if (teacher !== null) keepTeacherKey(teacher);
  history.replaceState(null, '', location.pathname + location.search);
}
