/** What the pictures of a sweep are made from: axes, words, what has changed, and what a form asks for. */

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { merged } from '../../static/js/link/sweeps.js';
import { accuracyAxis, edgesOf, linearAxis, logAxis, rateAxis } from '../../static/js/sweeps/axes.js';
import { outline } from '../../static/js/sweeps/outline.js';
import { axesOf, spacedRates, trainingsOf, workOf } from '../../static/js/sweeps/plan.js';
import {
  curveLooks,
  measuredOf,
  pointText,
  ratesOf,
  seedsText,
  spreadText,
  trainingText,
  unbroken,
  wordFor,
} from '../../static/js/sweeps/sweep.js';

const rates = [0.001, 0.01, 0.1];
const near = (/** @type {number} */ value, /** @type {number} */ expected) => assert.ok(Math.abs(value - expected) < 1e-9, String(value));

/** @param {Partial<SweepPoint>} [changed] @returns {SweepPoint} */
function point(changed) {
  return {
    learning_rate: 0.01,
    seeds: 3,
    fallen: 0,
    accuracy: { mean: 0.9703, deviation: 0.0008, seeds: 3, lowest: 0.9695, highest: 0.971 },
    loss: { mean: 0.1, deviation: 0, seeds: 3, lowest: 0.1, highest: 0.1 },
    batches: null,
    ...changed,
  };
}

test('a learning rate is in the middle of its own column', () => {
  const { place } = rateAxis(rates);
  const edges = edgesOf(rates).map(place);

  [0, 1 / 3, 2 / 3, 1].forEach((at, i) => near(edges[i], at));
  rates.forEach((rate, i) => near(place(rate), (edges[i] + edges[i + 1]) / 2));
  assert.deepEqual(edgesOf([0.01]), [0.005, 0.02]);
});

test('a band ends at the lowest and at the highest seed', () => {
  const accuracy = { mean: 0.5, deviation: 0.3, seeds: 2, lowest: 0.25, highest: 0.75 };
  const points = [
    point({ learning_rate: 1, accuracy }),
    point({ learning_rate: 2, accuracy }),
    point({ learning_rate: 3, accuracy: null }),
  ];
  const drawn = outline(
    points,
    'accuracy',
    (rate) => rate,
    (value) => 100 * value,
  );

  assert.equal(drawn.band, 'M1.0 75.0L2.0 75.0L2.0 25.0L1.0 25.0Z');
  assert.deepEqual(drawn.means, [{ x: 1, y: 50 }, { x: 2, y: 50 }, null]);
});

test('equal distances on the axis of accuracies halve the errors, and the best has room above', () => {
  const { place, ticks } = accuracyAxis([0.1, 0.96]);

  assert.equal(place(0), 0);
  near(place(0.5) - place(0), place(0.75) - place(0.5));
  assert.deepEqual(
    ticks.map(({ text }) => text),
    ['0\u202f%', '50\u202f%', '80\u202f%', '90\u202f%', '95\u202f%', '98\u202f%'],
  );
  assert.ok(place(0.96) < 1);
  assert.equal(accuracyAxis([]).ticks.at(-1)?.text, '80\u202f%');
  assert.equal(accuracyAxis([1]).place(1), 1);
});

test('other axes hold their values, however many there are', () => {
  const axis = logAxis('batches', [30, 700], String);
  assert.ok(axis.place(30) >= 0 && axis.place(700) <= 1);
  assert.equal(axis.name, 'batches, log scale');
  assert.ok(Number.isFinite(logAxis('loss', [0.1]).place(0.1)));
  assert.equal(linearAxis('epochs', 3).place(1.5), 0.5);
  assert.equal(linearAxis('epochs', 0).place(0), 0);
});

test('a point says how good it is, how many did not come through, and that nothing is there yet', () => {
  assert.equal(pointText(point(), 'accuracy', 'diverged'), '97.03\u202f% ± 0.08');
  assert.equal(pointText(point({ fallen: 1 }), 'accuracy', 'diverged'), '97.03\u202f% ± 0.08, 1 of 3 diverged');
  assert.equal(pointText(point({ fallen: 3, accuracy: null }), 'accuracy', 'diverged'), 'all 3 diverged');
  assert.equal(pointText(point({ seeds: 1, fallen: 1, accuracy: null }), 'accuracy', 'failed'), 'failed');
  assert.equal(pointText(point(), 'batches', 'diverged'), 'not reached');
  assert.equal(pointText(point({ seeds: 0, accuracy: null }), 'accuracy', 'diverged'), 'no result');
  assert.equal(pointText(undefined, 'accuracy', 'diverged'), 'no result');
});

