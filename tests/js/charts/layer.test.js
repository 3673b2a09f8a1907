import assert from 'node:assert/strict';
import test from 'node:test';

import { createCurve } from '../../../static/js/charts/curve.js';
import { createLayer } from '../../../static/js/charts/layer.js';
import { createYRange } from '../../../static/js/charts/axes/y-range.js';
import { LOOKS } from '../../../static/js/model/lanes.js';
import { createTable } from '../../../static/js/model/stream/table.js';

const AREA = { left: 40, top: 10, width: 300, height: 150 };

/** A canvas that keeps how strongly lines are drawn on it, where their corners are, and what is written. */
function noting() {
  const drawn = {
    strengths: /** @type {[string, number][]} */ ([]),
    corners: /** @type {[number, number][]} */ ([]),
    words: /** @type {string[]} */ ([]),
  };
  const context = {
    globalAlpha: 1,
    stroke: (/** @type {string} */ path) => path && drawn.strengths.push([path, context.globalAlpha]),
    moveTo: (/** @type {number} */ x, /** @type {number} */ y) => drawn.corners.push([x, y]),
    lineTo: (/** @type {number} */ x, /** @type {number} */ y) => drawn.corners.push([x, y]),
    fillText: (/** @type {string} */ text) => drawn.words.push(text),
    measureText: () => ({ width: 40 }),
  };
  const canvas = { getContext: () => new Proxy(context, { get: (known, name) => Reflect.get(known, name) ?? (() => {}) }) };
  return { drawn, layer: createLayer(/** @type {any} */ (canvas), { raw: true, dots: false, tapes: false, gap: null }) };
}

/** @param {number[]} losses @param {number} [smoothing] */
function curveOf(losses, smoothing = 0) {
  const table = createTable(['loss']);
  table.append({ loss: Float32Array.from(losses) }, losses.length);
  const curve = createCurve(table, 'loss', smoothing);
  curve.look((row) => row, { min: 0, max: losses.length }, AREA.width);
  curve.extend();
  return curve;
}

/** @param {ReturnType<typeof curveOf>[]} curves @param {number} high @param {string | null} [end] */
function draw(curves, high, end = null) {
  const { drawn, layer } = noting();
  const strokes = { line: () => 'line', raw: () => 'raw' };
  const lines = curves.map((curve, i) => ({ lane: LOOKS[i], curve, strokes, flags: [], passings: [], end, spread: false }));
  layer.draw(/** @type {any} */ ({ lines, thin: [], palette: { axis: '11px' }, area: AREA, ratio: 1, low: 0, high, place: Number }));
  return drawn;
}

test('the loss of every batch is plain while they are few, and no smear when they are many', () => {
  const [few, some, many] = [50, 400, 5000].map((rows) => {
    const raw = draw([curveOf(Array.from({ length: rows }, (_, i) => 1 + (i % 7) / 10))], 3).strengths.find(([path]) => path === 'raw');
    return raw?.[1] ?? 0;
  });

  assert.ok(few >= 0.4, `${few}`);
  assert.ok(some < few && some > many);
  assert.equal(many, 0.11);
});

test('a line that leaves the plot at its top goes on along the edge, with how high it gets', () => {
  const { corners, words } = draw([curveOf([1, 1, 31, 31, 1, 1]), curveOf([1, 1, 1, 1, 1, 1])], 3);
  const along = corners.filter(([, y]) => y === AREA.top + 1);

  assert.deepEqual(words, ['↑ 31.00']);
  // From where it crosses the edge to where it comes back.
  const at = (/** @type {number} */ row) => AREA.left + (row / 6) * AREA.width;
  const round = (/** @type {number[]} */ xs) => xs.map((x) => Number(x.toFixed(6)));
  assert.deepEqual(round(along.map(([x]) => x)), round([at(1 + 2 / 30), at(3 + 28 / 30)]));
});

test('a line that diverged says so, and not how high its last value is, where the two would stand upon each other', () => {
  assert.deepEqual(draw([curveOf([2, 2, 9e30])], 3, 'diverged').words, ['diverged']);
});

test('lines that stay inside have no such mark', () => {
  assert.deepEqual(draw([curveOf([1, 2, 3, 1])], 3).words, []);
});

test('the axis has room for the losses of the first batches, not only for their average', () => {
  const losses = Array.from({ length: 100 }, (_, i) => (i === 60 ? 0.03 : 0.8));
  const curve = curveOf(losses, 0.95);
  const { min } = createYRange('loss').of([curve], { scale: 'log', zoomed: false, bare: false });

  assert.ok(curve.low > 0.5);
  assert.ok(min <= 0.03);
  const later = curveOf([...Array.from({ length: 3000 }, () => 0.8), 0.0002], 0.95);
  assert.ok(createYRange('loss').of([later], { scale: 'log', zoomed: false, bare: false }).min >= 0.5, 'a single one later is no reason');
});
