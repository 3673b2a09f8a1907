import assert from 'node:assert/strict';
import test from 'node:test';

import { ApiError } from '../../../static/js/link/api.js';
import { isOlder } from '../../../static/js/model/page-state.js';
import { pauseAfter } from '../../../static/js/link/retry.js';

const error = (/** @type {number} */ retryAfterS) => new ApiError('busy', 'The server is busy.', { passing: true, retryAfterS });

test('the server says when to try again, and no attempt comes before', () => {
  assert.deepEqual(
    [0, 0.5, 1].map((random) => Math.round(pauseAfter(error(7), 4, random))),
    [7000, 7350, 7700],
  );
});

test('without a word of the server pauses double, up to half a minute', () => {
  assert.deepEqual(
    [0, 1, 2, 5, 6, 40].map((failures) => pauseAfter(error(0), failures, 1)),
    [500, 1000, 2000, 16_000, 30_000, 30_000],
  );
  assert.equal(pauseAfter(error(0), 3, 0), 2000);
});

test('of two descriptions the one with the smaller version is the older one', () => {
  const run = (/** @type {number} */ version) => /** @type {Run} */ ({ version });
  assert.deepEqual(
    [isOlder(run(3), run(4)), isOlder(run(4), run(4)), isOlder(run(5), run(4)), isOlder(run(0), null)],
    [true, false, false, false],
  );
});
