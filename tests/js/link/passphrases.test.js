import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { browserId, identity, identifyBrowser } from '../../../static/js/link/browser-id.js';
import {
  keepPassphrase,
  keptPassphrase,
  passphrase,
  passphraseFailed,
  passphraseWorked,
  takeToken,
} from '../../../static/js/link/owner-keys.js';
import { save } from '../../../static/js/link/storage.js';

beforeEach(() => {
  for (const name of ['passphrase', 'passphrase-offered', 'browser', 'teacher-key']) save(name, '');
});

/** @param {string} hash */
function come(hash) {
  Object.assign(globalThis, { location: { hash, pathname: '/', search: '' }, history: { replaceState: () => {} } });
  takeToken();
}

test('the words of a link are kept where there are none', () => {
  come('#token=open%20sesame');
  assert.deepEqual([passphrase(), keptPassphrase()], ['open%20sesame', 'open%20sesame']);
});

test('the wrong words of a link do not take the place of those that work', () => {
  keepPassphrase('right');
  come('#token=wrong');
  assert.deepEqual([passphrase(), keptPassphrase()], ['wrong', 'right']);
  assert.equal(passphraseFailed(), true);
  assert.deepEqual([passphrase(), keptPassphrase()], ['right', 'right']);
  assert.equal(passphraseFailed(), false);
});

test('the words of a link that let a race start are kept from then on', () => {
  keepPassphrase('of last year');
  come('#token=of%20this%20year');
  passphraseWorked();
  assert.deepEqual([passphrase(), keptPassphrase()], ['of%20this%20year', 'of%20this%20year']);
  assert.equal(passphraseFailed(), false);
});

test('words that are typed are those that are tried', () => {
  keepPassphrase('right');
  come('#token=wrong');
  keepPassphrase('typed');
  assert.equal(passphrase(), 'typed');
});

test('a browser has an id only where the server needs one, and always the same', () => {
  identifyBrowser(false);
  assert.deepEqual(identity(), {});
  identifyBrowser(true);
  const id = browserId();
  assert.match(id, /^[0-9a-f]{24}$/);
  identifyBrowser(true);
  assert.deepEqual(identity(), { 'X-Browser': id });
  identifyBrowser(false);
  assert.deepEqual(identity(), {});
});

test("the teacher's link hands its key on, and the class's words with it", () => {
  identifyBrowser(true);
  come('#token=words&teacher=the%20key');
  assert.equal(identity()['X-Teacher-Key'], 'the%20key');
  assert.equal(keptPassphrase(), 'words');
});
