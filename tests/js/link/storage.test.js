import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import { browserId, identity } from '../../../static/js/link/browser-id.js';
import { keepKey, keepPassphrase, keyOf, passphrase } from '../../../static/js/link/owner-keys.js';
import { forgetRun, rememberRun, recentRuns } from '../../../static/js/link/recent-runs.js';
import { load, PREFIX, save } from '../../../static/js/link/storage.js';

/** @type {Map<string, string>} */
let stored;
let full = false;

beforeEach(() => {
  stored = new Map();
  full = false;
  const localStorage = {
    getItem: (/** @type {string} */ name) => stored.get(name) ?? null,
    removeItem(/** @type {string} */ name) {
      if (full) throw new DOMException('full', 'QuotaExceededError');
      stored.delete(name);
    },
    setItem(/** @type {string} */ name, /** @type {string} */ text) {
      if (full) throw new DOMException('full', 'QuotaExceededError');
      stored.set(name, text);
    },
  };
  Object.defineProperty(globalThis, 'localStorage', { configurable: true, get: () => localStorage });
});

afterEach(() => Reflect.deleteProperty(globalThis, 'localStorage'));

test('all is kept under names of its own', () => {
  keepKey('mine', 'secret');
  rememberRun('mine', 'SGD');
  keepPassphrase('grüne Wiese');
  save('theme', 'dark');
  assert.deepEqual(
    [...stored.keys()],
    ['owner-keys', 'runs', 'passphrase', 'theme'].map((name) => PREFIX + name),
  );
});

test('what another program keeps under the same names is neither read nor changed', () => {
  for (const name of ['owner-keys', 'runs', 'passphrase', 'theme']) stored.set(name, '{"mine": "theirs"}');
  keepKey('other', 'secret');
  rememberRun('other', 'SGD');
  assert.deepEqual([keyOf('mine'), passphrase(), load('theme', /.*/)], [null, '', null]);
  assert.equal(stored.get('owner-keys'), '{"mine": "theirs"}');
  assert.equal(stored.get('runs'), '{"mine": "theirs"}');
});

test('keys are kept for the newest 200 runs', () => {
  for (let i = 0; i < 250; i++) keepKey(`run-${i}`, `key-${i}`);
  const kept = Object.keys(JSON.parse(stored.get(`${PREFIX}owner-keys`) ?? ''));
  assert.deepEqual([kept.length, kept[0], kept[199]], [200, 'run-50', 'run-249']);
});

for (const [what, text] of [
  ['no JSON', '{broken'],
  ['null', 'null'],
  ['a number', '7'],
  ['a text', '"abc"'],
  ['a list of anything', '[null, 7, "x", {"id": 7}, {"id": "a b\\"]", "label": "x", "at": 1}, {"id": "x", "label": "x", "at": 1e300}]'],
  ['an object of anything', '{"mine": {"a": 1}, "other": "nö\\n", "third": 5, "length": 3}'],
  ['something with the names of all objects', '{"__proto__": {"mine": "x"}, "constructor": 1}'],
]) {
  test(`where ${what} is stored nothing is known, and the next write heals it`, () => {
    for (const name of ['owner-keys', 'runs']) stored.set(PREFIX + name, text);
    assert.deepEqual(recentRuns(), []);
    for (const id of ['mine', 'other', 'third', 'constructor', 'toString', 'length', '0']) assert.equal(keyOf(id), null);

    keepKey('mine', 'secret');
    rememberRun('mine', 'SGD');

    assert.deepEqual(JSON.parse(stored.get(`${PREFIX}owner-keys`) ?? ''), { mine: 'secret' });
    assert.equal(keyOf('mine'), 'secret');
    assert.deepEqual(
      recentRuns().map(({ id, label }) => [id, label]),
      [['mine', 'SGD']],
    );
    forgetRun('mine');
    assert.equal(stored.get(`${PREFIX}runs`), '[]');
  });
}

/** What reads each of the values that are one text. @type {[string, () => unknown, unknown, string][]} */
const TEXTS = [
  ['browser', browserId, '', '{"not": "an id"}'],
  ['teacher-key', () => identity()['X-Teacher-Key'], undefined, 'k'.repeat(501)],
  ['passphrase', passphrase, '', '\ud800'],
  ['passphrase-offered', passphrase, '', 'w'.repeat(501)],
];
for (const [name, read, nothing, junk] of TEXTS) {
  test(`junk under ${name} is not read, and goes`, () => {
    stored.set(PREFIX + name, junk);
    stored.set(name, junk);
    assert.equal(read(), nothing);
    assert.deepEqual([...stored], [[name, junk]]);
  });
}

test('a good entry beside bad ones stays', () => {
  stored.set(`${PREFIX}runs`, '[7, {"id": "one", "label": "SGD", "at": 1}, {}]');
  stored.set(`${PREFIX}owner-keys`, '{"one": "secret", "two": 2}');
  assert.deepEqual(recentRuns(), [{ id: 'one', label: 'SGD', at: 1 }]);
  assert.equal(keyOf('one'), 'secret');
});

test('half a pair of surrogates in the passphrase does not keep it from being sent', () => {
  stored.set(`${PREFIX}passphrase`, 'a\ud800b');
  assert.equal(passphrase(), 'ab');
});

test('when storage is full, what could not be written lasts as long as the page', () => {
  keepKey('before', 'old');
  full = true;
  keepKey('mine', 'secret');
  rememberRun('mine', 'SGD');
  assert.deepEqual([keyOf('before'), keyOf('mine')], ['old', 'secret']);
  assert.deepEqual(
    recentRuns().map(({ id }) => id),
    ['mine'],
  );
  full = false;
  keepKey('later', 'third');
  assert.deepEqual(JSON.parse(stored.get(`${PREFIX}owner-keys`) ?? ''), { before: 'old', mine: 'secret', later: 'third' });
});

for (const [what, get] of /** @type {[string, () => any][]} */ ([
  ['is forbidden', () => assert.fail('SecurityError')],
  ['is not there', () => null],
])) {
  test(`where storage ${what}, all lasts as long as the page`, () => {
    Object.defineProperty(globalThis, 'localStorage', { configurable: true, get });
    keepKey(`mine ${what}`, 'secret');
    keepPassphrase(what);
    assert.equal(keyOf(`mine ${what}`), 'secret');
    assert.equal(keyOf('theirs'), null);
    assert.equal(passphrase(), encodeURIComponent(what));
  });
}
