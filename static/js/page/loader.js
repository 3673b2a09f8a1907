/** Loads `later.js` once, when it is wanted: as soon as there is nothing else to do, or when the visitor asks for something of it. */

import { notLoaded } from '../ui/notices.js';

/**
 * @template M, T
 * @param {() => Promise<M>} load
 * @param {Page['notices']} notices
 * @param {(module: M) => T} begin
 * @returns {() => Promise<T | null>} null when it could not be loaded, of which a notice tells; the next call tries again
 */
export function createLoader(load, notices, begin) {
  /** @type {Promise<T | null> | null} */
  let loading = null;
  return () => {
    loading ??= load().then(begin, () => {
      loading = null;
      notices.show('unreachable', notLoaded('later.js'), { kind: 'problem' });
      return null;
    });
    return loading;
  };
}

/** @param {() => void} act */
export function whenIdle(act) {
  // Not in Safari.
  if ('requestIdleCallback' in window) requestIdleCallback(act);
  else setTimeout(act);
}
