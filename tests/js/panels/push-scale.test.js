import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { inflateSync } from 'node:zlib';

import { PUSH_COLUMNS } from '../../../static/js/model/stream/protocol.js';
import {
  amount,
  decades,
  examplesOf,
  pointsOf,
  power,
  ratioOf,
  seen,
  timesInShort,
  timesLess,
  trendOf,
} from '../../../static/js/panels/push-scale.js';
import { createTable } from '../../../static/js/model/stream/table.js';

/**
 * A table whose newest row has these medians of |Δw| by bin, with quartiles a factor of two away.
 * @param {Record<number, number>} medians
 */
function pushed(medians) {
  const table = createTable(PUSH_COLUMNS);
  for (const row of [{ 3: 1 }, medians]) {
    const columns = Object.fromEntries(PUSH_COLUMNS.map((name) => [name, Float32Array.of(name === 'step' ? 100 : NaN)]));
    for (let bin = 0; bin < 20; bin++) {
      const median = /** @type {Record<number, number>} */ (row)[bin] ?? NaN;
      columns[`q25_${bin}`] = Float32Array.of(median / 2);
      columns[`q50_${bin}`] = Float32Array.of(median);
      columns[`q75_${bin}`] = Float32Array.of(median * 2);
    }
    table.append(columns, 1);
  }
  return table;
}

/** @param {number | undefined} actual @param {number} expected */
const near = (actual, expected) => assert.ok(Math.abs((actual ?? NaN) - expected) < 1e-3, `${actual} is not ${expected}`);

/** The pushes of a lane of the race that the front page shows first. @param {number} lane */
function recordedPushes(lane) {
  const file = new URL('../../../app/storage/recorded.db', import.meta.url);
  const database = new DatabaseSync(file, { readOnly: true });
  const pieces = database.prepare('SELECT columns FROM pieces WHERE lane = ? AND kind = 4 ORDER BY first').all(lane);
  database.close();
  return pieces.flatMap(({ columns }) => {
    const packed = inflateSync(/** @type {Uint8Array} */ (columns));
    const values = new Float32Array(packed.buffer, packed.byteOffset, packed.byteLength / 4);
    const rows = values.length / PUSH_COLUMNS.length;
    return Array.from({ length: rows }, (_, row) =>
      Object.fromEntries(PUSH_COLUMNS.map((name, i) => [name, values.slice(i * rows + row, i * rows + row + 1)])),
    );
  });
}

test('a line is made of the newest row, in decades, without bins that hold no weights', () => {
  const points = pointsOf(pushed({ 6: 1e-5, 9: 1e-4 }));
  assert.deepEqual(
    points.map(({ bin }) => bin),
    [6, 9],
  );
  near(points[0].x, -5.75);
  near(points[0].mid, -5);
  near(points[0].low, -5 - Math.log10(2));
  near(points[0].high, -5 + Math.log10(2));
});

test('before the first row there is no line, and weights that do not move have no place on it', () => {
  assert.deepEqual(pointsOf(undefined), []);
  assert.deepEqual(pointsOf(createTable(PUSH_COLUMNS)), []);
  assert.deepEqual(pointsOf(pushed({ 6: 0 })), []);
});

/** A table with one row, of these columns alone. @param {Record<string, number>} values */
function told(values) {
  const table = createTable(PUSH_COLUMNS);
  table.append(Object.fromEntries(PUSH_COLUMNS.map((name) => [name, Float32Array.of(values[name] ?? NaN)])), 1);
  return table;
}

test('a lane has its newest trend, and none in a run that an older version has saved', () => {
  assert.deepEqual(trendOf(told({ slope: 0.5, decades: 3 })), { slope: 0.5, decades: 3 });
  assert.equal(trendOf(told({ slope: NaN, decades: 0 })), null);
  assert.equal(trendOf(told({ step: 1 })), null);
  assert.equal(trendOf(createTable(PUSH_COLUMNS)), null);
  assert.equal(trendOf(undefined), null);
});

test('gradients are compared as far as there are enough weights in every lane, by a power of ten that only grows', () => {
  const trend = (/** @type {number} */ span) => ({ slope: 1, decades: span });
  assert.equal(ratioOf([trend(3), trend(2.4), null]), 100);
  assert.equal(ratioOf([trend(3), trend(2.96)]), 1000);
  assert.equal(ratioOf([trend(2.4)], 1000), 1000);
  assert.equal(ratioOf([trend(0.3)], 100), 100);
  assert.equal(ratioOf([trend(0.3)]), NaN);
  assert.equal(ratioOf([null]), NaN);
});

test('how much less a weight moves has two digits', () => {
  assert.equal(timesLess(1, 1000), 1000);
  assert.equal(timesLess(0.7, 1000), 130);
  assert.deepEqual([1000, 130, 6.9, 1.2, 0.8, 0.25].map(timesInShort), ['÷ 1,000', '÷ 130', '÷ 7', '=', '=', '× 4']);
});

