import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { count, list, ordinal, percent, points, seconds, single, target } from '../../static/js/format.js';

const { texts } = JSON.parse(readFileSync(new URL('../fixtures/numbers.json', import.meta.url), 'utf-8'));

/** @type {Record<string, (...values: any[]) => string>} */
const FUNCTIONS = {
  count, listed: list, ordinal, percent, points, seconds, single, target,
  // What these are called in JavaScript, where they need no module.
  plain: String,
  fixed: (value, digits) => value.toFixed(digits),
};

for (const [name, [first, ...others], text] of texts) {
  test(`${name}(${[first, ...others]}) is ${text}`, () => {
    assert.equal(FUNCTIONS[name](typeof first === 'string' ? Number(first) : first, ...others), text);
  });
}
