import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { axisEnd, axisName, lossRange, stepDown, stepUp, X_AXES } from '../../../static/js/charts/axes/scales.js';
import { linearTicks, logTicks, xTicks } from '../../../static/js/charts/axes/ticks.js';

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

test('a log axis is the one that cards have', () => {
  const places = JSON.parse(readFileSync(new URL('../../fixtures/log-axis.json', import.meta.url), 'utf8'));
  for (const [step, place] of places) assert.ok(Math.abs(X_AXES.log.of(step, 0, plan) - place) < 1e-9, `${step}`);
});

/** @param {XAxisName} name @param {number} steps @param {number} seconds @param {{ over?: boolean, whole?: boolean }} [how] */
const end = (name, steps, seconds, { over = false, whole = false } = {}) => axisEnd(name, plan, { steps, seconds, over, whole });

test('the x axis ends just past the leader, in round steps, and no further than the plan', () => {
  assert.deepEqual(
    [0, 7, 11, 120, 999, 2001].map((steps) => end('step', steps, 0)),
    [10, 10, 20, 200, 1000, 4685],
  );
  assert.deepEqual(
    [0, 11, 21, 51, 4000].map((steps) => Math.round(X_AXES.log.stepAt?.(end('log', steps, 0), plan) ?? 0)),
    [10, 15, 30, 100, 4685],
  );
  assert.deepEqual(
    [0, 100, 1000].map((steps) => end('epoch', steps, 0)),
    [0.02, 0.2, 2],
  );
  assert.deepEqual(
    [0, 0.9, 1.3, 4.9].map((spent) => end('seconds', 100, spent)),
    [0.1, 1, 2, 5],
  );
});

test('the x axis of a race that is over ends at its last batch, and at the plan where that is chosen', () => {
  assert.equal(end('step', 507, 0, { over: true }), 507);
  assert.equal(end('seconds', 507, 0.73, { over: true }), 0.73);
  assert.equal(end('epoch', 937, 0, { over: true }), 1);
  assert.equal(end('step', 10, 0, { whole: true }), 4685);
  assert.equal(end('examples', 10, 0, { whole: true }), 299_840);
});

test('a log axis has a place for the untrained network, and every early batch moves the pen', () => {
  const { of, stepAt } = X_AXES.log;
  assert.equal(of(0, 0, plan), 0);
  for (const step of [0, 1, 7, 4685]) assert.ok(Math.abs((stepAt?.(of(step, 0, plan), plan) ?? -1) - step) < 1e-6);
  // As wide as the plot of the narrowest chart on a phone of 390 pixels, with names at its lines' ends.
  const width = 210;
  for (let step = 1; step <= 50; step++) {
    const moved = ((of(step, 0, plan) - of(step - 1, 0, plan)) / end('log', step, 0)) * width;
    assert.ok(moved >= 4, `batch ${step} moves the pen ${moved} px`);
  }
  for (let step = 6; step <= 5000; step++) {
    const reached =
      of(step, 0, plan) / axisEnd('log', { ...plan, totalSteps: 1e6 }, { steps: step, seconds: 0, over: false, whole: false });
    assert.ok(reached >= 0.6, `batch ${step} is at ${reached} of the width`);
  }
  // No kink where the axis begins to be logarithmic, and a decade is as wide as the next.
  assert.ok(Math.abs(of(51, 0, plan) - of(50, 0, plan) - 1 / 50) < 3e-4);
  assert.ok(Math.abs(of(5000, 0, plan) - of(500, 0, plan) - (of(500, 0, plan) - of(50, 0, plan))) < 1e-9);
});

test('ticks of a log axis are batches, and keep apart', () => {
  const ticks = xTicks('log', { min: 0, max: end('log', 4685, 0) }, 540, plan);
  assert.equal(ticks[0].text, '0');
  assert.ok(ticks.some(({ text }) => text === '1,000'));
  const places = ticks.map(({ at }) => at);
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );
  const near = xTicks('log', { min: X_AXES.log.of(3000, 0, plan), max: X_AXES.log.of(3100, 0, plan) }, 540, plan);
  assert.deepEqual(
    near.map(({ text }) => text),
    ['3,000', '3,020', '3,040', '3,060', '3,080', '3,100'],
  );
});

test('a loss range only grows', () => {
  const first = lossRange(null, [{ low: 0.5, high: 2.4 }], 'log');
  assert.deepEqual(first, { min: 0.5, max: 3 });
  const second = lossRange(first, [{ low: 0.03, high: 2.4 }], 'log');
  assert.deepEqual(second, { min: 0.02, max: 3 });
  assert.deepEqual(lossRange(second, [{ low: 0.5, high: 1 }], 'log'), second);
});

test('an axis is called logarithmic where it is', () => {
  const at = (/** @type {number} */ steps) => axisName('log', axisEnd('log', plan, { steps, seconds: 1, over: false, whole: false }));

  assert.deepEqual([5, 40, 50].map(at), ['batches', 'batches', 'batches']);
  assert.deepEqual([51, 4685].map(at), ['batches, log scale from 50 on', 'batches, log scale from 50 on']);
  assert.equal(axisName('epoch', 5), 'epochs');
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
  assert.deepEqual(lossRange(null, [{ low: 2, high: 1e30 }], 'log'), { min: 0.5, max: 100 });
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

test('the end of an x axis can be read, on every axis and at every width', () => {
  /** @param {XAxisName} name @param {number} width @param {number} steps @param {number} seconds */
  const last = (name, width, steps, seconds) => {
    const max = end(name, steps, seconds, { over: true });
    const ticks = xTicks(name, { min: 0, max }, width, plan);
    assert.equal(ticks.at(-1)?.at, max, `${name} at ${width}`);
    return ticks.at(-1)?.text;
  };
  for (const width of [180, 280, 433, 535, 900]) {
    assert.equal(last('log', width, 4685, 1), '4,685');
    assert.equal(last('log', width, 507, 1), '507');
    assert.equal(last('step', width, 4685, 1), '4685');
    assert.equal(last('epoch', width, 1234, 1), '1.317');
    assert.equal(last('examples', width, 4685, 1), '299.8k');
    assert.equal(last('seconds', width, 4685, 1.74), '1.74');
  }
});

test('numbers of an x axis keep apart', () => {
  for (const name of /** @type {XAxisName[]} */ (['log', 'step', 'epoch', 'examples', 'seconds'])) {
    for (const steps of [3, 50, 507, 1234, 3990, 4685]) {
      for (const width of [180, 280, 433, 900]) {
        const max = end(name, steps, steps / 1000, { over: true });
        const ticks = xTicks(name, { min: 0, max }, width, plan);
        const places = ticks.map(({ at, text }) => ({ middle: (at / max) * width, half: text.length * 3.1 }));
        places.slice(1).forEach(({ middle, half }, i) => {
          const before = places[i];
          assert.ok(middle - half > before.middle + before.half, `${name} ${steps} ${width}: ${ticks.map(({ text }) => text)}`);
        });
      }
    }
  }
});
