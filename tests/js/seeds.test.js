import assert from 'node:assert/strict';
import test from 'node:test';

import { createCurve } from '../../static/js/charts/curve.js';
import { oneSeries } from '../../static/js/link/series-feed.js';
import { createEnsemble } from '../../static/js/charts/ensemble.js';
import { accuracyOverSeeds, createSeries, ofSeed, storyOfSeries } from '../../static/js/model/series.js';
import { createTable } from '../../static/js/model/stream/table.js';

/** A line through points on an axis of 10 columns. @param {[number, number][]} points x, value */
function curveThrough(points) {
  const table = createTable(['x', 'loss']);
  table.append({ x: Float32Array.from(points, ([x]) => x), loss: Float32Array.from(points, ([, y]) => y) }, points.length);
  const curve = createCurve(table, 'loss', 0);
  curve.look((row) => table.column('x')[row], { min: 0, max: 10 }, 10);
  curve.extend();
  return curve;
}

/** @param {number} from @param {number} to @param {number} y */
const level = (from, to, y) => curveThrough(Array.from({ length: (to - from) * 4 + 1 }, (_, i) => [from + i / 4, y]));

test('seeds are drawn as their mean, from the lowest to the highest', () => {
  const { buckets } = createEnsemble([level(0, 10, 1), level(0, 10, 3), level(0, 10, 5)], 3);
  assert.equal(buckets.end, 10);
  for (let column = 0; column < 10; column++) {
    assert.deepEqual([buckets.low[column], buckets.lastY[column], buckets.high[column]], [1, 3, 5]);
  }
});

test('a seed that still runs counts as far as it has come', () => {
  const ensemble = createEnsemble([level(0, 10, 1), level(0, 4, 3)], 1);
  assert.deepEqual([...ensemble.buckets.lastY], [2, 2, 2, 2, 1, 1, 1, 1, 1, 1, NaN]);
  assert.equal(ensemble.at(3)?.average, 2);
  assert.equal(ensemble.at(7)?.average, 1);
});

test('where a seed that is over has no value there is no mean', () => {
  const ensemble = createEnsemble([level(0, 10, 1), level(0, 6, 3)], 2);
  assert.equal(ensemble.buckets.end, 6);
  assert.equal(ensemble.head()?.x, 6);
  assert.deepEqual(ensemble.head()?.spread, [1, 3]);
  assert.equal(ensemble.head()?.deviation, Math.SQRT2);
});

test('seeds that were measured at different places meet in between', () => {
  const ensemble = createEnsemble(
    [
      curveThrough([
        [0, 0],
        [10, 10],
      ]),
      curveThrough([
        [0, 0],
        [4, 4],
        [9, 9],
        [10, 10],
      ]),
    ],
    2,
  );
  for (let column = 0; column < 9; column++) {
    assert.ok(Math.abs(ensemble.buckets.lastY[column] - column - 0.5) < 1e-6);
    assert.ok(ensemble.buckets.high[column] - ensemble.buckets.low[column] < 1e-6);
  }
});

/** @param {any} more @returns {any} */
const run = (more) => ({ status: 'finished', lanes: [{ test_accuracy: 0.9 }], ...more });
/** @type {any} */
const CONFIG = { seed: 42, epochs: 5 };

test('a series goes on with the next seed until all are over', () => {
  const series = createSeries();
  series.begin(CONFIG, 3);
  assert.deepEqual(series.next(run({})), { seed: 43, epochs: 5 });
  series.add(/** @type {any} */ ({ run: run({}) }));
  assert.deepEqual(series.next(run({})), { seed: 44, epochs: 5 });
  series.add(/** @type {any} */ ({ run: run({}) }));
  assert.equal(series.next(run({})), null);
  assert.equal(series.scene?.members.length, 2);
});

test('a run that was stopped, and a series that was ended, are followed by none', () => {
  const series = createSeries();
  series.begin(CONFIG, 3);
  assert.equal(series.next(run({ status: 'stopped' })), null);
  assert.equal(series.next(run({})), null);
  series.begin(CONFIG, 3);
  series.end();
  assert.equal(series.next(run({})), null);
  series.begin(CONFIG, 1);
  assert.equal(series.scene, null);
});

test('test accuracy over seeds is a mean and a standard deviation', () => {
  const members = [0.9, 0.92].map((accuracy) => ({ run: run({ lanes: [{ test_accuracy: accuracy }] }) }));
  const whole = { run: run({ lanes: [{ test_accuracy: 0.94 }] }) };
  const over = (/** @type {any} */ scene) => accuracyOverSeeds({ series: { members }, whole, ...scene }, 0);
  assert.deepEqual(over({ state: 'finished' }), { mean: (0.9 + 0.92 + 0.94) / 3, deviation: 0.019999999999999962 });
  assert.equal(over({ state: 'racing' })?.mean, 0.91);
  assert.equal(over({ state: 'racing', series: { members: members.slice(1) } }), null);
  assert.equal(over({ series: null }), null);
});

test('the story of a series begins with its means, and says which seed the rest is of', () => {
  const lanes = [
    { lane: 0, name: 'SGD' },
    { lane: 1, name: 'Adam' },
  ];
  const seed = (/** @type {number} */ seed, /** @type {number[]} */ shares, status = 'finished') => ({
    run: run({ config: { seed }, lanes: shares.map((test_accuracy) => ({ test_accuracy, status })) }),
  });
  const scene = (/** @type {any} */ members, /** @type {any} */ whole) =>
    /** @type {any} */ ({ state: 'finished', series: { members }, whole, run: whole.run, lanes });
  const three = scene([seed(42, [0.8, 0.95]), seed(43, [0.84, 0.96])], seed(44, [0.82, 0.97]));
  assert.deepEqual(storyOfSeries(three, ['**Adam wins.**', 'It led.', 'It fits.']), [
    '**Over 3 seeds** Adam reads 96.00\u202f% on average and SGD 82.00\u202f%.',
    'Seed 44: **Adam wins.**',
    'It led.',
  ]);
  assert.equal(ofSeed(three), 'seed 44');
  const fallen = scene([seed(42, [0.8, 0.95], 'diverged')], seed(43, [0.8, 0.95]));
  assert.deepEqual(storyOfSeries(fallen, ['It led.']), ['Seed 43: It led.']);
  const alone = { ...three, series: null };
  assert.deepEqual([storyOfSeries(alone, ['It led.']), ofSeed(alone)], [['It led.'], '']);
});

test('only one race with one seed after the other is a series', () => {
  const seed = (/** @type {any} */ config, status = 'finished') => run({ config: { epochs: 5, ...config }, status });
  assert.ok(oneSeries([seed({ seed: 42 }), seed({ seed: 43 }), seed({ seed: 44 }, 'running')]));
  assert.ok(!oneSeries([seed({ seed: 42 }), seed({ seed: 44 })]));
  assert.ok(!oneSeries([seed({ seed: 42 }), seed({ seed: 43, epochs: 6 })]));
  assert.ok(!oneSeries([seed({ seed: 42 }, 'stopped'), seed({ seed: 43 })]));
  assert.ok(!oneSeries([null, seed({ seed: 43 })]));
});

test('a series that is restored shows what is over, and does not go on', () => {
  const series = createSeries();
  series.restore([/** @type {any} */ ({ run: run({ id: 'a', config: CONFIG }) })]);
  assert.deepEqual(series.scene?.first, CONFIG);
  assert.deepEqual(series.ids, ['a']);
  assert.equal(series.next(run({})), null);
});
