import assert from 'node:assert/strict';
import test from 'node:test';

import { createUpdateQueue } from '../../static/js/ui/update-queue.js';

const scene = /** @type {import('../../static/js/types').Scene} */ ({});

/** @param {number} count */
function watched(count) {
  /** @type {number[]} */
  const updated = [];
  const turns = createUpdateQueue(Array.from({ length: count }, (_, i) => ({ update: () => updated.push(i) })));
  return { turns, updated };
}

test('a frame updates one panel, and the next frame goes on with the others', () => {
  const { turns, updated } = watched(5);
  assert.deepEqual(
    [1, 2, 3, 4, 5].map(() => turns.update(scene, false)),
    [true, true, true, true, false],
  );
  assert.deepEqual(updated, [0, 1, 2, 3, 4]);
});

test('panels that have seen everything are left alone until something changes', () => {
  const { turns, updated } = watched(1);
  turns.update(scene, false);
  turns.update(scene, false);
  assert.deepEqual(updated, [0]);
  turns.changed();
  turns.update(scene, false);
  assert.deepEqual(updated, [0, 0]);
});

test('everybody can be told at once', () => {
  const { turns, updated } = watched(5);
  turns.update(scene, false);
  assert.equal(turns.update(scene, true), false);
  assert.deepEqual(updated, [0, 1, 2, 3, 4, 0]);
});
