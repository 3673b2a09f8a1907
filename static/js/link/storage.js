/**
 * What this browser keeps for the page between visits, under names of its own: another program at the same address may
 * write whatever it likes under its own. What cannot be written (storage is forbidden, or full) lasts as long as the page.
 */

/** Passphrases and teachers' keys, which people choose; the server takes no longer ones. */
export const WORDS = /^(?=.*\P{Surrogate}).{1,500}$/su;

/** early/theme.js reads there too. */
export const PREFIX = 'optimizer-playground.';

/** @type {Map<string, string>} */
const unwritten = new Map();

/**
 * The text under a name, or null. One that is not valid is not the page's own, or was damaged: it goes.
 * @param {string} name
 * @param {RegExp} valid
 * @returns {string | null}
 */
export function load(name, valid) {
  const text = read(name);
  if (text === null || valid.test(text)) return text;
  save(name, '');
  return null;
}

/** @param {string} name @returns {string | null} */
function read(name) {
  const here = unwritten.get(name);
  if (here !== undefined) return here || null;
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** An empty text is none. @param {string} name @param {string} text */
export function save(name, text) {
  try {
    if (text) localStorage.setItem(PREFIX + name, text);
    else localStorage.removeItem(PREFIX + name);
    unwritten.delete(name);
  } catch {
    unwritten.set(name, text);
  }
}

/** The JSON value under a name; undefined for what is not JSON. @param {string} name @returns {unknown} */
export function loadJson(name) {
  try {
    return JSON.parse(read(name) ?? 'null');
  } catch {
    return undefined;
  }
}
