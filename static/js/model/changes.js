/** Notices whether values have changed since the last time, so that work is repeated only when it has to be. Pure. */

/** @returns {(...values: unknown[]) => boolean} whether any of the values differs from the one before; the first time, all do */
export function createChangeDetector() {
  /** @type {unknown[] | null} */
  let before = null;
  return (...values) => {
    if (before?.length === values.length && values.every((value, i) => value === before?.[i])) return false;
    before = values;
    return true;
  };
}
