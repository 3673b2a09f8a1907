/**
 * One run as this page knows it: the fold of the stream's messages. Rows are only ever appended, and only where the
 * last ones ended, so that what is here is always a gapless beginning of what the server has.
 */

import { EVALUATION_COLUMNS, FRAME_COLUMNS, PUSH_COLUMNS } from './protocol.js';
import { createTable } from './table.js';

/** @returns {Store} */
export function createStore() {
  /** @type {Run | null} */
  let run = null;
  /** @type {LaneRows[]} */
  let lanes = [];
  let rowsVersion = 0;
  let runVersion = 0;

  /** @param {number} lane */
  function rowsOf(lane) {
    while (lanes.length <= lane) {
      lanes.push({
        frames: createTable(FRAME_COLUMNS),
        evaluations: createTable(EVALUATION_COLUMNS),
        pushes: createTable(PUSH_COLUMNS, 64),
      });
    }
    return lanes[lane];
  }

  return {
    get run() {
      return run;
    },
    get lanes() {
      return lanes;
    },
    get rowsVersion() {
      return rowsVersion;
    },
    get runVersion() {
      return runVersion;
    },
    setRun(newest) {
      run = newest;
      runVersion += 1;
      if (newest.lanes.length > 0) rowsOf(newest.lanes.length - 1);
    },
    /** Takes a block in, unless it does not begin where the rows end: then false, and nothing is changed. */
    append(block) {
      const table = rowsOf(block.lane)[block.kind === 'frame' ? 'frames' : block.kind];
      if (block.first !== table.count) return false;
      table.append(block.columns, block.rows);
      rowsVersion += 1;
      return true;
    },
    cursor() {
      return {
        steps: lanes.map((lane) => lane.frames.count),
        evaluations: lanes.map((lane) => lane.evaluations.count),
        pushes: lanes.map((lane) => lane.pushes.count),
      };
    },
    clearRows() {
      const width = lanes.length;
      lanes = [];
      if (width > 0) rowsOf(width - 1);
      rowsVersion += 1;
    },
  };
}
