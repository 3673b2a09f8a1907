import assert from 'node:assert/strict';
import test from 'node:test';

import { PUSH_COLUMNS } from '../../static/js/model/protocol.js';
import { amount, decades, placeOf, pointsOf, power, seen, slant } from '../../static/js/panels/push-scale.js';
import { createTable } from '../../static/js/model/table.js';

/**
 * A table whose newest row has these medians of |Δw| by bin, with quartiles a factor of two away.
 * @param {Record<number, number>} medians
 */
function pushed(medians) {
  const table = createTable(PUSH_COLUMNS);
  for (const row of [{ 3: 1 }, medians]) {
    /** @type {Record<string, Float32Array>} */
    const columns = { step: Float32Array.of(100) };
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

/** Plain gradient descent: |Δw| is the rate times |gradient|. @param {number} from @param {number} to */
const diagonal = (from, to) =>
  pushed(Object.fromEntries(Array.from({ length: to - from + 1 }, (_, i) => [from + i, 0.01 * 10 ** placeOf(from + i)])));
const flat = pushed({ 6: 8e-4, 8: 9e-4, 10: 1e-3, 12: 1.2e-3 });

/** @param {number | undefined} actual @param {number} expected */
const near = (actual, expected) => assert.ok(Math.abs((actual ?? NaN) - expected) < 1e-3, `${actual} is not ${expected}`);

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

test('a plain gradient step climbs a decade for each decade of gradient', () => {
  const measured = slant(pointsOf(diagonal(4, 12)));
  near(measured?.slope, 1);
  near(measured?.decades, 4);
});

test('a push that is the same for all weights has no slope', () => {
  const measured = slant(pointsOf(flat));
  near(measured?.decades, Math.log10(1.5));
  near(measured?.slope, 0.0574);
  assert.equal(slant(pointsOf(pushed({ 5: 1e-3 }))), null);
});

test('axes grow by whole decades, and never shrink', () => {
  const first = decades({ min: -6, max: -2 }, [-5.2, -1.9]);
  assert.deepEqual(first, { min: -6, max: -1 });
  assert.deepEqual(decades(first, [-6.1, -3]), { min: -7, max: -1 });
  assert.deepEqual(decades(first, []), first);
});

test('the sentence says what the lines show', () => {
  const sgd = { name: 'SGD', points: pointsOf(diagonal(4, 12)) };
  const adam = { name: 'Adam', points: pointsOf(flat) };
  const momentum = { name: 'Momentum', points: pointsOf(diagonal(5, 11)) };
  assert.equal(seen([sgd, momentum, adam]), 'SGD pushes loud weights hardest (4.0 decades), Adam less so (0.2).');
  assert.equal(seen([momentum, sgd]), 'SGD’s push spans 4.0 decades, Momentum’s 3.0.');
  assert.equal(seen([adam]), 'Adam’s push spans 0.2 decades.');
  assert.equal(seen([{ name: 'SGD', points: [] }]), 'Do loud weights get a harder push than quiet ones?');
  assert.equal(seen([{ name: 'SGD', points: [] }], true), 'All gradients are zero, so no weight moves.');
});

test('powers of ten are written as such', () => {
  assert.deepEqual([-10, -3, 0, 2].map(power), ['10⁻¹⁰', '10⁻³', '10⁰', '10²']);
  assert.equal(amount(Math.log10(3.2e-4)), '3.2·10⁻⁴');
  assert.equal(amount(-3), '1.0·10⁻³');
  assert.equal(amount(Math.log10(9.99e-4)), '1.0·10⁻³');
  assert.equal(amount(NaN), '–');
});
