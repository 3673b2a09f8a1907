import assert from 'node:assert/strict';
import test from 'node:test';

import { allowedCommands, pageState, paceOf } from '../../../static/js/model/page-state.js';
import { defaultView } from '../../../static/js/model/choices.js';
import { limits } from '../limits.js';
import { createSpeed, settled } from '../../../static/js/model/speed.js';
import { positionOf, smoothingAt } from '../../../static/js/form/view-switches.js';

const alive = { alive: true, over: false, gone: false, polling: false, restarting: false, problem: null, retryAt: null, heard: 0 };

/** @param {RunStatus} status @returns {any} */
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
  assert.equal(pageState({ ...watching, run: run('paused') }), 'paused');
  assert.equal(pageState({ ...nothing, link: alive, run: run('paused') }), 'paused');
  assert.equal(pageState({ ...watching, run: run('running'), stopping: true }), 'stopping');
  assert.equal(pageState({ ...watching, run: run('stopped'), stopping: true }), 'stopped');
  assert.equal(pageState({ ...watching, run: run('failed') }), 'failed');
  assert.equal(pageState({ ...watching, run: run('interrupted') }), 'interrupted');
  assert.equal(pageState({ ...watching, run: run('running'), link: { ...alive, alive: false } }), 'lost');
  assert.equal(pageState({ ...watching, run: run('running'), link: { ...alive, gone: true } }), 'gone');
});

/** @param {PageState} state @param {any} [shown] @param {boolean} [mine] */
const possible = (state, shown = null, mine = true) =>
  Object.entries(allowedCommands(state, shown, mine))
    .filter(([, can]) => can)
    .map(([move]) => move);

test('commands that make no sense now are not allowed', () => {
  assert.deepEqual(possible('idle'), ['start', 'step']);
  assert.deepEqual(possible('starting'), []);
  assert.deepEqual(possible('starting', run('running')), ['stop']);
  assert.deepEqual(possible('queued', run('queued')), ['stop', 'again']);
  assert.deepEqual(possible('racing', run('running')), ['pause', 'tune', 'step', 'stop', 'again']);
  assert.deepEqual(possible('paused', run('paused')), ['resume', 'tune', 'step', 'stop', 'again']);
  assert.deepEqual(possible('stopping', run('stopping')), ['again']);
  assert.deepEqual(possible('finished', run('finished')), ['start', 'again']);
  assert.deepEqual(possible('interrupted', run('interrupted')), ['start', 'again']);
  assert.deepEqual(possible('gone', null), ['start', 'again']);
});

test("somebody else's race is not commanded, and a race of one's own can always be started instead", () => {
  assert.deepEqual(possible('starting', run('running'), false), []);
  assert.deepEqual(possible('queued', run('queued'), false), ['start', 'again']);
  assert.deepEqual(possible('racing', run('running'), false), ['start', 'again']);
  assert.deepEqual(possible('paused', run('paused'), false), ['start', 'again']);
  assert.deepEqual(possible('finished', run('finished'), false), ['start', 'again']);
  assert.deepEqual(possible('lost', run('running'), false), ['start', 'again']);
});

test('a lost link ends no race', () => {
  assert.deepEqual(possible('lost', run('running')), possible('racing', run('running')));
  assert.deepEqual(possible('lost', run('paused')), possible('paused', run('paused')));
  assert.deepEqual(possible('lost', run('finished')), ['start', 'again']);
});

test("of what could not even be looked at, nothing keeps one from a race of one's own", () => {
  assert.deepEqual(possible('lost', null), ['start']);
  assert.deepEqual(possible('lost', null, false), ['start']);
});

test('the pace is that of the race, and of the next one when there is none', () => {
  const view = { ...defaultView(limits), pace: 10 };
  assert.equal(paceOf({ run: null, view }), 10);
  assert.equal(paceOf({ run: { ...run('running'), pace: null }, view }), null);
  assert.equal(paceOf({ run: { ...run('paused'), pace: 2 }, view }), 2);
  assert.equal(paceOf({ run: { ...run('finished'), pace: 2 }, view }), 10);
});

test('speed is measured over the last two seconds', () => {
  const speed = createSpeed();
  assert.equal(speed.perSecond, null);
  for (let i = 0; i <= 100; i++) speed.sample(i * 50, i < 50 ? i * 10 : 500 + (i - 50) * 100);
  assert.equal(speed.perSecond, 2000);
});

test('no speed is shown while the lanes are in their first quarter of an epoch', () => {
  const scene = (/** @type {number[]} */ ...counts) =>
    /** @type {any} */ ({
      run: { lanes: [{ ended_at: null }, { ended_at: null }] },
      store: { lanes: counts.map((count) => ({ frames: { count } })) },
      plan: { batchesPerEpoch: 400 },
    });
  assert.equal(settled(scene(150, 80)), false);
  assert.equal(settled(scene(150, 101)), true);
  const ended = scene(150, 80);
  ended.run.lanes[1].ended_at = 80;
  assert.equal(settled(ended), true);
});

test('the smoothing slider gives round values and comes back to them', () => {
  assert.equal(smoothingAt(0), 0);
  assert.equal(smoothingAt(26), 0.95);
  assert.equal(smoothingAt(60), 0.999);
  for (let position = 0; position <= 60; position++) assert.ok(Math.abs(positionOf(smoothingAt(position)) - position) <= 1);
});
