import assert from 'node:assert/strict';
import test from 'node:test';

import { addressOf, readConfig, readView, runIdOf, sameConfig } from '../../static/js/address.js';
import { configProps, DEFAULT_VIEW, understand } from '../../static/js/props.js';

/** @type {Record<string, [number, number]>} */
const ranges = {
  learning_rate: [1e-6, 10],
  batch_size: [1, 60_000],
  epochs: [1, 100],
  hidden: [1, 1024],
  hidden_layers: [1, 3],
  seed: [0, 4_294_967_295],
};
/** @type {import('../../static/js/types').Config} */
const base = {
  learning_rate: 0.01,
  batch_size: 64,
  epochs: 5,
  hidden: [128],
  seed: 42,
  lanes: [
    { optimizer: 'sgd', learning_rate: null },
    { optimizer: 'momentum', momentum: 0.9, learning_rate: null },
    { optimizer: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, learning_rate: null },
  ],
};

/** @param {Partial<import('../../static/js/types').Config>} changes */
function round(changes, runId = null, view = DEFAULT_VIEW) {
  const config = { ...base, ...changes };
  const address = addressOf({ runId, base, config, view }, ranges);
  const query = address.split('?')[1] ?? '';
  assert.deepEqual(readConfig(query, base, ranges), { config, problems: [] });
  assert.deepEqual(readView(query), { view, problems: [] });
  return address;
}

test('defaults leave the address bare', () => {
  assert.equal(round({}), '/');
});

test('what differs is in the address, and comes back from it', () => {
  assert.equal(round({ learning_rate: 0.1, hidden: [128, 64] }), '/?learning_rate=0.1&hidden=128,64');
  assert.equal(round({ learning_rate: 1e-6 }), '/?learning_rate=0.000001');
  assert.equal(round({}, null, { ...DEFAULT_VIEW, x: 'seconds', loss_scale: 'linear', smoothing: 0 }), '/?x=seconds&loss_scale=linear&smoothing=0');
});

test('a link opens as the teacher prepared it', () => {
  const view = { ...DEFAULT_VIEW, pace: 10, hide: ['reach', 'digits'], present: true };
  assert.equal(round({}, null, view), '/?pace=10&hide=reach,digits&present=1');
  assert.deepEqual(readView('pace=full&present=0').view, DEFAULT_VIEW);
  assert.deepEqual(readView('pace=0.5').view.pace, 0.5);
  const { view: left, problems } = readView('pace=fast&hide=reach,everything&present=yes&x=step');
  assert.deepEqual(left, { ...DEFAULT_VIEW, x: 'step' });
  assert.equal(problems.length, 3);
  assert.equal(problems[0], 'Pace: expected full, or a number from 0.5 to 1000, got “fast”.');
  assert.match(problems[1], /^Closed panels: expected some of .*reach.* got “reach,everything”.$/);
});

test('a lane can have its own learning rate', () => {
  const lanes = [{ ...base.lanes[0], learning_rate: 0.5 }, base.lanes[1], base.lanes[2]];
  assert.equal(round({ lanes }), '/?sgd.learning_rate=0.5');
});

test('a run keeps its address, the query only says what the next one changes', () => {
  const config = { ...base, epochs: 9 };
  assert.equal(addressOf({ runId: 'a/b', base, config, view: DEFAULT_VIEW }, ranges), '/runs/a%2Fb?epochs=9');
  assert.equal(runIdOf('/runs/a%2Fb'), 'a/b');
  assert.equal(runIdOf('/'), null);
});

test('a lane of a run can go back to the shared learning rate', () => {
  const raced = { ...base, lanes: [{ ...base.lanes[0], learning_rate: 0.5 }, base.lanes[1], base.lanes[2]] };
  const address = addressOf({ runId: 'x', base: raced, config: base, view: DEFAULT_VIEW }, ranges);
  assert.equal(address, '/runs/x?sgd.learning_rate=shared');
  assert.deepEqual(readConfig(address.split('?')[1], raced, ranges).config, base);
});

test('what is wrong in a link is left out and told', () => {
  const { config, problems } = readConfig('batch_size=0&epochs=3&seed=abc', base, ranges);
  assert.deepEqual(config, { ...base, epochs: 3 });
  assert.deepEqual(problems, [
    'Batch size: expected a whole number from 1 to 60,000, got “0”.',
    'Seed: expected a whole number from 0 to 4,294,967,295, got “abc”.',
  ]);
  assert.match(readView('x=miles').problems[0], /one of examples, step, epoch, seconds, got “miles”/);
});

test('people may write numbers as people do', () => {
  const [rate, batch, , hidden] = configProps(ranges);
  assert.equal(understand(rate, ' 1e-3 ').value, 0.001);
  assert.equal(understand(rate, '.5').value, 0.5);
  assert.equal(understand(batch, '60,000').value, 60_000);
  assert.deepEqual(understand(hidden, '256 128,64').value, [256, 128, 64]);
});

test('what is not a value is refused in words', () => {
  const [rate, batch, , hidden] = configProps(ranges);
  for (const text of ['', 'abc', '0', '11', 'NaN', 'Infinity', '1e999', '0x10', '0,01']) assert.ok(understand(rate, text).problem, text);
  for (const text of ['1.5', '-1', '60001', '6,00']) assert.ok(understand(batch, text).problem, text);
  for (const text of ['', '0', '1025', '1,2,3,4', '12.5', 'a']) assert.ok(understand(hidden, text).problem, text);
  assert.equal(understand(batch, '').problem, 'Batch size: expected a whole number from 1 to 60,000, got nothing.');
});

test('configs are the same whatever the order of their keys, and null is as good as missing', () => {
  const { lanes, ...rest } = base;
  assert.ok(sameConfig({ lanes: [{ optimizer: 'sgd' }, lanes[1], lanes[2]], ...rest }, base));
  assert.ok(!sameConfig({ ...base, hidden: [128, 64] }, base));
});
