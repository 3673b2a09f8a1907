/** The numbers of a run as CSV, line by line: the same text as `playground race` writes (app/report/export.py). */

import { single } from './format.js';
import { scheduled } from './schedules.js';
import { createAverage, weightFor } from './smoothing.js';

/** @typedef {import('../types').Run} Run */
/** @typedef {readonly import('../types').LaneRows[]} Rows */

const PLACE = 'seed,lane,name,optimizer,step,epoch,examples,seconds,learning_rate';
const MEASURED = ['test_accuracy', 'test_loss', 'train_accuracy', 'train_loss'];

/**
 * A table of one run after the other.
 * @param {(run: Run, names: string[], rows: Rows, smoothing: number) => Iterable<string>} table
 * @param {readonly import('../types').Store[]} stores
 * @param {string[]} names of their lanes
 * @param {number} smoothing
 */
export function* seriesCsv(table, stores, names, smoothing) {
  for (const [number, { run, lanes }] of stores.entries()) {
    let head = number > 0;
    for (const line of run ? table(run, names, lanes, smoothing) : []) {
      if (!head) yield line;
      head = false;
    }
  }
}

/**
 * Every batch of every lane, and the running averages at this smoothing.
 * @param {Run} run
 * @param {string[]} names of its lanes
 * @param {Rows} rows of each lane
 * @param {number} smoothing
 */
export function* batchesCsv(run, names, rows, smoothing) {
  yield `${PLACE},loss,accuracy,smoothed_loss,smoothed_accuracy\n`;
  const weight = weightFor(smoothing, run.total_steps);
  for (const [lane, { frames }] of rows.entries()) {
    const place = placeIn(run, names[lane], lane);
    const [loss, accuracy, seconds] = ['loss', 'accuracy', 'seconds'].map((name) => frames.column(name).subarray(0, frames.count));
    const [smoothLoss, smoothAccuracy] = [createAverage(weight), createAverage(weight)];
    for (let row = 0; row < loss.length; row++) {
      const values = [loss[row], accuracy[row], Math.fround(smoothLoss(loss[row])), Math.fround(smoothAccuracy(accuracy[row]))];
      yield `${place(row + 1, seconds[row])},${values.map(single)}\n`;
    }
  }
}

/**
 * Every evaluation of every lane.
 * @param {Run} run
 * @param {string[]} names of its lanes
 * @param {Rows} rows of each lane
 */
export function* evaluationsCsv(run, names, rows) {
  yield `${PLACE},${MEASURED}\n`;
  for (const [lane, { evaluations }] of rows.entries()) {
    const place = placeIn(run, names[lane], lane);
    const [step, seconds, ...measured] = ['step', 'seconds', ...MEASURED].map((name) => evaluations.column(name));
    for (let row = 0; row < evaluations.count; row++) {
      yield `${place(step[row], seconds[row])},${measured.map((column) => single(column[row]))}\n`;
    }
  }
}

/** The same table for a spreadsheet of a country with decimal commas: no cell has a comma, and no name a point. @param {Iterable<string>} lines */
export function* withDecimalCommas(lines) {
  for (const line of lines) yield line.replaceAll(',', ';').replaceAll('.', ',');
}

/** The cells that say where in the race a line is. @param {Run} run @param {string} name @param {number} lane */
function placeIn({ config, batches_per_epoch, total_steps, lanes }, name, lane) {
  const { optimizer, learning_rate, schedule } = config.lanes[lane];
  const who = [config.seed, lane, name, optimizer].join();
  const first = learning_rate ?? config.learning_rate;
  return (/** @type {number} */ step, /** @type {number} */ seconds) => {
    const chosen = lanes[lane].learning_rate_changes.findLast((change) => change.step <= step)?.learning_rate ?? first;
    const rate = Math.fround(chosen * scheduled(schedule ?? 'constant', Math.max(step, 1), total_steps));
    return [who, step, (step / batches_per_epoch).toFixed(5), step * config.batch_size, single(seconds), single(rate)].join();
  };
}
