import assert from 'node:assert/strict';
import test from 'node:test';

import { flagsOf, momentsOf } from '../../../static/js/charts/rate-flags.js';

/** @param {Record<string, number[]>} columns @returns {Table} */
function table(columns) {
  return { count: Object.values(columns)[0].length, column: (name) => Float32Array.from(columns[name]), append() {} };
}

const xOf = (/** @type {number} */ step) => step;
const frames = table({ loss: [4, 3, 2, 1], seconds: [1, 2, 3, 4] });
const evaluations = table({ step: [0, 2, 4], seconds: [0, 2, 4], test_loss: [8, 4, 1] });

/** @param {number} row @param {number} x @param {number} average */
const curve = (row, x, average) => ({ at: () => ({ row, x, average }) });

test('a mark stands on the running average, at the first batch with the new learning rate', () => {
  const flags = flagsOf([{ step: 3, text: 'lr 0.1' }], {
    curve: curve(2, 3, 2.5),
    table: frames,
    metric: 'loss',
    frames,
    xOf,
    log: false,
  });
  assert.deepEqual(flags, [{ x: 3, y: 2.5, text: 'lr 0.1' }]);
});

test('a mark stands at the seconds of its batch on an axis of seconds', () => {
  const bySeconds = (/** @type {number} */ _, /** @type {number} */ seconds) => seconds * 10;
  const [{ x }] = flagsOf([{ step: 2, text: 'lr 0.1' }], {
    curve: curve(1, 20, 1),
    table: frames,
    metric: 'loss',
    frames,
    xOf: bySeconds,
    log: false,
  });
  assert.equal(x, 20);
});

test('between two evaluations a mark stands on the line as it is drawn', () => {
  const drawn = { curve: curve(1, 2, 4), table: evaluations, metric: 'test_loss', frames, xOf };
  const change = [{ step: 3, text: 'lr 0.00125' }];
  assert.deepEqual(flagsOf(change, { ...drawn, log: false }), [{ x: 3, y: 2.5, text: 'lr 0.00125' }]);
  assert.equal(flagsOf(change, { ...drawn, log: true })[0].y, 2);
});

test('a change waits for its first batch, and needs a line to stand on', () => {
  const drawn = { table: frames, metric: 'loss', frames, xOf, log: false };
  assert.deepEqual(flagsOf([{ step: 5, text: 'lr 1' }], { curve: curve(3, 4, 1), ...drawn }), []);
  assert.deepEqual(flagsOf([{ step: 2, text: 'lr 1' }], { curve: { at: () => null }, ...drawn }), []);
  assert.deepEqual(flagsOf([{ step: 2, text: 'lr 1' }], { curve: curve(1, 2, NaN), ...drawn }), []);
});

test('changes of the learning rate are flagged on every line, and where the test loss turned on its own', () => {
  const lane = { learning_rate_changes: [{ step: 3, learning_rate: 0.00125 }] };
  const run = /** @type {Run} */ (/** @type {unknown} */ ({ lanes: [lane, lane], turns: [{ lane: 1, step: 8667, test_loss: 0.0678 }] }));
  const change = { step: 3, text: 'lr 0.00125' };
  assert.deepEqual(momentsOf(run, 1, 'test_loss'), [change, { step: 8667, text: 'lowest 0.0678, batch 8,667' }]);
  assert.deepEqual(momentsOf(run, 0, 'test_loss'), [change]);
  assert.deepEqual(momentsOf(run, 1, 'loss'), [change]);
  assert.deepEqual(momentsOf(null, 0, 'test_loss'), []);
});
