import assert from 'node:assert/strict';
import test from 'node:test';

import { PUSH_COLUMNS } from '../../../static/js/model/stream/protocol.js';
import { createStore } from '../../../static/js/model/stream/store.js';

/**
 * @param {number} lane
 * @param {number} first
 * @param {number[]} losses
 * @returns {Block}
 */
function frame(lane, first, losses) {
  const loss = Float32Array.from(losses);
  return { kind: 'frame', lane, first, rows: losses.length, columns: { loss, accuracy: loss, seconds: loss } };
}

test('rows are appended and the cursor counts them', () => {
  const store = createStore();
  assert.ok(store.append(frame(0, 0, [3, 2])));
  assert.ok(store.append(frame(0, 2, [1])));
  assert.ok(store.append(frame(2, 0, [5])));
  assert.deepEqual(store.cursor(), { steps: [3, 0, 1], evaluations: [0, 0, 0], pushes: [0, 0, 0] });
  assert.deepEqual([...store.lanes[0].frames.column('loss').subarray(0, 3)], [3, 2, 1]);
});

test('a block that leaves a gap or comes twice is refused and changes nothing', () => {
  const store = createStore();
  store.append(frame(0, 0, [3, 2]));
  const version = store.rowsVersion;
  assert.equal(store.append(frame(0, 3, [1])), false);
  assert.equal(store.append(frame(0, 0, [3, 2])), false);
  assert.equal(store.rowsVersion, version);
  assert.deepEqual(store.cursor().steps, [2]);
});

test('pushes are a table of their own, and half decades without weights stay no numbers', () => {
  const store = createStore();
  const columns = Object.fromEntries(PUSH_COLUMNS.map((name, i) => [name, Float32Array.of(i, name === 'q50_7' ? NaN : i / 2)]));
  assert.ok(store.append({ kind: 'pushes', lane: 1, first: 0, rows: 2, columns }));
  assert.equal(store.append({ kind: 'pushes', lane: 1, first: 0, rows: 2, columns }), false);
  assert.deepEqual(store.cursor(), { steps: [0, 0], evaluations: [0, 0], pushes: [0, 2] });
  assert.deepEqual([...store.lanes[1].pushes.column('q25_0').subarray(0, 2)], [1, 0.5]);
  assert.ok(Number.isNaN(store.lanes[1].pushes.column('q50_7')[1]));
});

test('columns keep every value while they grow', () => {
  const store = createStore();
  for (let first = 0; first < 10_000; first += 100) {
    store.append(
      frame(
        0,
        first,
        Array.from({ length: 100 }, (_, i) => first + i),
      ),
    );
  }
  const { frames } = store.lanes[0];
  assert.equal(frames.count, 10_000);
  assert.ok(
    frames
      .column('loss')
      .subarray(0, 10_000)
      .every((value, i) => value === i),
  );
});

test('a store copies what it keeps', () => {
  const store = createStore();
  const block = frame(0, 0, [1]);
  store.append(block);
  block.columns.loss[0] = 9;
  assert.equal(store.lanes[0].frames.column('loss')[0], 1);
});

test('forgetting rows keeps the lanes', () => {
  const store = createStore();
  store.append(frame(1, 0, [1]));
  store.clearRows();
  assert.deepEqual(store.cursor(), { steps: [0, 0], evaluations: [0, 0], pushes: [0, 0] });
});
