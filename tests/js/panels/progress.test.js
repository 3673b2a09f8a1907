import assert from 'node:assert/strict';
import test from 'node:test';

import { batchesOf } from '../../../static/js/panels/progress.js';

/** @param {number[]} steps @param {number | null} pace @param {string[]} [statuses] @param {string} [state] */
function told(steps, pace, statuses = [], state = 'racing') {
  const lanes = steps.map((each, i) => ({ steps: each, status: statuses[i] ?? 'running' }));
  const scene = { state, run: { status: 'running', pace, lanes }, view: {}, plan: { totalSteps: 4685 } };
  return batchesOf(/** @type {any} */ (scene), Math.max(...steps));
}

test('the batches of lanes that are apart are a range, however near they are', () => {
  assert.equal(told([10, 11, 14], null), '10 to 14 of 4,685');
  assert.equal(told([14, 14, 13], null), '13 to 14 of 4,685');
  assert.equal(told([14, 14, 14], null), '14 of 4,685');
  assert.equal(told([10, 11, 14], 10), '10 to 14 of 4,685');
});

test('lanes that take turns are as far as the last of them', () => {
  assert.equal(told([14, 13, 13], 10), '13 of 4,685');
  assert.equal(told([14, 13, 13], 10, [], 'paused'), '13 to 14 of 4,685', 'but at rest they are apart');
});

test('a race that was stopped ended where its lanes were', () => {
  assert.equal(told([187, 220, 220], null, ['stopped', 'stopped', 'stopped'], 'stopped'), '187 to 220 of 4,685');
  assert.equal(told([187, 220, 40], null, ['interrupted', 'interrupted', 'failed'], 'interrupted'), '187 to 220 of 4,685');
});

test('a lane that has diverged does not count as behind', () => {
  assert.equal(told([3, 14, 14], null, ['diverged']), '14 of 4,685');
});
