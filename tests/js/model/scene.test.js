import assert from 'node:assert/strict';
import test from 'node:test';

import { createChangeDetector } from '../../../static/js/model/changes.js';
import { createScenes } from '../../../static/js/model/scene.js';
import { createStore } from '../../../static/js/model/stream/store.js';
import { limits } from '../limits.js';

test('what differs from the values before is a change, and so are the first ones', () => {
  const changed = createChangeDetector();
  assert.equal(changed(null, 1), true);
  assert.equal(changed(null, 1), false);
  assert.equal(changed(null, 2), true);
  assert.equal(changed(null), true);
  assert.equal(changed(), true);
  assert.equal(changed(), false);
});

test('plan and lanes stay the same objects while the config comes to the same', () => {
  /** @type {Config} */
  const config = { learning_rate: 0.1, batch_size: 100, epochs: 2, hidden: [16], seed: 0, lanes: [{ optimizer: 'sgd' }] };
  const race = { state: /** @type {const} */ ('idle'), store: createStore(), link: null };
  const scenes = createScenes(1000, limits);
  const first = scenes.make(race, config);
  assert.equal(first.plan.totalSteps, 20);
  assert.equal(first.whole, race.store);
  const again = scenes.make(race, { ...config, lanes: [...config.lanes] });
  assert.equal(again.plan, first.plan);
  assert.equal(again.lanes, first.lanes);
  assert.notEqual(scenes.make(race, { ...config, epochs: 3 }).plan, first.plan);
});
