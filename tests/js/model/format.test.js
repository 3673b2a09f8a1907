import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { about, count, dayOf, list, loss, moment, ordinal, percent, points, seconds, target } from '../../../static/js/model/format.js';

const { texts } = JSON.parse(readFileSync(new URL('../../fixtures/numbers.json', import.meta.url), 'utf-8'));

/** @type {Record<string, (...values: any[]) => string>} */
const FUNCTIONS = {
  about,
  count,
  listed: list,
  ordinal,
  percent,
  points,
  seconds,
  target,
  // What these are called in JavaScript, where they need no module.
  plain: String,
  fixed: (value, digits) => value.toFixed(digits),
};

// Some are written by the server alone.
for (const [name, [first, ...others], text] of texts.filter((/** @type {[string]} */ [name]) => name in FUNCTIONS)) {
  test(`${name}(${[first, ...others]}) is ${text}`, () => {
    assert.equal(FUNCTIONS[name](typeof first === 'string' ? Number(first) : first, ...others), text);
  });
}

test('a loss is rounded to what there is room for', () => {
  const losses = [0, 0.0004, 0.048074, 0.99996, 2.30261, 12.3456, 999.96, 1000.4, 9999.6, 12_345, NaN];
  assert.deepEqual(losses.map(loss), [
    '0.0000',
    '4.0e-4',
    '0.0481',
    '1.0000',
    '2.303',
    '12.35',
    '1000',
    '1000',
    '1.00e+4',
    '1.23e+4',
    'not finite',
  ]);
});

test('a day is called as people call it', () => {
  const now = new Date(2026, 2, 1, 0, 5);
  const days = [
    new Date(2026, 2, 1, 0, 1),
    new Date(2026, 1, 28, 23, 59),
    new Date(2026, 1, 27, 23, 59),
    new Date(2026, 0, 12),
    new Date(2025, 2, 1),
  ];
  assert.deepEqual(
    days.map((day) => dayOf(day, now)),
    ['today', 'yesterday', '27 February', '12 January', '1 March 2025'],
  );
});

test('a moment has as many digits as requested', () => {
  assert.deepEqual(
    [moment(1.2, 3), moment(45, 0), moment(99.96, 2), moment(100, 0), moment(125.4, 1), moment(3605, 2)],
    ['1.200\u202fs', '45\u202fs', '99.96\u202fs', '1 min 40\u202fs', '2 min 05.4\u202fs', '60 min 05.00\u202fs'],
  );
});
