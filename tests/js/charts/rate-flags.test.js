import assert from 'node:assert/strict';
import test from 'node:test';

import { flagsOf, heightOf, lastOverAll, leftOf, momentsOf } from '../../../static/js/charts/rate-flags.js';

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

  assert.deepEqual(momentsOf(run, 1, 'test_loss', 0), [change, { step: 8667, text: 'lowest 0.0678, batch 8,667' }]);
  assert.deepEqual(momentsOf(run, 0, 'test_loss', 0), [change]);
  assert.deepEqual(momentsOf(run, 1, 'loss', 0), [change]);
  assert.deepEqual(momentsOf(null, 0, 'test_loss', 0), []);
  // Along epochs, what is said of it counts them.
  assert.equal(momentsOf(run, 1, 'test_loss', 937)[1].text, 'lowest 0.0678, epoch 10');
});

test('the evaluation that is over more digits than the others is flagged', () => {
  const lanes = [
    { status: 'finished', ended_at: 937 },
    { status: 'stopped', ended_at: 400 },
    { status: 'running', ended_at: null },
  ];
  const run = /** @type {Run} */ (/** @type {unknown} */ ({ lanes, batches_per_epoch: 937, config: { batch_size: 64 } }));
  const at = (/** @type {number} */ lane, sample = 10_000) => lastOverAll(run, lane, sample).map(({ step }) => step);

  assert.deepEqual(
    [0, 1, 2].map((lane) => at(lane)),
    [[937], [], []],
  );
  assert.deepEqual(at(0, 59_968), []);
  assert.deepEqual(lastOverAll(null, 0, 10_000), []);
});

const area = { left: 0, top: 0, width: 400, height: 300 };
const words = { left: 104, right: 204, row: 15 };
const foot = { x: 100, y: 200 };

test('the words of a flag stand above its foot, unless a line passes there', () => {
  const low = [
    { x: 0, y: 260 },
    { x: 400, y: 260 },
  ];
  // As a loss that has turned: it climbs from the foot on.
  const turned = [{ x: 0, y: 120 }, foot, { x: 300, y: 160 }];

  assert.equal(heightOf(foot, words, area, [], [low]), 200 - 1.4 * 15);
  assert.equal(heightOf(foot, words, area, [], [low, turned]), 200 + 1.4 * 15);
});

test('one that climbs out of the words from one corner to the next is seen, too', () => {
  const steep = [
    { x: 150, y: 0 },
    { x: 151, y: 210 },
  ];
  assert.equal(heightOf(foot, words, area, [], [steep]), 200 + 1.4 * 15);
});

test('flags stand clear of each other and within the plot', () => {
  const first = { ...words, y: heightOf(foot, words, area, [], []) };
  assert.equal(heightOf({ x: 110, y: 200 }, { ...words, left: 114, right: 214 }, area, [first], []), 200 + 1.4 * 15);
  assert.equal(heightOf({ x: 250, y: 200 }, { ...words, left: 254, right: 354 }, area, [first], []), 200 - 1.4 * 15);
  assert.equal(heightOf({ x: 100, y: 5 }, words, area, [], []), 5 + 1.4 * 15);
  assert.equal(heightOf({ x: 100, y: 295 }, words, area, [], []), 295 - 1.4 * 15);
});

test('the words of a flag are beside its foot, and within the plot where it is narrow', () => {
  assert.equal(leftOf(100, 150, 4, area), 104);
  assert.equal(leftOf(300, 150, 4, area), 146);
  assert.equal(leftOf(100, 150, 4, { ...area, width: 240 }), 90);
  assert.equal(leftOf(100, 150, 4, { ...area, width: 120 }), 0);
});
