/** Where on its server the playground lies: what comes before each of its own paths. Empty, unless it is behind a path. */

// Outside of a page, in tests of modules that only bring this along, there is none.
export const ROOT = globalThis.document?.documentElement.dataset.root ?? '';

/** The path of the address on show, as the playground knows it. */
export function ownPath() {
  return location.pathname.slice(ROOT.length);
}

/** A whole address, for others. @param {string} path */
export function addressFor(path) {
  return location.origin + ROOT + path;
}
