import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { readings, readWhole, readWidths, shares } from '../../../static/js/model/number-input.js';

/** @type {{ readings: [string, number[]][], whole: [string, number | null][], shares: [string, number[]][], widths: [string, any][] }} */
const typed = JSON.parse(readFileSync(new URL('../../fixtures/typed-numbers.json', import.meta.url), 'utf-8'));

test('a text stands for these numbers', () => {
  for (const [text, numbers] of typed.readings) assert.deepEqual(readings(text), numbers, text);
});

test('a text stands for this whole number, or for none', () => {
  for (const [text, number] of typed.whole) assert.equal(readWhole(text), number ?? NaN, text);
});

test('a share may be a percentage', () => {
  for (const [text, found] of typed.shares) assert.deepEqual(shares(text), found, text);
});

test('a list that may be one number is not guessed', () => {
  for (const [text, widths] of typed.widths) {
    const read = readWidths(text);
    if (widths === 'ambiguous') assert.equal(read, null, text);
    else if (widths === null)
      assert.ok(
        read?.some((width) => !(width > 0)),
        text,
      );
    else assert.deepEqual(read, widths, text);
  }
});
