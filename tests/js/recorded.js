/** The recorded runs that the tests of both languages read; tests/runs/recorded.py is the same in Python. */

import { readdirSync, readFileSync } from 'node:fs';

import { EVALUATION_COLUMNS, FRAME_COLUMNS } from '../../static/js/model/protocol.js';
import { createTable } from '../../static/js/model/table.js';

const FOLDER = new URL('../fixtures/runs/', import.meta.url);

/** @param {string[]} names @param {Record<string, (number | null)[]>} [columns] null is what JSON has for a number that is none */
function table(names, columns) {
  const filled = createTable(names);
  if (!columns) return filled;
  const values = Object.fromEntries(names.map((name) => [name, Float32Array.from(columns[name], (value) => value ?? NaN)]));
  filled.append(values, columns[names[0]].length);
  return filled;
}

export const RECORDED = readdirSync(FOLDER)
  .sort()
  .map((file) => {
    const { run, evaluations, batches, smoothing, expected } = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf-8'));
    /** @type {import('../../static/js/types').LaneRows[]} */
    const rows = evaluations.map((/** @type {Record<string, number[]>} */ columns, /** @type {number} */ lane) => ({
      frames: table(FRAME_COLUMNS, batches[lane]),
      evaluations: table(EVALUATION_COLUMNS, columns),
    }));
    return { name: file.replace('.json', ''), run: /** @type {import('../../static/js/types').Run} */ (run), rows, smoothing, expected };
  });

/** @param {string} name */
export function recorded(name) {
  const found = RECORDED.find((each) => each.name === name);
  if (!found) throw new Error(`No run was recorded as ${name}.`);
  return found;
}
