import assert from 'node:assert/strict';
import test from 'node:test';

import { accuracyFloor, lossRange, stepDown, stepUp, X_AXES } from '../../static/js/charts/scales.js';
import { linearTicks, logTicks } from '../../static/js/charts/ticks.js';

const FLOORS = [0, 0.5, 0.8];
const plan = { batchSize: 64, batchesPerEpoch: 937, epochs: 5, totalSteps: 4685, goal: '5 epochs' };

test('ranges move by 1-2-5', () => {
  assert.deepEqual(
    [0.03, 0.3, 1, 1.1, 2.3, 7].map((value) => stepUp(value)),
    [0.05, 0.5, 1, 2, 5, 10],
  );
  assert.deepEqual(
    [0.03, 0.3, 1, 1.9, 2.3, 7].map((value) => stepDown(value)),
    [0.02, 0.2, 1, 1, 2, 5],
  );
});

test('the x axis is known before the race, except for seconds', () => {
  assert.equal(X_AXES.examples.end(plan, 0), 299_840);
  assert.equal(X_AXES.step.end(plan, 0), 4685);
  assert.equal(X_AXES.epoch.end(plan, 0), 5);
  assert.deepEqual(
    [0, 0.9, 1.3, 4.9].map((spent) => X_AXES.seconds.end(plan, spent)),
    [1, 1, 2, 5],
  );
  assert.equal(X_AXES.epoch.of(1874, 0, plan), 2);
});

test('accuracy starts at the largest floor clearly below every lane', () => {
  assert.equal(accuracyFloor([], FLOORS), 0);
  assert.equal(accuracyFloor([0.1, 0.97], FLOORS), 0);
  assert.equal(accuracyFloor([0.7, 0.97], FLOORS), 0.5);
  assert.equal(accuracyFloor([0.91, 0.97], FLOORS), 0.8);
});

test('a loss range only grows', () => {
  const first = lossRange(null, [{ low: 0.5, high: 2.4 }], 'log');
  assert.deepEqual(first, { min: 0.1, max: 3 });
  const second = lossRange(first, [{ low: 0.03, high: 2.4 }], 'log');
  assert.deepEqual(second, { min: 0.02, max: 3 });
  assert.deepEqual(lossRange(second, [{ low: 0.5, high: 1 }], 'log'), second);
});

test('one lane that shoots up does not flatten the others', () => {
  const lanes = [
    { low: 0.2, high: 2.4 },
    { low: 2, high: 1e30 },
  ];
  assert.deepEqual(lossRange(null, lanes, 'linear'), { min: 0, max: 5 });
  assert.equal(lossRange(null, lanes, 'log').max, 10);
});

test('a lane that shoots up before the others have begun leaves them room', () => {
  assert.deepEqual(lossRange(null, [{ low: 2, high: 1e30 }], 'log'), { min: 0.1, max: 100 });
  assert.deepEqual(lossRange(null, [{ low: 2, high: 1e30 }], 'linear'), { min: 0, max: 10 });
});

test('a lane without values does not count', () => {
  assert.deepEqual(lossRange(null, [{ low: Infinity, high: -Infinity }], 'linear'), { min: 0, max: 3 });
});

test('ticks are round and inside', () => {
  assert.deepEqual(linearTicks({ min: 0, max: 5 }, 6), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(linearTicks({ min: 0.8, max: 1 }, 5), [0.8, 0.85, 0.9, 0.95, 1]);
  assert.deepEqual(logTicks({ min: 0.1, max: 3 }), [0.1, 0.2, 0.5, 1, 2]);
  assert.deepEqual(logTicks({ min: 0.0001, max: 5 }), [0.0001, 0.001, 0.01, 0.1, 1]);
});
