import assert from 'node:assert/strict';
import test from 'node:test';

import { createUpdateQueue } from '../../../static/js/ui/update-queue.js';

const scene = /** @type {Scene} */ ({});

/** @param {number} count @param {() => void} [mark] */
function watched(count, mark = () => {}) {
  /** @type {number[]} */
  const updated = [];
  const panels = Array.from({ length: count }, (_, i) => ({ update: () => updated.push(i) }));
  return { queue: createUpdateQueue(panels, mark), updated };
}

test('a frame updates one panel, and requests the next frame until all have been updated', ({ mock }) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { queue, updated } = watched(5, () => queue.update(scene, false));
  queue.update(scene, false);
  assert.deepEqual(updated, [0]);
  for (let turn = 0; turn < 10; turn++) mock.timers.tick(1000);
  assert.deepEqual(updated, [0, 1, 2, 3, 4]);
});

test('panels that have seen everything are left alone until something changes', () => {
  const { queue, updated } = watched(1);
  queue.update(scene, false);
  queue.update(scene, false);
  assert.deepEqual(updated, [0]);
  queue.changed();
  queue.update(scene, false);
  assert.deepEqual(updated, [0, 0]);
});

test('all panels can be updated at once', () => {
  const { queue, updated } = watched(5);
  queue.update(scene, false);
  queue.update(scene, true);
  assert.deepEqual(updated, [0, 1, 2, 3, 4, 0]);
});

test('a panel added later gets its turn too, and a frame for it', ({ mock }) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  let marked = 0;
  const { queue, updated } = watched(1, () => marked++);
  queue.update(scene, false);
  queue.add([{ update: () => updated.push(1) }]);
  assert.equal(marked, 1);
  queue.update(scene, false);
  queue.update(scene, false);
  queue.update(scene, false);
  assert.deepEqual(updated, [0, 0, 1]);
});
