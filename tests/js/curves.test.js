import assert from 'node:assert/strict';
import test from 'node:test';

import { createBuckets } from '../../static/js/charts/buckets.js';
import { createCurve } from '../../static/js/charts/curve.js';
import { firstRow } from '../../static/js/model/table.js';
import { createAverage } from '../../static/js/model/smoothing.js';
import { createTable } from '../../static/js/model/table.js';

/** @param {number} weight @param {number[]} values */
function averages(weight, values) {
  const average = createAverage(weight);
  return values.map((value) => Number(average(value).toFixed(9)));
}

test('the average of a constant is that constant from the first value on', () => {
  assert.deepEqual(averages(0.99, [4, 4, 4]), [4, 4, 4]);
});

test('weight 0 is the raw line', () => {
  assert.deepEqual(averages(0, [3, 1, 2]), [3, 1, 2]);
});

test('an average weighs the newest value most', () => {
  // (0.5·1 + 1·4) / 1.5
  assert.deepEqual(averages(0.5, [1, 4]), [1, 3]);
});

test('a loss that is not finite leaves the average where it was', () => {
  assert.deepEqual(averages(0.5, [1, NaN, Infinity, 4]), [1, 1, 1, 3]);
});

/**
 * @param {ReturnType<typeof createBuckets>} buckets
 * @param {[number, number, number][]} points x, raw, smooth
 */
function takeAll(buckets, points) {
  const rows = {
    xOf: (/** @type {number} */ row) => points[row][0],
    raw: Float32Array.from(points, ([, raw]) => raw),
    smooth: Float32Array.from(points, ([, , smooth]) => smooth),
  };
  buckets.take(rows, 0, points.length);
  return buckets;
}

test('a bucket keeps extremes of the raw line and the last point of the smooth one', () => {
  const buckets = takeAll(createBuckets(4, 0, 8), [
    [0.5, 3, 3],
    [1, 1, 2.5],
    [1.5, 2, 2.25],
    [8, 7, 7],
  ]);
  assert.deepEqual([...buckets.low], [1, NaN, NaN, 7]);
  assert.deepEqual([...buckets.high], [3, NaN, NaN, 7]);
  assert.equal(buckets.lastAt[0], 0.75);
  assert.equal(buckets.lastY[0], 2.25);
  assert.equal(buckets.end, 4);
});

test('buckets hold only what is on the axis, and finite', () => {
  const buckets = takeAll(createBuckets(2, 0, 1), [
    [-0.1, 1, 1],
    [0.5, NaN, 1],
    [1.1, 1, 1],
  ]);
  assert.equal(buckets.end, 0);
});

test('a line goes on to the points beside what is on show', () => {
  const buckets = takeAll(createBuckets(10, 10, 20), [
    [5, 9, 9],
    [8, 1, 2],
    [12, 3, 3],
    [28, 5, 6],
    [30, 7, 7],
  ]);
  assert.deepEqual(buckets.before, { at: -2, y: 2 });
  assert.deepEqual(buckets.after, { at: 18, y: 6 });
  assert.equal(buckets.end, 3);
});

test('rows taken in piece by piece make the same buckets as all at once', () => {
  const raw = Float32Array.from({ length: 5000 }, (_, i) => Math.sin(i * 12.9898) * (i % 97));
  const rows = { xOf: (/** @type {number} */ row) => row + 1, raw, smooth: raw };
  for (const [from, to] of [
    [0, 5000],
    [1234, 1300],
    [4000, 9000],
  ]) {
    const whole = createBuckets(60, from, to);
    whole.take(rows, 0, 5000);
    const pieces = createBuckets(60, from, to);
    for (let first = 0; first < 5000; first += 7) pieces.take(rows, first, Math.min(5000, first + 7));
    for (const column of /** @type {const} */ (['low', 'high', 'lastAt', 'lastY'])) assert.deepEqual(pieces[column], whole[column]);
    assert.deepEqual([pieces.before, pieces.after, pieces.end], [whole.before, whole.after, whole.end]);
  }
});

