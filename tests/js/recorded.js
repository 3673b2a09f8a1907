/** The recorded runs that the tests of both languages read; tests/runs/recorded.py is the same in Python. */

import { readdirSync, readFileSync } from 'node:fs';

const FOLDER = new URL('../fixtures/runs/', import.meta.url);

export const RECORDED = readdirSync(FOLDER)
  .sort()
  .map((file) => {
    const { run, batches, smoothing, expected } = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf-8'));
    return { name: file.replace('.json', ''), run: /** @type {Run} */ (run), batches, smoothing, expected };
  });

/** @param {string} name */
export function recorded(name) {
  const found = RECORDED.find((each) => each.name === name);
  if (!found) throw new Error(`No run was recorded as ${name}.`);
  return found;
}