test('the sentence mentions all lanes, in their order', () => {
  const lane = (/** @type {string} */ name, /** @type {number} */ slope) => ({ name, trend: { slope, decades: 3 } });
  const [sgd, momentum, adam, lion] = [lane('SGD', 1), lane('Momentum', 0.7), lane('Adam', 0.28), lane('Lion', 0)];
  assert.equal(
    seen([sgd, momentum, adam], 1000),
    'By straight lines fitted through all weights, one with a 1,000 times smaller gradient moves 1,000 times less with SGD, 130 times less with Momentum and 7 times less with Adam.' +
      ' The medians that are drawn lie above and below their line.',
  );
  assert.equal(
    seen([lion, adam, sgd, momentum, lane('Rprop', -0.2), { name: 'None', trend: null }], 100),
    'By straight lines fitted through all weights, one with a 100 times smaller gradient moves as far with Lion, 4 times less with Adam, 100 times less with SGD, ' +
      '25 times less with Momentum and 3 times as far with Rprop. The medians that are drawn lie above and below their line.',
  );
  const question = 'How far does each network move a weight that has a small gradient?';
  assert.equal(seen([{ name: 'SGD', trend: null }], NaN), question);
  assert.equal(seen([], 1000), question);
  assert.equal(seen([{ name: 'SGD', trend: null }], NaN, true), 'All gradients are zero, so no weight moves.');
});

test('examples are named by the pixel and the unit that they lie between', () => {
  const pushes = told({
    ...{ weight_0: 784 * 16 + 5, gradient_0: 0.5, change_0: 0.25 },
    ...{ weight_1: (14 * 28 + 15) * 16 + 5, gradient_1: 0.125, change_1: 0 },
  });
  assert.deepEqual(examplesOf(pushes, 16), [
    { pixel: null, unit: 5, gradient: 0.5, change: 0.25 },
    { pixel: [15, 14], unit: 5, gradient: 0.125, change: 0 },
  ]);
  assert.deepEqual(examplesOf(undefined, 16), []);
});

test('in the recorded race the sentence is near the truth at every push, and does not flicker', () => {
  const lanes = ['SGD', 'Momentum', 'Adam'].map((name, lane) => ({ name, rows: recordedPushes(lane), pushes: createTable(PUSH_COLUMNS) }));
  const events = lanes.flatMap(({ rows, pushes }) => rows.map((row) => ({ row, pushes }))).sort((a, b) => a.row.step[0] - b.row.step[0]);
  let ratio = NaN;
  /** What the sentences are without their numbers. @type {string[]} */
  const shapes = [];
  /** @type {number[][]} */
  const times = [];
  for (const { row, pushes } of events) {
    pushes.append(row, 1);
    const trends = lanes.map((lane) => trendOf(lane.pushes));
    const before = ratio;
    ratio = ratioOf(trends, ratio);
    if (trends.some((trend) => trend === null)) continue;
    assert.ok(ratio >= (before || 0));
    times.push(trends.map((trend) => timesLess(trend?.slope ?? NaN, ratio)));
    assert.equal(times.at(-1)?.[0], ratio, 'plain gradient descent moves a weight by its gradient times the learning rate');
    const shape = seen(
      lanes.map(({ name }, i) => ({ name, trend: trends[i] })),
      ratio,
    ).replace(/[\d,]+ times/g, '# times');
    if (shape !== shapes.at(-1)) shapes.push(shape);
  }
  // How many a race tells depends on how long it took.
  assert.ok(times.length > 50);
  assert.equal(ratio, 1000);
  const later = times.slice(times.length / 10);
  for (const [sgd, momentum, adam] of later) {
    assert.ok(sgd > 2 * momentum && momentum > 4 * adam, `${sgd}, ${momentum}, ${adam}`);
    assert.ok(adam < 15);
  }
  assert.equal(
    shapes.at(-1),
    'By straight lines fitted through all weights, one with a # times smaller gradient moves # times less with SGD, # times less with Momentum and # times less with Adam.' +
      ' The medians that are drawn lie above and below their line.',
  );
  assert.ok(shapes.length <= 3, shapes.join('\n'));
});

test('axes grow by whole decades, and never shrink', () => {
  const first = decades({ min: -6, max: -2 }, [-5.2, -1.9]);
  assert.deepEqual(first, { min: -6, max: -1 });
  assert.deepEqual(decades(first, [-6.1, -3]), { min: -7, max: -1 });
  assert.deepEqual(decades(first, []), first);
});

test('powers of ten are written as such', () => {
  assert.deepEqual([-10, -3, 0, 2].map(power), ['10⁻¹⁰', '10⁻³', '10⁰', '10²']);
  assert.equal(amount(Math.log10(3.2e-4)), '3.2·10⁻⁴');
  assert.equal(amount(-3), '1.0·10⁻³');
  assert.equal(amount(Math.log10(9.99e-4)), '1.0·10⁻³');
  assert.equal(amount(NaN), '–');
});
