import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { choicesOf, goalOf, identify as identified, lanesOf, LOOKS, planOf, usualLane } from '../../../static/js/model/lanes.js';
import { laneChoices } from '../../../static/js/model/choices.js';
import { limits } from '../limits.js';

const base = limits.config;
const catalogue = limits.optimizers;
const NAMES = Object.keys(catalogue);
/** @param {Config} config */
const identify = (config) => identified(config, limits);

/** @param {(Partial<LaneConfig> & Pick<LaneConfig, 'optimizer'>)[]} lanes */
const racing = (lanes) => ({ ...base, lanes: lanes.map((lane) => ({ ...usualLane(lane.optimizer, limits), ...lane })) });

test('everything about a lane can be chosen, within the server’s limits', () => {
  for (const [lane] of NAMES.map((optimizer) => identify(racing([{ optimizer }])))) {
    const choices = laneChoices(lane, limits);
    const usual = usualLane(lane.optimizer, limits);
    assert.deepEqual(
      choices.map(({ dial }) => dial).sort(),
      Object.keys(usual)
        .filter((name) => name !== 'optimizer')
        .sort(),
    );
    for (const { dial, choice } of choices) {
      const value = /** @type {any} */ (usual)[dial];
      assert.deepEqual(choice.parse(choice.format(value)), value, choice.name);
      assert.ok(choice.presets.includes(value) || dial === 'learning_rate', choice.name);
      for (const preset of choice.presets) assert.equal(choice.parse(choice.format(preset)), preset, choice.name);
    }
    for (const [dial, { low, high }] of Object.entries(catalogue[lane.optimizer].hyperparameters)) {
      const { choice } = /** @type {typeof choices[number]} */ (choices.find((each) => each.dial === dial));
      assert.equal(choice.parse(String(high)), high);
      assert.equal(choice.parse(String(high * 1.1)), undefined);
      assert.equal(choice.parse(String(low - 1)), undefined);
    }
  }
});

test('lanes keep their colour, and two of the same optimizer can be distinguished', () => {
  const lanes = identify(racing([{ optimizer: 'adam', learning_rate: 0.1 }, { optimizer: 'adam' }, { optimizer: 'sgd' }]));
  assert.deepEqual(
    lanes.map(({ key, name, colour }) => [key, name, colour]),
    [
      ['adam', 'Adam 0.1', 'blue'],
      ['adam2', 'Adam 0.01', 'pink'],
      ['sgd', 'SGD', 'orange'],
    ],
  );
  assert.equal(lanes[0].dials, 'lr 0.1 · β₁ 0.9 · β₂ 0.999');
  assert.equal(lanes[2].dials, 'lr 0.01');
});

test('lanes are named by what differs, as the server names them', () => {
  const races = JSON.parse(readFileSync(new URL('../../fixtures/lane-names.json', import.meta.url), 'utf8'));
  for (const { lanes, names } of races)
    assert.deepEqual(
      identify(racing(lanes)).map(({ name }) => name),
      names,
    );
});

test('six lanes have six looks, whatever they train with', () => {
  for (const optimizers of [Array(6).fill('adam'), NAMES.slice(0, 6), NAMES.slice(4, 10)]) {
    const lanes = identify(racing(optimizers.map((optimizer) => ({ optimizer }))));
    for (const look of /** @type {const} */ (['colour', 'marker'])) assert.equal(new Set(lanes.map((lane) => lane[look])).size, 6);
    assert.equal(new Set(lanes.map(({ key }) => key)).size, 6);
  }
  assert.equal(new Set(LOOKS.slice(2).map(({ dash }) => dash.join())).size, 4);
});

test('what distinguishes lanes of one optimizer comes first', () => {
  const [one, two, sgd] = identify(
    racing([
      { optimizer: 'adam', beta2: 0.99, epsilon: 1e-3 },
      { optimizer: 'adam', schedule: 'cosine' },
      { optimizer: 'sgd', weight_decay: 0.1 },
    ]),
  );
  assert.equal(one.dials, 'constant · β₂ 0.99 · ε 0.001 · lr 0.01 · β₁ 0.9');
  assert.equal(two.dials, 'cosine · β₂ 0.999 · ε 1e-8 · lr 0.01 · β₁ 0.9');
  assert.equal(sgd.dials, 'lr 0.01 · wd 0.1');
});

test('a chip says what was chosen, and nothing that goes without saying', () => {
  const config = racing([{ optimizer: 'adamw' }, { optimizer: 'adamw', weight_decay: 0, schedule: 'step', learning_rate: 1 }]);
  assert.equal(choicesOf(config, config.lanes[0], limits), '');
  assert.equal(choicesOf(config, config.lanes[1], limits), 'step · wd 0');
});

test('lanes that are known stay as they are when others come and go', () => {
  const [sgd, , adam] = base.lanes;
  const tuned = { ...adam, beta1: 0.5 };
  assert.deepEqual(lanesOf(['adam', 'lion', 'adam', 'sgd'], [sgd, adam, tuned], limits), [adam, usualLane('lion', limits), tuned, sgd]);
});

test('the length of a race follows from its config', () => {
  assert.deepEqual(planOf(base, 60_000), { batchSize: 64, batchesPerEpoch: 937, epochs: 5, totalSteps: 4685, goal: '5 epochs' });
  assert.equal(goalOf({ epochs: 20, target_accuracy: 0.95 }), 'until every lane passes 95\u202f% or 20 epochs');
  assert.equal(goalOf({ epochs: 1, target_accuracy: 0.995 }), 'until every lane passes 99.5\u202f% or 1 epoch');
});

/** @param {string} hex */
function luminance(hex) {
  const [r, g, b] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

test('every colour stands out from the panel in both themes, as a line and as text', () => {
  const themes = readFileSync(new URL('../../../static/css/ui/base.css', import.meta.url), 'utf8').split('data-theme="dark"');
  for (const theme of themes) {
    const colour = (/** @type {string} */ name) =>
      luminance(/** @type {RegExpExecArray} */ (new RegExp(`--${name}: (#[0-9a-f]{6})`).exec(theme))[1]);
    const contrast = (/** @type {string} */ name) => {
      const [dark, light] = [colour(name), colour('panel')].sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    };
    for (const { colour } of LOOKS) {
      assert.ok(contrast(colour) >= 3, colour);
      assert.ok(contrast(`${colour}-text`) >= 4.5, `${colour}-text`);
    }
  }
});
