import assert from 'node:assert/strict';
import test from 'node:test';

import { createTimeLeft } from '../../static/js/experiments/time-left.js';

const PLAN = /** @type {any} */ ({ totalSteps: 1000 });

/** A race of two lanes, of which each has trained so many batches. @param {number} batches @param {object} [more] @returns {any} */
const at = (batches, more = {}) => ({
  state: 'racing',
  run: { id: 'a-run', pace: null, lanes: [{ ended_at: null }, { ended_at: null }] },
  store: { lanes: [{ frames: { count: batches } }, { frames: { count: batches } }] },
  plan: PLAN,
  speed: 100,
  ...more,
});

test('nothing is said before enough was watched, and then it comes true', () => {
  const timeLeft = createTimeLeft();
  assert.equal(timeLeft(at(0, { speed: null }), 0), null);
  assert.equal(timeLeft(at(100), 1_000), null);
  assert.equal(timeLeft(at(150), 2_000), null);
  // Fifty batches a second: 750 more take fifteen.
  assert.equal(timeLeft(at(250), 4_000), 15);
});

test('a machine that is busy for a moment changes nothing, and one that stays busy does', () => {
  const timeLeft = createTimeLeft();
  timeLeft(at(0), 0);
  const before = timeLeft(at(400), 8_000);
  assert.equal(before, 12);
  assert.equal(timeLeft(at(400), 9_000), before);
  assert.equal(timeLeft(at(410), 9_500), before);
  assert.ok((timeLeft(at(420), 20_000) ?? 0) > 25);
});

test('a lane that has ended is not waited for', () => {
  const timeLeft = createTimeLeft();
  const lanes = [{ ended_at: 1 }, { ended_at: null }];
  const alone = (/** @type {number} */ batches) => at(batches, { run: { id: 'a-run', pace: null, lanes } });
  timeLeft(alone(0), 0);
  assert.equal(timeLeft(alone(500), 5_000), 5);
});

test('another race, another pace and a pause begin anew', () => {
  const timeLeft = createTimeLeft();
  timeLeft(at(0), 0);
  assert.notEqual(timeLeft(at(400), 8_000), null);
  assert.equal(timeLeft(at(400, { run: { ...at(0).run, pace: 10 } }), 8_100), null);
  assert.equal(timeLeft(at(400, { state: 'paused' }), 9_000), null);
  assert.equal(timeLeft(at(400), 9_100), null);
});
