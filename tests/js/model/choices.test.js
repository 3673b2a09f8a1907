import assert from 'node:assert/strict';
import test from 'node:test';

import { laneChoices, summaryOf } from '../../../static/js/model/choices.js';
import { choicesOf, identify, usualLane } from '../../../static/js/model/lanes.js';
import { limits } from '../limits.js';

const base = limits.config;

test('a summary says what is always said, and of the other settings those that are not as usual', () => {
  assert.equal(summaryOf(base, limits), 'lr 0.01 · batch 64 · 5 ep · 128 hidden · seed 42');
  const [sgd, ...others] = base.lanes;
  const config = { ...base, lanes: [{ ...sgd, learning_rate: 0.1 }, ...others], hidden: [64, 32], target_accuracy: 0.975 };
  assert.equal(summaryOf(config, limits), 'lr 0.1 / 0.01 · batch 64 · 5 ep · to 97.5\u202f% · 64-32 hidden · seed 42');
  assert.equal(summaryOf(config, limits, { wanted: ({ more }) => more }), 'to 97.5\u202f%');
});

test('in full it is said as captions say it', () => {
  /** @param {Partial<Config>} choices */
  const said = (choices) => summaryOf({ ...base, ...choices }, limits, { length: 'said' });

  // The same values are in tests/test_choices.py.
  assert.equal(
    said({ batch_size: 60_000, epochs: 1, hidden: [1] }),
    'learning rate 0.01 · batch size 60,000 · 1 epoch · 1 hidden unit · seed 42',
  );
  assert.equal(
    said({ activation: 'sigmoid', initialisation: 'small', target_accuracy: 0.975, hidden: [64, 32] }),
    'learning rate 0.01 · batch size 64 · 5 epochs · sigmoid · first weights small random · to 97.5\u202f% · 64-32 hidden units · seed 42',
  );
});

test('as usual is what a race without choices has, not what a menu offers first', () => {
  const usual = { ...base, activation: /** @type {const} */ ('tanh'), target_accuracy: 0.95 };
  const choices = { ...limits, config: usual };
  const more = (/** @type {typeof base} */ config) => summaryOf(config, choices, { wanted: (row) => row.more });

  assert.equal(more(usual), '');
  assert.equal(more({ ...usual, activation: 'relu' }), 'ReLU');
  assert.equal(more({ ...usual, target_accuracy: null }), 'to none');
});

test('a lane’s setting is one row: it has a field and words wherever the others have', () => {
  const clip = { ...limits.lane_settings.weight_decay, name: 'clip', label: 'clip', short: 'clip {}', presets: [0.5, 1], default: 1 };
  const choices = { ...limits, lane_settings: { ...limits.lane_settings, clip } };
  const usual = usualLane('adam', choices);
  const config = { ...base, lanes: [usual, /** @type {typeof usual} */ ({ ...usual, clip: 0.5 })] };
  const [one, two] = identify(config, choices);

  assert.equal(/** @type {any} */ (usual).clip, 1);
  assert.equal(one.dials, 'clip 1 · lr 0.01 · β₁ 0.9 · β₂ 0.999');
  assert.equal(two.dials, 'clip 0.5 · lr 0.01 · β₁ 0.9 · β₂ 0.999');
  assert.equal(identify({ ...base, lanes: [usual] }, choices)[0].dials, 'lr 0.01 · β₁ 0.9 · β₂ 0.999');
  assert.equal(choicesOf(config, config.lanes[1], choices), 'clip 0.5');
  const { choice } = laneChoices(two, choices)[6];
  assert.deepEqual([choice.name, choice.label, choice.parse('0,5')], ['adam2.clip', 'Adam clip 0.5 clip', 0.5]);
});
