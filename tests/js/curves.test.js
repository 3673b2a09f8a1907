import assert from 'node:assert/strict';
import test from 'node:test';

import { createBuckets } from '../../static/js/buckets.js';
import { createCurve } from '../../static/js/curve.js';
import { lastAtOrBefore } from '../../static/js/search.js';
import { createAverage } from '../../static/js/smoothing.js';
import { createTable } from '../../static/js/table.js';

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

test('a bucket keeps extremes of the raw line and the last point of the smooth one', () => {
  const buckets = createBuckets(4, 0, 8);
  buckets.add(0.5, 3, 3);
  buckets.add(1, 1, 2.5);
  buckets.add(1.5, 2, 2.4);
  buckets.add(8, 7, 7);
  assert.deepEqual([...buckets.low], [1, NaN, NaN, 7]);
  assert.deepEqual([...buckets.high], [3, NaN, NaN, 7]);
  assert.equal(buckets.lastAt[0], 0.75);
  assert.equal(buckets.lastY[0], 2.4);
  assert.equal(buckets.end, 4);
});

test('buckets leave out what is beyond the axis or not finite', () => {
  const buckets = createBuckets(2, 0, 1);
  buckets.add(-0.1, 1, 1);
  buckets.add(1.1, 1, 1);
  buckets.add(0.5, NaN, 1);
  assert.equal(buckets.end, 0);
});

test('looking up finds the newest row at an x', () => {
  const xs = [1, 2, 2, 5];
  const at = (/** @type {number} */ x) => lastAtOrBefore(xs.length, (row) => xs[row], x);
  assert.deepEqual([0.5, 1, 2, 4.9, 5, 99].map(at), [-1, 0, 2, 2, 3, 3]);
});

test('a curve reads exact values however coarse its buckets', () => {
  const table = createTable(['loss']);
  const curve = createCurve({ table, metric: 'loss', xOf: (row) => row + 1, smoothing: 0, columns: 3, range: { min: 0, max: 3000 } });
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
