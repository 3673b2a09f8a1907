import assert from 'node:assert/strict';
import test from 'node:test';

import { createComparison, differences, differenceText, labelOf, resultOf, sentenceBeside } from '../../../static/js/model/earlier-run.js';
import { identify, usualLane } from '../../../static/js/model/lanes.js';
import { EVALUATION_COLUMNS } from '../../../static/js/model/stream/protocol.js';
import { createStore } from '../../../static/js/model/stream/store.js';
import { limits } from '../limits.js';

const base = limits.config;

/** @param {(Partial<LaneConfig> & Pick<LaneConfig, 'optimizer'>)[]} lanes */
const racing = (lanes, more = {}) => ({
  ...base,
  ...more,
  lanes: lanes.map((lane) => ({ ...usualLane(lane.optimizer, limits), ...lane })),
});
const [sgd, , adam] = base.lanes;

/** @type {[string, Config, Config][]} */
const LABELS = [
  ['lr 0.01', base, { ...base, learning_rate: 0.1 }],
  ['batch 512', { ...base, batch_size: 512 }, base],
  ['same settings', base, { ...base }],
  ['same settings, seed 2', { ...base, seed: 2 }, base],
  ['lr 0.1, seed 2', { ...base, seed: 2, learning_rate: 0.1 }, base],
  ['lr 0.1, batch 512, 2 more', { ...base, seed: 2, learning_rate: 0.1, batch_size: 512, epochs: 9 }, base],
  ['to 95\u202f%', { ...base, target_accuracy: 0.95 }, base],
  ['to none', base, { ...base, target_accuracy: 0.95 }],
  ['without Lion', base, racing([...base.lanes, { optimizer: 'lion' }])],
  ['with Momentum', base, { ...base, lanes: [sgd, adam] }],
  ['SGD lr 0.3', racing([{ optimizer: 'sgd', learning_rate: 0.3 }]), racing([{ optimizer: 'sgd' }])],
  ['SGD lr 0.01', racing([{ optimizer: 'sgd' }]), racing([{ optimizer: 'sgd', learning_rate: 0.3 }])],
  ['Adam cosine', racing([{ optimizer: 'adam', schedule: 'cosine' }]), racing([{ optimizer: 'adam' }])],
  ['Adam β₁ 0.5', racing([{ optimizer: 'adam', beta1: 0.5 }]), racing([{ optimizer: 'adam' }])],
];
for (const [label, before, now] of LABELS)
  test(`an earlier run that had it is labelled “${label}”`, () => assert.equal(labelOf(before, now, limits), label));

/** @param {Store} store @param {number} lane @param {[step: number, accuracy: number, quick?: number][]} rows */
function measure(store, lane, rows) {
  const columns = Object.fromEntries(EVALUATION_COLUMNS.map((name) => [name, new Float32Array(rows.length)]));
  rows.forEach(([step, accuracy, quick = 0], i) => {
    columns.step[i] = step;
    columns.test_accuracy[i] = accuracy;
    columns.quick[i] = quick;
  });
  const first = store.lanes[lane]?.evaluations.count ?? 0;
  store.append({ kind: 'evaluations', lane, first, rows: rows.length, columns });
}

/**
 * @param {Config} config
 * @param {[step: number, accuracy: number, quick?: number][][]} evaluations of each lane
 */
function raced(config, evaluations) {
  const store = createStore();
  evaluations.forEach((rows, lane) => measure(store, lane, rows));
  return { store, lanes: identify(config, limits), plan: /** @type {any} */ (null), label: 'lr 0.1', last: true };
}

const two = { ...base, lanes: [sgd, adam] };

test('lanes are compared at the newest batch after which both were measured alike', () => {
  const now = raced(two, [
    [[0, 0.1], [10, 0.5, 1], [100, 0.8], [150, 0.9]],
    [[0, 0.1], [10, 0.6, 1], [100, 0.95]],
  ]); // prettier-ignore
  const before = raced(racing([{ optimizer: 'adam' }, { optimizer: 'sgd' }]), [
    [[0, 0.1], [10, 0.61, 1], [100, 0.9], [200, 0.99]],
    [[0, 0.1], [10, 0.4, 1], [100, 0.81, 1], [200, 0.99]],
  ]); // prettier-ignore
  const found = differences(now, before);
  assert.deepEqual(
    found.map(({ lane, step, by }) => [lane.name, step, by.toFixed(2)]),
    [
      ['SGD', 10, '0.10'],
      ['Adam', 100, '0.05'],
    ],
  );
  assert.equal(differenceText(found[1], 'lr 0.1'), '+5.0 points against lr 0.1');
  assert.deepEqual(sentenceBeside(found, before), ['**Against the last run** (lr 0.1) at batch 100: Adam +5.0 points.']);
});

test('a lane that was not in the earlier run, or has nothing in common with it, is not compared', () => {
  const now = raced(two, [[[0, 0.1], [3, 0.5]], [[0, 0.1], [3, 0.5]]]); // prettier-ignore
  const before = raced({ ...base, lanes: [sgd] }, [[[0, 0.1], [4, 0.5]]]); // prettier-ignore
  assert.deepEqual(differences(now, before), []);
  assert.deepEqual(sentenceBeside([], before), []);
});

test('a worse result is called worse, and a level one is not mentioned', () => {
  const now = raced(two, [[[9, 0.7]], [[9, 0.9001]]]);
  const before = { ...raced(two, [[[9, 0.8]], [[9, 0.9]]]), last: false };
  const found = differences(now, before);
  assert.deepEqual(
    found.map((each) => differenceText(each, 'seed 2')),
    ['−10.0 points against seed 2', '+0.01 points against seed 2'],
  );
  assert.deepEqual(sentenceBeside(found, before), ['**Against an earlier run** (lr 0.1) at batch 9: SGD −10.0 points.']);
  assert.equal(differenceText({ ...found[0], by: 0 }, 'seed 2'), 'level with seed 2');
});

test('two runs are compared anew only when one of them was measured again', () => {
  const ghost = raced(two, [[[9, 0.8]]]);
  const now = { ...raced(two, [[[9, 0.7]]]), ghosts: [ghost] };
  const comparison = createComparison();
  const first = comparison.of(now);
  assert.equal(first.ghost, ghost);
  assert.equal(comparison.of({ ...now }), first);
  measure(now.store, 0, [[10, 0.75]]);
  assert.notEqual(comparison.of(now), first);
  assert.deepEqual(comparison.of({ ...now, ghosts: [] }), { found: [], ghost: null });
});

test('a run’s result is its best lane, or how it stands', () => {
  const run = /** @type {any} */ ({ status: 'finished', config: two, lanes: [{ test_accuracy: 0.9 }, { test_accuracy: 0.95 }] });
  assert.equal(resultOf(run, limits), 'Adam 95.00\u202f%');
  assert.equal(resultOf({ ...run, status: 'stopped' }, limits), 'Stopped, Adam 95.00\u202f%');
  assert.equal(resultOf({ ...run, status: 'running' }, limits), 'Racing');
  assert.equal(resultOf({ ...run, status: 'stopped', lanes: [{ test_accuracy: null }, { test_accuracy: null }] }, limits), 'Stopped');
});
