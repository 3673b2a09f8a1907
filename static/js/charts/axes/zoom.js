/** Which part of the x axis is on show: windows that are moved, narrowed and kept within the axis. Pure. */

/** @typedef {import('./scales.js').Range} Range */

/**
 * The window nearest to the wanted one; null when that is the whole axis.
 * @param {Range} wanted
 * @param {number} end of the axis, which begins with 0
 * @param {number} narrowest
 * @returns {Range | null}
 */
export function fitWindow({ min, max }, end, narrowest) {
  const width = Math.max(narrowest, max - min);
  if (!(width < end * 0.999)) return null;
  const from = Math.max(0, Math.min((min + max - width) / 2, end - width));
  return { min: from, max: from + width };
}

/**
 * @param {Range} range
 * @param {number} factor above 1 shows less of the axis, in more detail
 * @param {number} around the x that keeps its place
 * @returns {Range}
 */
export function zoomBy({ min, max }, factor, around) {
  return { min: around - (around - min) / factor, max: around + (max - around) / factor };
}

/** @param {Range} range @param {number} by @returns {Range} */
export function panBy({ min, max }, by) {
  return { min: min + by, max: max + by };
}
