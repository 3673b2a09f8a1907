import assert from 'node:assert/strict';
import test from 'node:test';

import { createMoments } from '../../../static/js/model/moment.js';
import { EVALUATION_COLUMNS, FRAME_COLUMNS } from '../../../static/js/model/stream/protocol.js';
import { createStore } from '../../../static/js/model/stream/store.js';

/** @param {number} steps @param {number | null} [test_accuracy] @param {string[]} [story] */
const run = (steps, test_accuracy = null, story = []) =>
  /** @type {Run} */ (/** @type {unknown} */ ({ id: 'a', lanes: [{ steps, test_accuracy }], story }));

/** A race with one lane, and what its page looks at. */
function racing() {
  const store = createStore();
  store.setRun(run(0));
  const moments = createMoments();
  return {
    store,
    /** @param {number} rows */
    train(rows) {
      const columns = Object.fromEntries(FRAME_COLUMNS.map((name) => [name, new Float32Array(rows)]));
      assert.ok(store.append({ kind: 'frame', lane: 0, first: store.lanes[0].frames.count, rows, columns }));
    },
    /** @param {number} step @param {number} accuracy */
    evaluate(step, accuracy) {
      const columns = Object.fromEntries(EVALUATION_COLUMNS.map((name) => [name, Float32Array.of(name === 'step' ? step : accuracy)]));
      assert.ok(store.append({ kind: 'evaluations', lane: 0, first: store.lanes[0].evaluations.count, rows: 1, columns }));
    },
    /** @param {number} now @param {boolean} [all] @param {PageState} [state] */
    look: (now, all = false, state = 'racing') =>
      moments.look(/** @type {Scene} */ ({ state, store, run: store.run, whole: store }), now, all),
  };
}

/** @param {{ seen: Scene }} look */
const shown = ({ seen: { store } }) => [store.lanes[0].frames.count, store.lanes[0].evaluations.count];

test('lines are drawn in one frame and words written in the next, of the same moment, whatever comes between', () => {
  const race = racing();
  race.train(10);
  assert.equal(race.look(0).write, true);

  race.train(5);
  const lines = race.look(100);
  assert.deepEqual([lines.write, lines.wait, shown(lines)], [false, 0, [15, 0]]);
  race.train(7);
  const words = race.look(200);
  assert.deepEqual([words.write, shown(words)], [true, [15, 0]]);
  assert.deepEqual(shown(race.look(300)), [22, 0]);
});

test('a moment lasts a while, and the page is redrawn when it is over', () => {
  const race = racing();
  race.look(0, true);
  assert.equal(race.look(1).wait, null);
  race.train(1);
  const early = race.look(5);
  assert.deepEqual([early.write, early.wait, shown(early)], [false, 40, [0, 0]]);
  assert.equal(race.look(20, false, 'replaying').wait, 10);
  assert.deepEqual(shown(race.look(46)), [1, 0]);
});

test('what the visitor does is seen whole and at once', () => {
  const race = racing();
  race.look(0, true);
  race.train(3);
  const { write, wait, seen } = race.look(1, true);
  assert.deepEqual([write, wait, shown({ seen })], [true, null, [3, 0]]);
});

test('an evaluation is shown together with what the server says of it', () => {
  const race = racing();
  race.train(10);
  race.evaluate(0, 0.1);
  race.store.setRun(run(5, 0.1));
  race.evaluate(10, 0.9);
  assert.deepEqual(shown(race.look(0, true)), [10, 1]);
  // Another lane was evaluated meanwhile: the batches are described, the evaluation is not.
  race.store.setRun(run(10, 0.1));
  assert.deepEqual(shown(race.look(0, true)), [10, 1]);

  race.store.setRun(run(10, 0.9, ['It reads 90 %.']));
  const told = race.look(100, true);
  assert.deepEqual([shown(told), told.seen.run?.story], [[10, 2], ['It reads 90 %.']]);
});

test('held tables are the same objects as long as those of the store are', () => {
  const race = racing();
  const [{ seen: first }, { seen: second }] = [race.look(0, true), race.look(100, true)];
  assert.equal(first.store, second.store);
  const [{ frames }] = first.store.lanes;
  race.store.clearRows();
  assert.notEqual(race.look(200, true).seen.store.lanes[0].frames, frames);
});

test('for a viewer who joins later a lane has no accuracy before its row is there', () => {
  const race = racing();
  race.store.setRun(run(40, 0.5));
  const accuracy = (/** @type {{ seen: Scene }} */ { seen }) => seen.run?.lanes[0].test_accuracy;

  assert.equal(accuracy(race.look(0, true)), null);
  race.train(40);
  race.evaluate(40, 0.5);
  assert.equal(accuracy(race.look(100, true)), 0.5);
});
