import assert from 'node:assert/strict';
import test from 'node:test';

import { createReplay, lengthOf } from '../../../static/js/model/replay.js';
import { WALL } from '../../../static/js/model/stream/protocol.js';
import { createStore } from '../../../static/js/model/stream/store.js';

/** @param {object} more @returns {any} */
const lane = (more) => ({
  status: 'finished',
  reason: null,
  ended_at: null,
  steps: 4,
  seconds: 4,
  test_accuracy: 0.95,
  test_loss: 0.2,
  train_accuracy: 0.96,
  train_loss: 0.1,
  reached: [
    { accuracy: 0.9, step: 2, seconds: 2 },
    { accuracy: 0.95, step: 4, seconds: 4 },
  ],
  learning_rate_changes: [{ step: 3, learning_rate: 0.1 }],
  ...more,
});

/** Two lanes of four batches, one twice as fast, evaluated before the first batch, after the second and at the end. */
function finishedRun() {
  const store = createStore();
  /** @type {any} */
  const run = {
    id: 'r',
    status: 'finished',
    lanes: [lane({}), lane({ seconds: 2, status: 'diverged', ended_at: 4 })],
    hard_digits: [],
    story: ['The end.'],
  };
  store.setRun(run);
  [1, 0.5].forEach((pace, i) => {
    const seconds = [1, 2, 3, 4].map((step) => step * pace);
    const column = (/** @type {number[]} */ ...values) => Float32Array.from(values);
    store.append({
      kind: 'frame',
      lane: i,
      first: 0,
      rows: 4,
      columns: { loss: column(4, 3, 2, 1), accuracy: column(0, 0, 1, 1), seconds: column(...seconds) },
    });
    const evaluations = { step: column(0, 2, 4), seconds: column(0, seconds[1], seconds[3]), test_accuracy: column(0.125, 0.75, 0.9375) };
    const same = {
      test_loss: column(2, 1, 0.5),
      train_accuracy: column(0.125, 0.75, 1),
      train_loss: column(2, 1, 0.25),
      quick: column(0, 0, 0),
    };
    const wall = Object.fromEntries(Array.from({ length: WALL }, (_, digit) => [`wall_${digit}`, column(0, 1, digit % 10)]));
    store.append({ kind: 'evaluations', lane: i, first: 0, rows: 3, columns: { ...evaluations, ...same, ...wall } });
  });
  return { store, run };
}

/** @param {Store} store */
const counts = (store) => store.lanes.map(({ frames, evaluations }) => [frames.count, evaluations.count]);

test('a replay shows every lane as it was after so many seconds of its own', () => {
  const { store, run } = finishedRun();
  const replay = createReplay(store, run);

  assert.equal(replay.move(1.5), false);

  assert.deepEqual(counts(replay.store), [
    [1, 1],
    [3, 2],
  ]);
  const [slow, fast] = /** @type {Run} */ (replay.store.run).lanes;
  assert.deepEqual([slow.status, slow.steps, slow.seconds, slow.test_accuracy], ['running', 1, 1, 0.125]);
  assert.deepEqual(slow.reached, []);
  assert.deepEqual(slow.learning_rate_changes, []);
  assert.deepEqual([fast.steps, fast.test_accuracy, fast.reached.length, fast.learning_rate_changes.length], [3, 0.75, 1, 1]);
  assert.equal(replay.store.run?.status, 'running');
  assert.equal(replay.store.lanes[0].frames.column('loss'), store.lanes[0].frames.column('loss'));
});

test('a lane that is at its end is as it ended, and so is the run when all are', () => {
  const { store, run } = finishedRun();
  const replay = createReplay(store, run);

  replay.move(2);
  assert.equal(replay.store.run?.lanes[1], run.lanes[1]);
  assert.equal(replay.store.run?.lanes[0].status, 'running');
  assert.equal(replay.move(lengthOf(store)), true);
  assert.equal(replay.store.run?.status, 'finished');
  assert.deepEqual(counts(replay.store), counts(store));
});

test('before the first batch there is the untrained network', () => {
  const { store, run } = finishedRun();
  const replay = createReplay(store, run);
  replay.move(0);
  assert.deepEqual(counts(replay.store), [
    [0, 1],
    [0, 1],
  ]);
  assert.equal(replay.store.run?.lanes[0].seconds, 0);
});

test('at every moment a replay has the story that the server sent for it', () => {
  const { store, run } = finishedRun();
  const replay = createReplay(store, run);
  const moments = [0, 0.5, 1, 2, 4].map((seconds) => ({ seconds, sentences: [`After ${seconds} s.`] }));
  const storyAt = (/** @type {number} */ seconds) => (replay.move(seconds), replay.store.run?.story);

  assert.deepEqual(storyAt(1), [], 'nothing, before the server has told it');
  replay.tell(moments);
  moments.slice(0, -1).forEach(({ seconds, sentences }, i) => {
    for (const at of [seconds, (seconds + moments[i + 1].seconds) / 2, moments[i + 1].seconds - 1e-6]) assert.equal(storyAt(at), sentences);
  });
  assert.deepEqual(storyAt(4), run.story, 'the end is told as the run tells it');
  assert.equal(storyAt(0.5), moments[1].sentences);
});

test('a replay has another version when there is something new to read, and never one of the whole run', () => {
  const { store, run } = finishedRun();
  const replay = createReplay(store, run);
  const versions = [0, 0.4, 1, 3].map((at) => {
    replay.move(at);
    return [replay.store.rowsVersion, replay.store.runVersion];
  });
  assert.equal(new Set(versions.map(([rows]) => rows)).size, 4);
  assert.equal(versions[0][1], versions[1][1]);
  assert.equal(new Set(versions.map(([, words]) => words)).size, 3);
  assert.ok(versions.flat().every((version) => version < 0));
});
