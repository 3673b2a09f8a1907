import assert from 'node:assert/strict';
import test from 'node:test';

import { announcement } from '../../../static/js/model/announcements.js';
import { recorded } from '../recorded.js';

const NAMES = ['SGD', 'Momentum', 'Adam'];

test('what changed is announced, and nothing else', () => {
  const before = recorded('default-early').run;
  const after = recorded('default-lead').run;
  const said = announcement({ state: 'racing', run: before }, { state: 'racing', run: after }, NAMES).replaceAll('\u202f', ' ');
  const passed = after.lanes.flatMap(({ reached }, lane) =>
    reached.slice(before.lanes[lane].reached.length).map(({ step }) => ({ lane, step })),
  );
  assert.ok(passed.length >= 2);
  for (const { lane, step } of passed)
    assert.match(said, new RegExp(`${NAMES[lane]} passed 9\\d % after ${step.toLocaleString('en-US')} batches\\.`));
  assert.equal(said.match(/passed/g)?.length, passed.length);
  assert.equal(announcement({ state: 'racing', run: after }, { state: 'racing', run: after }, NAMES), '');
  assert.equal(announcement({ state: 'racing', run: after }, { state: 'lost', run: after }, NAMES), 'Connection lost, reconnecting.');
});

test('a lane that drops out is announced', () => {
  const { run } = recorded('one-failed-one-diverged');
  const before = { ...run, lanes: run.lanes.map((lane) => ({ ...lane, status: /** @type {const} */ ('running') })) };
  const said = announcement({ state: 'racing', run: before }, { state: 'racing', run }, NAMES);
  assert.equal(said, 'SGD failed at batch 130. Adam diverged at batch 1,234.');
});
