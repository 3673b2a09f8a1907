/** The page How it works: its rules are Python's, and its numbers are those of the formulas. */

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inWords, timesInWords } from '../../static/js/how/numbers.js';
import { path } from '../../static/js/how/picture.js';
import { BETA, BETA2, createAverage, CURVATURE, descend, EPSILON, height, RULES } from '../../static/js/how/rules.js';

const ROOT = join(import.meta.dirname, '../..');
const read = (/** @type {string} */ name) => JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
const { curvature, start, paths } = read('tests/fixtures/valley.json');
/** @type {Trace} */
const trace = read('app/training/data/trace.json');

/** @param {number} found @param {number} expected @param {number} [share] */
function assertClose(found, expected, share = 1e-9) {
  assert.ok(Math.abs(found - expected) <= share * Math.max(Math.abs(expected), 1e-9), `${found} is not ${expected}`);
}

for (const name of /** @type {const} */ (['sgd', 'momentum', 'adam']))
  test(`a ball by ${name} comes where Python's ${name} does, at every learning rate`, () => {
    assert.deepEqual(CURVATURE, curvature);
    for (const { rate, [name]: expected } of paths) {
      const places = descend(RULES[name], start, rate, expected.length - 1);
      assert.equal(places.length, expected.length);
      places.forEach((place, t) => place.forEach((each, i) => assertClose(each, expected[t][i])));
    }
  });

test('the averages, kept and corrected, are those that Adam had in the recorded race', () => {
  const { numbers, weights } = trace.lanes[2];
  assert.deepEqual([numbers['β₁'], numbers['β₂'], numbers['ε']], [BETA, BETA2, EPSILON]);
  assert.equal(trace.lanes[1].numbers['β'], BETA);
  for (const seen of weights) {
    const [first, second] = [createAverage(BETA), createAverage(BETA2)];
    seen.g.forEach((g, t) => {
      const [m, v] = [first([g]), second([g * g])];
      for (const [found, letter] of /** @type {const} */ ([
        [m.kept, 'm'],
        [m.corrected, 'm̂'],
        [v.kept, 'v'],
        [v.corrected, 'v̂'],
      ]))
        // What is recorded has eight digits, and gradients may cancel.
        assert.ok(Math.abs(found[0] - seen[letter][t]) <= 1e-5 * Math.abs(seen[letter][t]) + 1e-10, `${letter} ${t}`);
    });
  }
});

test('the valley is lowest in its middle and steeper across than along', () => {
  assert.equal(height([0, 0]), 0);
  assert.ok(height([0, 1]) > 10 * height([1, 0]));
});

test('numbers have three digits, and a power of ten where there would be many zeros', () => {
  assert.deepEqual([0, 0.9, 0.999, 0.041234, -0.0001234, 1e-8, -3.14159e-6, 12345].map(inWords), [
    '0',
    '0.9',
    '0.999',
    '0.0412',
    '−0.000123',
    '1 × 10⁻⁸',
    '−3.14 × 10⁻⁶',
    '1.23 × 10⁴',
  ]);
  assert.deepEqual([1.52, 9.96, 14.1, 1234, 987_654].map(timesInWords), ['1.5', '10', '14', '1,200', '990,000']);
});

test('a line has a gap where a place is too far away to be drawn', () => {
  const points = /** @type {[number, number][]} */ ([
    [0, 1],
    [1, NaN],
    [1, -4e38],
    [2, 3],
    [3, 4],
  ]);
  assert.equal(path(points), 'M0.0 1.0M2.0 3.0L3.0 4.0');
});
