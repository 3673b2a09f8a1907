import assert from 'node:assert/strict';
import test from 'node:test';

import { inShort, lineOf } from '../../../static/js/link/capacity.js';

const idle = {
  running: 0,
  queued: 0,
  max_running: 1,
  max_queued: 50,
  wait_s: 0,
  can_start: true,
  reason: null,
  retry_after_s: null,
  max_turn_s: null,
  max_full_speed_turn_s: null,
  passphrase: false,
  classroom: false,
  joinable: null,
};

test('a race that would start at once needs no words', () => {
  assert.equal(lineOf(idle), '');
});

test('the wait of a race is given no more exactly than it is known', () => {
  assert.equal(lineOf({ ...idle, running: 1, wait_s: 4 }), 'All slots are in use: yours would start in a few seconds.');
  assert.equal(lineOf({ ...idle, running: 1, queued: 1, wait_s: 41.7 }), '1 race waits: yours would start in about 40\u202fs.');
  assert.equal(lineOf({ ...idle, running: 1, queued: 3, wait_s: 170 }), '3 races wait: yours would start in about 3 min.');
  assert.equal(lineOf({ ...idle, running: 1, queued: 3, wait_s: null }), '3 races wait: wait time unknown.');
});

test('while others wait, the time a race may take is given', () => {
  assert.equal(
    lineOf({ ...idle, running: 1, wait_s: 4, max_turn_s: 300, max_full_speed_turn_s: 1200 }),
    'All slots are in use: yours would start in a few seconds. While others wait, a race has about 20 min, a paused or slow one about 5 min.',
  );
});

test('beside another visitor’s race the wait is given in a few words', () => {
  assert.equal(inShort(idle), '');
  assert.equal(
    inShort({ ...idle, running: 1, queued: 3, wait_s: 170, max_turn_s: 300, max_full_speed_turn_s: 1200 }),
    'Press play: yours starts in about 3 min.',
  );
  assert.equal(inShort({ ...idle, running: 1, wait_s: null }), 'Press play: yours joins the queue, wait time unknown.');
  assert.equal(
    inShort({ ...idle, can_start: false, wait_s: null, reason: 'All slots are in use.', retry_after_s: 30 }),
    'All slots are in use; try again in about 30\u202fs.',
  );
});

test('when none can be started, why and until when', () => {
  assert.equal(
    lineOf({ ...idle, can_start: false, wait_s: null, reason: 'All slots are in use.', retry_after_s: 30 }),
    'All slots are in use; try again in about 30\u202fs.',
  );
});

test('visitors without a passphrase learn before they press play that starting needs one', () => {
  assert.equal(lineOf({ ...idle, passphrase: true }), 'Starting takes the class’s passphrase.');
  assert.equal(lineOf({ ...idle, passphrase: true }, true), '');
  assert.equal(
    lineOf({ ...idle, running: 1, wait_s: 4, passphrase: true }),
    'All slots are in use: yours would start in a few seconds. Starting takes the class’s passphrase.',
  );
});