test('a spread is written as its measure is, and one training has none', () => {
  assert.equal(spreadText('loss', { mean: 0.1, deviation: 0, seeds: 1 }), '0.1000');
  assert.equal(spreadText('batches', { mean: 1234.4, deviation: 55.5, seeds: 2 }), '1,234 ± 56');
  assert.equal(spreadText('accuracy', null), '–');
  assert.equal(unbroken('96 % ± 0.1 and more'), '96 %\u00a0±\u00a00.1 and more');
});

test('a curve looks like the lane of its optimizer, also where there are more than looks', () => {
  const named = (/** @type {string[]} */ optimizers) =>
    /** @type {any} */ ({ curves: optimizers.map((optimizer) => ({ name: optimizer, optimizer, points: [] })) });

  assert.deepEqual(
    curveLooks(named(['adam', 'sgd'])).map(({ colour }) => colour),
    ['blue', 'orange'],
  );
  assert.equal(curveLooks(named(Array(9).fill('adam'))).filter(({ colour }) => colour).length, 9);
});

test('all learning rates are there once, in order', () => {
  const of = (/** @type {number[]} */ found) => ({ points: found.map((learning_rate) => ({ learning_rate })) });
  assert.deepEqual(ratesOf(/** @type {any} */ ({ curves: [of([0.1, 0.01]), of([0.01, 1])] })), [0.01, 0.1, 1]);
});

test('a training says how it stands', () => {
  const cell = (/** @type {Partial<SweepCell>} */ changed) =>
    /** @type {SweepCell} */ ({ status: 'finished', test_accuracy: 0.9, ...changed });
  assert.equal(trainingText(cell({})), '90.00\u202f%');
  assert.equal(trainingText(cell({ status: 'diverged' })), 'diverged');
  assert.equal(wordFor([cell({ status: 'diverged' }), cell({ status: 'failed' })]), 'failed');
  const evaluations = [
    [0, 0, 0, 0.1, 2.3],
    [937, 1, 0.3, 0.95, null],
  ];
  assert.deepEqual(measuredOf(cell({ evaluations })), [{ step: 937, epochs: 1, seconds: 0.3, accuracy: 0.95 }]);
});

test('trainings that have changed take the place of those before', () => {
  const [one, two, three] = [1, 2, 3].map((steps) => /** @type {SweepCell} */ ({ steps }));
  assert.deepEqual(merged([one, two], { 1: three, 2: one }), [one, three, one]);
});

test('learning rates are spaced as the server spaces them', () => {
  for (const { low, high, count, rates: expected } of JSON.parse(
    readFileSync(new URL('../fixtures/spaced-rates.json', import.meta.url), 'utf8'),
  ))
    assert.deepEqual(spacedRates(low, high, count), expected);
});

test('a form gives axes, and says how many trainings and how much work they are', () => {
  const chosen = { optimizers: ['sgd', 'adam'], low: 0.001, high: 0.1, rates: 3, seeds: 2, seed: 42 };
  const axes = axesOf(chosen);

  assert.deepEqual(axes, { optimizer: ['sgd', 'adam'], learning_rate: rates, seed: [42, 43] });
  assert.deepEqual(trainingsOf(axes), { grid: 12, fresh: 8 });
  assert.equal('seed' in axesOf({ ...chosen, seeds: 1 }), false);
  // 20 trainings of 10 steps with 784·16 + 16·10 weights and 64 digits a step.
  assert.equal(
    workOf(axes, { batch_size: 64, epochs: 1, hidden: [16] }, { digits: 640, step_overhead: 2_000_000 }),
    20 * 10 * (2_000_000 + 64 * 12_704),
  );
});

test('means are said to be over as many seeds as there are', () => {
  const of = (/** @type {number[]} */ ...seeds) =>
    seedsText(/** @type {Sweep} */ ({ curves: [{ points: seeds.map((each) => point({ seeds: each })) }] }));

  assert.equal(of(3, 3), '3 seeds');
  assert.equal(of(3, 1, 0), 'up to 3 seeds');
  assert.equal(of(1, 1, 0), '');
});
