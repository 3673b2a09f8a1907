/** Looking up rows in columns that only grow. */

/**
 * The first row from `low` up to `high` that holds, as do all after it; `high` when none does.
 * @param {number} low
 * @param {number} high
 * @param {(row: number) => boolean} holds
 */
export function firstRow(low, high, holds) {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
