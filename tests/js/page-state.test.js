import assert from 'node:assert/strict';
import test from 'node:test';

import { identify, planOf } from '../../static/js/lanes.js';
import { canPlay, pageState } from '../../static/js/page-state.js';
import { createSpeed } from '../../static/js/speed.js';
import { positionOf, smoothingAt } from '../../static/js/view-switches.js';

const alive = { alive: true, over: false, gone: false, retryAt: null };

/** @param {import('../../static/js/types').RunStatus} status @returns {any} */
const run = (status) => ({ status });
const nothing = { run: null, link: null, starting: false, stopping: false, hasRows: false };

test('every situation has one word', () => {
  const watching = { ...nothing, link: alive, hasRows: true };
  assert.equal(pageState(nothing), 'idle');
  assert.equal(pageState({ ...nothing, starting: true }), 'starting');
  assert.equal(pageState({ ...nothing, link: alive }), 'starting');
  assert.equal(pageState({ ...nothing, link: alive, run: run('running') }), 'starting');
  assert.equal(pageState({ ...watching, run: run('queued') }), 'queued');
  assert.equal(pageState({ ...watching, run: run('running') }), 'racing');
  assert.equal(pageState({ ...watching, run: run('running'), stopping: true }), 'stopping');
  assert.equal(pageState({ ...watching, run: run('stopped'), stopping: true }), 'stopped');
  assert.equal(pageState({ ...watching, run: run('failed') }), 'failed');
  assert.equal(pageState({ ...watching, run: run('running'), link: { ...alive, alive: false } }), 'lost');
  assert.equal(pageState({ ...watching, run: run('running'), link: { ...alive, gone: true } }), 'gone');
});

test('play is offered when nothing is running', () => {
  assert.ok(canPlay('idle', null));
  assert.ok(canPlay('gone', run('running')));
  assert.ok(canPlay('lost', run('finished')));
  assert.ok(!canPlay('lost', run('running')));
  assert.ok(!canPlay('queued', run('queued')));
});

/** @type {import('../../static/js/types').Config} */
const config = { learning_rate: 0.01, batch_size: 64, epochs: 5, hidden: [128], seed: 42, lanes: [{ optimizer: 'adam', learning_rate: 0.1 }, { optimizer: 'adam' }, { optimizer: 'sgd' }] };

test('lanes keep their colour, and two of the same optimizer can be told apart', () => {
  const lanes = identify(config);
  assert.deepEqual(lanes.map(({ name }) => name), ['Adam', 'Adam 2', 'SGD']);
  assert.deepEqual(lanes.map(({ tint }) => tint), ['blue', 'green', 'orange']);
  assert.equal(new Set(lanes.map(({ marker }) => marker)).size, 3);
  assert.equal(lanes[0].dials, 'lr 0.1 · β₁ 0.9 · β₂ 0.999');
  assert.equal(lanes[2].dials, 'lr 0.01');
});

test('the length of a race follows from its config', () => {
  assert.deepEqual(planOf(config, 60_000), { batchSize: 64, batchesPerEpoch: 937, epochs: 5, totalSteps: 4685 });
});

test('speed is measured over the last two seconds', () => {
  const speed = createSpeed();
  assert.equal(speed.perSecond, null);
  for (let i = 0; i <= 100; i++) speed.sample(i * 50, i < 50 ? i * 10 : 500 + (i - 50) * 100);
  assert.equal(speed.perSecond, 2000);
});

test('the smoothing slider gives round values and comes back to them', () => {
  assert.equal(smoothingAt(0), 0);
  assert.equal(smoothingAt(26), 0.95);
  assert.equal(smoothingAt(60), 0.999);
  for (let position = 0; position <= 60; position++) assert.ok(Math.abs(positionOf(smoothingAt(position)) - position) <= 1);
});
