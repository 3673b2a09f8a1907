/**
 * One run as this page knows it: the fold of the stream's messages. Rows are only ever appended, and only where the
 * last ones ended, so that what is here is always a gapless beginning of what the server has.
 */

import { EVALUATION_COLUMNS, FRAME_COLUMNS, PUSH_COLUMNS } from './protocol.js';
import { createTable } from './table.js';

/** @returns {Store} */
export function createStore() {
  /** @param {number} lane */
  function rowsOf(lane) {
    while (store.lanes.length <= lane) {
      store.lanes.push({
        frames: createTable(FRAME_COLUMNS),
        evaluations: createTable(EVALUATION_COLUMNS, 128),
        pushes: createTable(PUSH_COLUMNS, 64),
      });
    }
    return store.lanes[lane];
  }

  /** @type {Store} */
  const store = {
    run: null,
    lanes: [],
    rowsVersion: 0,
    runVersion: 0,
    setRun(newest) {
      // A run's config never changes: as long as it is the same object, modules that depend on it need not update.
      store.run = store.run?.id === newest.id ? { ...newest, config: store.run.config } : newest;
      store.runVersion += 1;
      if (newest.lanes.length > 0) rowsOf(newest.lanes.length - 1);
    },
    /** Takes a block in, unless it does not begin where the rows end: then false, and nothing is changed. */
    append(block) {
      const table = rowsOf(block.lane)[block.kind === 'frame' ? 'frames' : block.kind];
      if (block.first !== table.count) return false;
      table.append(block.columns, block.rows);
      store.rowsVersion += 1;
      return true;
    },
    cursor() {
      const counts = (/** @type {keyof LaneRows} */ name) => store.lanes.map((lane) => lane[name].count);
      return { steps: counts('frames'), evaluations: counts('evaluations'), pushes: counts('pushes') };
    },
    clearRows() {
      const width = store.lanes.length;
      store.lanes = [];
      if (width > 0) rowsOf(width - 1);
      store.rowsVersion += 1;
    },
  };
  return store;
}
