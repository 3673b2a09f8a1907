import assert from 'node:assert/strict';
import test from 'node:test';

import { createBuckets } from '../../../static/js/charts/buckets.js';
import { createCurve } from '../../../static/js/charts/curve.js';
import { firstRow } from '../../../static/js/model/stream/table.js';
import { createAverage } from '../../../static/js/model/smoothing.js';
import { createTable } from '../../../static/js/model/stream/table.js';

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
  // What is just at the right edge has a column of its own.
  assert.deepEqual([...buckets.low], [1, NaN, NaN, NaN, 7]);
  assert.deepEqual([...buckets.high], [3, NaN, NaN, NaN, 7]);
  assert.equal(buckets.lastAt[0], 0.75);
  assert.equal(buckets.lastY[0], 2.25);
  assert.equal(buckets.end, 5);
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
    assert.deepEqual([pieces.before, pieces.after, pieces.end, pieces.rows], [whole.before, whole.after, whole.end, whole.rows]);
    assert.equal(whole.rows, Math.min(to, 5000) - Math.max(0, from - 1));
  }
});

const COLUMNS = /** @type {const} */ (['low', 'high', 'lastAt', 'lastY']);

test('an axis that grows while rows arrive ends with the columns of one that never grew, and reads no row again', () => {
  const raw = Float32Array.from({ length: 4685 }, (_, i) => (i % 50 === 49 ? NaN : Math.sin(i * 12.9898) + 3));
  const smooth = raw.map((value, i) => (Number.isNaN(value) ? 3 : (value + i) / 2));
  for (const xOf of [(/** @type {number} */ row) => row + 1, (/** @type {number} */ row) => Math.log10(1 + (row + 1) / 5)]) {
    let read = 0;
    const rows = { xOf: (/** @type {number} */ row) => ((read += 1), xOf(row)), raw, smooth };
    let buckets = createBuckets(537, 0, xOf(9));
    let taken = 0;
    for (const end of [10, 20, 50, 100, 200, 500, 1000, 2000, 4685]) {
      const before = read;
      const grown = buckets.grown(537, 0, xOf(end - 1));
      assert.ok(grown && read === before, `up to ${end}`);
      buckets = grown;
      for (; taken < end; taken += 5) buckets.take(rows, taken, Math.min(taken + 5, end));
      const whole = createBuckets(537, 0, xOf(end - 1));
      whole.take(rows, 0, end);
      for (const column of COLUMNS) assert.deepEqual(buckets[column], whole[column], `${column} up to ${end}`);
      assert.deepEqual([buckets.before, buckets.end, buckets.across], [whole.before, whole.end, whole.across]);
    }
  }
});

test('columns that are too wide, begin elsewhere or left rows out are made anew', () => {
  const buckets = takeAll(createBuckets(4, 0, 8), [[1, 1, 1]]);
  assert.equal(buckets.grown(4, 0, 4), null);
  assert.equal(buckets.grown(40, 0, 8), null);
  assert.equal(buckets.grown(4, 1, 9), null);
  assert.equal(takeAll(createBuckets(4, 0, 8), [[9, 1, 1]]).grown(4, 0, 16), null);
});

test('a curve on a growing axis reads the same as one that was laid out at its end', () => {
  const table = longTable(1000);
  const xOf = (/** @type {number} */ row) => row + 1;
  const [growing, straight] = [1, 2].map(() => createCurve(table, 'loss', 0.5));
  growing.look(xOf, { min: 0, max: 200 }, 50);
  growing.extend(150);
  growing.look(xOf, { min: 0, max: 1000 }, 50, true);
  growing.extend();
  straight.look(xOf, { min: 0, max: 1000 }, 50);
  straight.extend();
  for (const column of COLUMNS) assert.deepEqual(growing.buckets[column], straight.buckets[column]);
  // In other units nothing stands where it stood.
  growing.look((row) => (row + 1) / 2, { min: 0, max: 1000 }, 50);
  growing.extend();
  assert.equal(growing.buckets.lastAt[growing.buckets.end - 1], growing.buckets.at(500));
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

test('a smoothed line goes on after values that are not finite, as if they had not been', () => {
  const table = createTable(['loss']);
  table.append({ loss: Float32Array.of(2, NaN, Infinity, -Infinity, 1, 1) }, 6);
  const curve = createCurve(table, 'loss', 0.5);
  curve.look((row) => row, { min: 0, max: 8 }, 8);
  curve.extend();
  // (0.5·(0.5·2 + 1·1) + 1·1) / 1.75
  assert.ok(Math.abs(Number(curve.head()?.average) - 8 / 7) < 1e-6);
  assert.deepEqual(
    Array.from({ length: 8 }, (_, column) => curve.buckets.has(column)),
    [true, false, false, false, true, true, false, false],
  );
  assert.ok(Math.abs(curve.low - 8 / 7) < 1e-6 && curve.high === 2);
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
