import assert from 'node:assert/strict';
import test from 'node:test';

import { tick } from '../../../static/js/model/format.js';
import { closeRange } from '../../../static/js/charts/axes/scales.js';
import { logTicks } from '../../../static/js/charts/axes/ticks.js';
import { fitWindow, panBy, zoomBy } from '../../../static/js/charts/axes/zoom.js';

test('a window stays within the axis and keeps its width', () => {
  assert.deepEqual(fitWindow({ min: 20, max: 40 }, 100, 1), { min: 20, max: 40 });
  assert.deepEqual(fitWindow({ min: -15, max: 5 }, 100, 1), { min: 0, max: 20 });
  assert.deepEqual(fitWindow(panBy({ min: 70, max: 90 }, 30), 100, 1), { min: 80, max: 100 });
});

test('a window is never narrower than a few batches, and all of the axis is no window', () => {
  assert.deepEqual(fitWindow({ min: 50, max: 50 }, 100, 4), { min: 48, max: 52 });
  assert.equal(fitWindow({ min: 0, max: 100 }, 100, 4), null);
  assert.equal(fitWindow({ min: -50, max: 150 }, 100, 4), null);
  assert.equal(fitWindow({ min: 1, max: 2 }, 3, 3), null);
});

test('zooming keeps the place under the cursor where it is', () => {
  const { min, max } = zoomBy({ min: 0, max: 100 }, 2, 25);
  assert.deepEqual([min, max], [12.5, 62.5]);
  assert.equal((25 - min) / (max - min), 0.25);
});

test('the y axis of a part lies between round numbers', () => {
  assert.deepEqual(closeRange(null, { min: 0.9613, max: 0.9688 }, 'linear', 1), { min: 0.96, max: 0.97 });
  assert.deepEqual(closeRange(null, { min: 0.13, max: 0.34 }, 'log', 100), { min: 0.1, max: 0.5 });
  assert.deepEqual(closeRange(null, { min: 0.98, max: 1 }, 'linear', 1), { min: 0.98, max: 1 });
  const flat = closeRange(null, { min: 0.5, max: 0.5 }, 'linear', 10);
  assert.ok(flat.min <= 0.5 && flat.max > 0.5);
});

test('the y axis of a part does not tremble while values come in', () => {
  const first = closeRange(null, { min: 0.13, max: 0.34 }, 'log', 100);
  assert.equal(closeRange(first, { min: 0.2, max: 0.3 }, 'log', 100), first);
  assert.deepEqual(closeRange(first, { min: 0.06, max: 0.3 }, 'log', 100), { min: 0.05, max: 0.5 });
});

test('ticks that are close together read differently', () => {
  assert.deepEqual(
    [12_340, 12_341].map((value) => tick(value, 1)),
    ['12.34k', '12.341k'],
  );
  assert.deepEqual(
    [2.015, 2.02].map((value) => tick(value, 0.005)),
    ['2.015', '2.02'],
  );
  assert.ok(logTicks({ min: 0.1, max: 0.2 }).length >= 5);
});
