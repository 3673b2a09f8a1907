import assert from 'node:assert/strict';
import test from 'node:test';

import { gapText, sidesOf } from '../../../static/js/model/gap.js';
import { identify } from '../../../static/js/model/lanes.js';
import { limits } from '../limits.js';

test('a gap is by how much a network is better on the digits it is trained on', () => {
  assert.equal(gapText('accuracy', 0.998, 0.979), '1.9 points');
  assert.equal(gapText('accuracy', 0.96, 0.95), '1.0 point');
  assert.equal(gapText('accuracy', 0.25, 0.3), '−5.0 points');
  assert.equal(gapText('loss', 0.0312, 0.0729), '0.042');
  assert.equal(gapText('loss', 2.3, 2.2), '−0.1');
});

test('of what is not known or not a number there is no gap', () => {
  assert.equal(gapText('accuracy'), '');
  assert.equal(gapText('loss', 1, NaN), '');
  assert.equal(gapText('loss', Infinity, Infinity), '');
});

test('both lines of a lane have its colour, and the one on unseen digits is drawn as the lane is everywhere', () => {
  const [, , adam] = identify(limits.config, limits);
  const [trained, unseen] = sidesOf(adam);

  assert.deepEqual([trained.name, unseen.name], ['Trained on', 'Never seen']);
  assert.deepEqual({ ...unseen, name: adam.name }, adam);
  assert.deepEqual([trained.lane, trained.colour], [adam.lane, adam.colour]);
  assert.notDeepEqual(trained.dash, unseen.dash);
});
