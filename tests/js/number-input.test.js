import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { readings, readWhole } from '../../static/js/model/number-input.js';

/** @type {{ readings: [string, number[]][], whole: [string, number | null][] }} */
const typed = JSON.parse(readFileSync(new URL('../fixtures/typed-numbers.json', import.meta.url), 'utf-8'));

test('a text stands for these numbers', () => {
  for (const [text, numbers] of typed.readings) assert.deepEqual(readings(text), numbers, text);
});

test('a text stands for this whole number, or for none', () => {
  for (const [text, number] of typed.whole) assert.equal(readWhole(text), number ?? NaN, text);
});
