/** Append-only columns of float32 numbers that grow by doubling, so that a long race costs no copying per batch; and looking up rows. */

/**
 * @param {string[]} names
 * @param {number} [capacity] rows there is room for at first
 * @returns {Table}
 */
export function createTable(names, capacity = 1024) {
  /** @type {Record<string, Float32Array>} */
  const stored = {};
  for (const name of names) stored[name] = new Float32Array(capacity);

  /** @param {number} needed */
  function reserve(needed) {
    if (needed <= capacity) return;
    while (capacity < needed) capacity *= 2;
    for (const name of names) {
      const larger = new Float32Array(capacity);
      larger.set(stored[name].subarray(0, table.count));
      stored[name] = larger;
    }
  }

  /** @type {Table} */
  const table = {
    count: 0,
    column: (name) => stored[name],
    append(columns, rows) {
      reserve(table.count + rows);
      for (const name of names) stored[name].set(columns[name], table.count);
      table.count += rows;
    },
  };
  return table;
}

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
