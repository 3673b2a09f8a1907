/**
 * What this browser keeps for the page between visits, under names of its own: another program at the same address may
 * write whatever it likes under its own. What cannot be written (storage is forbidden, or full) lasts as long as the page.
 */

/** early/theme.js reads there too. */
export const PREFIX = 'optimizer-playground.';

/** @type {Map<string, string>} */
const unwritten = new Map();

/** @param {string} name @returns {string | null} */
export function load(name) {
  const here = unwritten.get(name);
  if (here !== undefined) return here;
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** @param {string} name @param {string} text */
export function save(name, text) {
  try {
    localStorage.setItem(PREFIX + name, text);
    unwritten.delete(name);
  } catch {
    unwritten.set(name, text);
  }
}

/** The JSON value under a name; undefined for what is not JSON. @param {string} name @returns {unknown} */
export function loadJson(name) {
  try {
    return JSON.parse(load(name) ?? 'null');
  } catch {
    return undefined;
  }
}
