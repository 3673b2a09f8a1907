import assert from 'node:assert/strict';
import test from 'node:test';

import { placeAt } from '../../../static/js/charts/cursor-batch.js';
import { createCurve } from '../../../static/js/charts/curve.js';
import { createEnsemble } from '../../../static/js/charts/ensemble.js';
import { X_AXES } from '../../../static/js/charts/axes/scales.js';
import { createTable } from '../../../static/js/model/stream/table.js';

const STEPS = 93;
const plan = { batchSize: 64, batchesPerEpoch: 31, epochs: 3, totalSteps: STEPS, goal: '3 epochs' };
const PIXELS = 431;
/** @type {XAxisName[]} */
const AXES = ['step', 'epoch', 'examples', 'log', 'seconds'];

/**
 * The value of a batch is its number; it takes `pace` seconds.
 * @param {XAxisName} axis
 * @param {{ steps?: number[], pace?: number }} [how]
 */
function curve(axis, { steps = Array.from({ length: STEPS }, (_, i) => i + 1), pace = 0.0137 } = {}) {
  const table = createTable(['loss', 'seconds']);
  table.append({ loss: Float32Array.from(steps), seconds: Float32Array.from(steps, (step) => step * pace) }, steps.length);
  const made = createCurve(table, 'loss', 0, (row) => steps[row]);
  made.look((row) => X_AXES[axis].of(steps[row], table.column('seconds')[row], plan), { min: 0, max: 100 }, 100);
  made.extend();
  return made;
}

/**
 * What is read at every pixel of a part of an axis.
 * @param {XAxisName} axis
 * @param {(ReturnType<typeof curve> | ReturnType<typeof createEnsemble>)[]} curves
 * @param {{ from?: number, to?: number, trained?: number }} [part]
 */
function readings(axis, curves, { from = 0, to = X_AXES[axis].of(STEPS, STEPS * 0.0137, plan), trained = STEPS } = {}) {
  const perPixel = (to - from) / PIXELS;
  return Array.from({ length: PIXELS + 1 }, (_, pixel) => {
    const x = from + pixel * perPixel;
    const place = placeAt(x, { axis, plan, perPixel, trained, curves });
    return { x, perPixel, place, values: curves.map((each) => each.read(place)?.value ?? null) };
  });
}

/** The batch that the words name. @param {string} text @param {XAxisName} axis */
function named(text, axis) {
  const number = Number(text.replace(/.* (?=[\d,]+$)|,| examples/g, ''));
  return axis === 'examples' ? number / plan.batchSize : number;
}

for (const axis of AXES.slice(0, 4)) {
  for (const [what, part] of /** @type {const} */ ([
    ['all', {}],
    ['a part', { from: X_AXES[axis].of(20.3, 0, plan), to: X_AXES[axis].of(28.3, 0, plan) }],
  ])) {
    test(`by ${axis}, at every pixel of ${what} of the axis, the value is that of the nearest batch, which is named`, () => {
      const seen = new Set();
      for (const { x, place, values } of readings(axis, [curve(axis)], part)) {
        const step = named(place.text, axis);
        assert.deepEqual(values, [step], place.text);
        assert.ok(Math.abs(step - Math.max(1, X_AXES[axis].stepAt?.(x, plan) ?? NaN)) <= 0.5 + 1e-9, `${place.text} at ${x}`);
        seen.add(step);
      }
      assert.equal(seen.size, 'from' in part ? 9 : STEPS);
    });
  }
}

test('in seconds the value is that of the newest batch by the time that is named, at every pixel', () => {
  for (const part of [{}, { from: 0.5, to: 0.53 }]) {
    const paces = [0.0137, 0.0021];
    for (const { x, perPixel, place, values } of readings(
      'seconds',
      paces.map((pace) => curve('seconds', { pace })),
      part,
    )) {
      const time = Number(place.text.replace('\u202fs', ''));
      assert.ok(time >= x - 1e-9 && time - x < 21 * perPixel, `${place.text} at ${x}`);
      const newest = paces.map(
        (pace) => Array.from({ length: STEPS }, (_, i) => i + 1).findLast((step) => Math.fround(step * pace) <= Math.fround(time)) ?? null,
      );
      assert.deepEqual(values, newest, place.text);
    }
  }
});

test('the end of a lane is read at its last moment, however the time is rounded', () => {
  for (const pace of [0.01, 0.0137, 0.1 / 3, 0.05]) {
    const one = curve('seconds', { pace });
    const end = one.head()?.x ?? 0;
    for (const perPixel of [0.1, 0.01, 0.002, 1e-4]) {
      const place = placeAt(end, { axis: 'seconds', plan, perPixel, trained: STEPS, curves: [one] });
      assert.equal(one.read(place)?.value, STEPS, `${end} reads ${place.text}`);
      assert.ok(end > place.after);
    }
  }
});

test('a chart of evaluations names the nearest one', () => {
  const steps = [0, 8, 31, 62, 93];
  for (const { x, place, values } of readings('step', [curve('step', { steps })])) {
    const nearest = Math.min(...steps.map((step) => Math.abs(step - x)));
    assert.ok(Math.abs(named(place.text, 'step') - x) <= nearest + 1, `${place.text} at ${x}`);
    assert.deepEqual(values, [named(place.text, 'step')]);
  }
});

test('a lane that was not evaluated at the batch that is named says which one its value is of', () => {
  const curves = [curve('step', { steps: [0, 31, 62] }), curve('step', { steps: [0, 40] })];
  const place = placeAt(38, { axis: 'step', plan, perPixel: 1, trained: 62, curves });
  assert.equal(place.text, 'batch 40');
  assert.deepEqual(
    curves.map((each) => each.read(place)?.step),
    [31, 40],
  );
});

test('beyond what has been trained, the batch there is named, and has no value', () => {
  const place = placeAt(80, {
    axis: 'epoch',
    plan: { ...plan, batchesPerEpoch: 1 },
    perPixel: 1,
    trained: 62,
    curves: [curve('step', { steps: [0, 31, 62] })],
  });
  assert.deepEqual([place.step, place.text], [80, 'epoch 80.00, batch 80']);
  assert.ok(62 <= place.after);
});

test('a mean over seeds is of one batch of each, where enough were measured', () => {
  const seeds = [
    [0, 20, 31, 62, 93],
    [0, 31, 50, 62, 93],
  ].map((steps) => curve('step', { steps }));
  const ensemble = createEnsemble(seeds, 2);
  for (const { place, values } of readings('step', [ensemble])) {
    assert.ok([0, 31, 62, 93].includes(place.step ?? -1), place.text);
    assert.deepEqual(values, [place.step]);
  }
});