test('looking up finds the first row that holds', () => {
  const xs = [1, 2, 2, 5];
  const newest = (/** @type {number} */ x) => firstRow(0, xs.length, (row) => xs[row] > x) - 1;
  assert.deepEqual([0.5, 1, 2, 4.9, 5, 99].map(newest), [-1, 0, 2, 2, 3, 3]);
});

test('a curve reads exact values however coarse its buckets', () => {
  const table = createTable(['loss']);
  const curve = createCurve(table, 'loss', 0);
  curve.look((row) => row + 1, { min: 0, max: 3000 }, 3);
  for (let first = 0; first < 3000; first += 500) {
    table.append({ loss: Float32Array.from({ length: 500 }, (_, i) => first + i) }, 500);
    curve.extend();
  }
  assert.equal(curve.count, 3000);
  assert.equal(curve.at(1234.7)?.value, 1233);
  assert.equal(curve.at(0.5), null);
  assert.equal(curve.head()?.value, 2999);
  assert.deepEqual([curve.low, curve.high], [0, 2999]);
});

/** @param {number} rows */
function longTable(rows) {
  const table = createTable(['loss']);
  table.append({ loss: Float32Array.from({ length: rows }, (_, i) => 1 / (i + 1)) }, rows);
  return table;
}

test('a long curve is taken in piece by piece when there is no time, and ends the same', () => {
  const table = longTable(50_000);
  const [hasty, patient] = [1, 2].map(() => createCurve(table, 'loss', 0.9));
  for (const curve of [hasty, patient]) curve.look((row) => row + 1, { min: 0, max: 50_000 }, 100);
  let frames = 1;
  for (; !hasty.extend(table.count, 0); frames++) assert.ok(hasty.count < 50_000);
  patient.extend();
  assert.ok(frames > 3);
  assert.deepEqual(hasty.buckets.lastY, patient.buckets.lastY);
  assert.deepEqual(hasty.at(31_234), patient.at(31_234));
});

test('another look shows another part with the same values', () => {
  const table = longTable(1000);
  const curve = createCurve(table, 'loss', 0.5);
  curve.look((row) => row, { min: 0, max: 1000 }, 10);
  curve.extend();
  const exact = curve.at(500);
  curve.look((row) => row, { min: 495, max: 505 }, 10);
  curve.extend();
  assert.deepEqual(curve.at(500), exact);
  assert.equal(curve.buckets.lastY[5], exact?.average);
});

test('a curve can go back to an earlier row', () => {
  const table = longTable(1000);
  const [there, back] = [1, 2].map(() => createCurve(table, 'loss', 0.5));
  for (const curve of [there, back]) curve.look((row) => row, { min: 0, max: 1000 }, 100);
  there.extend(400);
  back.extend(1000);
  back.extend(400);
  assert.deepEqual(back.buckets.lastY, there.buckets.lastY);
  assert.deepEqual(back.head(), there.head());
});

test('another smoothing takes the place of the one on show when it is ready', () => {
  const table = longTable(50_000);
  const [slider, straight] = [0.5, 0.99].map((weight) => createCurve(table, 'loss', weight));
  for (const curve of [slider, straight]) curve.look((row) => row, { min: 0, max: 50_000 }, 100);
  slider.extend();
  straight.extend();
  const before = slider.at(40_000);

  slider.smooth(0.9);
  assert.equal(slider.extend(table.count, 0), false);
  assert.deepEqual(slider.at(40_000), before);
  // The slider moves on before that is ready.
  slider.smooth(0.99);
  for (let frame = 0; !slider.extend(table.count, 0); frame++) assert.ok(frame < 100);
  assert.deepEqual(slider.at(40_000), straight.at(40_000));
  assert.deepEqual(slider.buckets.lastY, straight.buckets.lastY);
});
