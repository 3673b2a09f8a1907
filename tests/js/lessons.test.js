/** What the ballot and the board of a lesson say. */

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { framePathTo, pathTo, rightOf, votesIn } from '../../static/js/lessons/words.js';

/** @param {Partial<Lesson>} lesson */
const said = (lesson) => rightOf(/** @type {Lesson} */ ({ outcome: { choice: 'adam', sentences: [] }, right: 0, voters: 0, ...lesson }));

test('how many were right is shown once there is an outcome', () => {
  assert.equal(said({ right: 14, voters: 1023 }), '14 of 1,023 were right.');
  assert.equal(said({ right: 1, voters: 3 }), '1 of 3 was right.');
  assert.equal(said({ right: 0, voters: 1 }), '0 of 1 were right.');
  assert.equal(said({ outcome: null, right: null, voters: 3 }), '');
  assert.equal(said({ right: null, voters: 3 }), 'This does not settle it.');
  assert.equal(said({}), 'No one voted.');
});

test('votes are counted in words', () => {
  assert.deepEqual([votesIn(0), votesIn(1), votesIn(1200)], ['0 votes', '1 vote', '1,200 votes']);
});

test('a result is at its own page, or in a frame', () => {
  assert.equal(pathTo({ kind: 'run', id: 'a b' }, 'same-push'), '/experiments/same-push/runs/a%20b');
  assert.equal(pathTo({ kind: 'sweep', id: 'a' }, 'noise'), '/experiments/noise/sweeps/a');
  assert.equal(framePathTo({ kind: 'run', id: 'a' }, { name: 'pulls-ahead', view: {} }), '/embed/a');
  assert.equal(framePathTo({ kind: 'sweep', id: 'a b' }, { name: 'noise', view: {} }), '/embed/sweeps/a%20b');
  const view = { stage: ['push', 'followed'] };
  assert.equal(framePathTo({ kind: 'run', id: 'a b' }, { name: 'same-push', view }), '/experiments/same-push/runs/a%20b?present=1');
});
