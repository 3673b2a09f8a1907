import assert from 'node:assert/strict';
import test from 'node:test';

import { readView } from '../../../static/js/model/address.js';
import { placed, arrangement, toggled } from '../../../static/js/model/stage.js';
import { limits } from '../limits.js';

const USUAL = limits.view.stage.default;

test('an instrument takes the place of the second chart, and gives it back', () => {
  const stage = toggled(USUAL, USUAL, 'push');
  assert.deepEqual(stage, ['train-loss', 'push']);
  assert.deepEqual(toggled(stage, USUAL, 'push'), USUAL);
  assert.deepEqual(toggled(stage, USUAL, 'weights'), ['train-loss', 'weights']);
});

test('a chart that has made room comes back to the stage, in place of the instrument that took its place', () => {
  assert.deepEqual(toggled(['train-loss', 'push'], USUAL, 'test-accuracy'), USUAL);
  assert.deepEqual(toggled(['push', 'weights'], USUAL, 'test-accuracy'), ['push', 'test-accuracy']);
  assert.deepEqual(toggled(['test-accuracy', 'push'], USUAL, 'train-loss'), ['test-accuracy', 'train-loss']);
});

test('a chart that has its usual place stays there', () => {
  assert.deepEqual(toggled(USUAL, USUAL, 'train-loss'), USUAL);
});

test('a panel that is on the stage already changes places', () => {
  assert.deepEqual(placed(USUAL, 'test-accuracy', 0), ['test-accuracy', 'train-loss']);
  assert.deepEqual(placed(['push', 'weights'], 'push', 0), ['push', 'weights']);
});

test('whatever is on the stage, everybody has one place, and no two have the same', () => {
  const names = Object.keys(limits.view.stage.options);
  for (const first of names) {
    for (const second of names.filter((name) => name !== first)) {
      const standing = arrangement([first, second], USUAL);
      assert.deepEqual([standing[USUAL[0]], standing[USUAL[1]]], [first, second]);
      assert.deepEqual(Object.keys(standing).sort(), Object.values(standing).sort());
    }
  }
});

test('a link names both panels, or is refused with a sentence', () => {
  assert.deepEqual(readView('stage=train-loss,push', limits), {
    view: { ...readView('', limits).view, stage: ['train-loss', 'push'] },
    problems: [],
  });
  for (const wrong of ['push', 'push,push', 'push,nothing', 'push,weights,draw', 'replay,push', 'story', '']) {
    const { view, problems } = readView(`stage=${wrong}`, limits);
    assert.deepEqual(view.stage, USUAL, wrong);
    assert.match(problems[0], /^On the stage: expected 2 different ones of .*push.*, got/, wrong);
  }
});
