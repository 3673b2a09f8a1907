/** Looking up a row by its x in columns that only grow. */

/**
 * The last of `count` rows whose x is at or before the one asked for, or -1 when all come later.
 * @param {number} count
 * @param {(row: number) => number} xOf never falls from one row to the next
 * @param {number} x
 */
export function lastAtOrBefore(count, xOf, x) {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (xOf(middle) <= x) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
