/** The prefix of all paths of the playground on its server; empty, unless a proxy serves it below a path. */

// Tests of modules that import this have no document.
export const ROOT = globalThis.document?.documentElement.dataset.root ?? '';

/** The path of the address on show, as the playground knows it. */
export function ownPath() {
  return location.pathname.slice(ROOT.length);
}

/** A whole address, for others. @param {string} path */
export function addressFor(path) {
  return location.origin + ROOT + path;
}
