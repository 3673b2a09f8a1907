import assert from 'node:assert/strict';
import test from 'node:test';

import { keepKey, keyOf } from '../../static/js/owner-keys.js';

test('without storage the keys live as long as the page', () => {
  keepKey('mine', 'secret');
  assert.equal(keyOf('mine'), 'secret');
  assert.equal(keyOf('theirs'), null);
});

test('keys are kept for the newest 200 runs, and what others wrote there does no harm', () => {
  /** @type {Map<string, string>} */
  const stored = new Map();
  Object.assign(globalThis, { localStorage: { getItem: (/** @type {string} */ key) => stored.get(key) ?? null, setItem: (/** @type {string} */ key, /** @type {string} */ value) => stored.set(key, value) } });
  stored.set('owner-keys', '{broken');
  assert.equal(keyOf('theirs'), null);
  for (let i = 0; i < 250; i++) keepKey(`run-${i}`, `key-${i}`);
  const kept = Object.keys(JSON.parse(stored.get('owner-keys') ?? ''));
  assert.deepEqual([kept.length, kept[0], kept[199]], [200, 'run-50', 'run-249']);
});
