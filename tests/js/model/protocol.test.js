import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { BAD_CURSOR, NO_SUCH_RUN, RUN_OVER, TRY_LATER } from '../../../static/js/link/channels.js';
import { decode, ProtocolError, WALL } from '../../../static/js/model/stream/protocol.js';

const fixture = JSON.parse(readFileSync(new URL('../../fixtures/protocol.json', import.meta.url), 'utf8'));
const KINDS = { frame: 1, evaluations: 2, pushes: 3 };

/** @param {string} hex */
function bytes(hex) {
  const packed = hex.replace(/\s/g, '');
  return Uint8Array.from({ length: packed.length / 2 }, (_, i) => parseInt(packed.slice(2 * i, 2 * i + 2), 16)).buffer;
}

/** A block as the fixture writes it; JSON has no NaN or Infinity. @param {Block} block */
function written({ kind, lane, first, columns }) {
  const readable = Object.values(columns).map((values) => [...values].map((value) => (Number.isFinite(value) ? value : String(value))));
  return { kind: KINDS[kind], lane, first, columns: readable };
}

/** @param {Block} block */
function plain({ kind, lane, first, columns }) {
  return { kind, lane, first, columns: Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, [...values]])) };
}

for (const { name, hex, blocks } of fixture.binary) {
  test(`the literal bytes shared with the Python tests: ${name}`, () => {
    assert.deepEqual(decode(bytes(hex)).map(written), blocks);
  });
}

const TWO_STEPS = '01 01 02 03 05000000 02000000 00000040 0000003f 0000003e 0000403f 00000041 00001041';
const ONE_EVALUATION = `01 02 00 6b 00000000 01000000 00002041 0000003f 0000003e 0000803f 0000403f 0000003f 00000000 ${'0000c07f'.repeat(WALL)}`;

test('metrics of two steps', () => {
  assert.deepEqual(decode(bytes(TWO_STEPS)).map(plain), [
    { kind: 'frame', lane: 2, first: 5, columns: { loss: [2, 0.5], accuracy: [0.125, 0.75], seconds: [8, 9] } },
  ]);
});

test('several blocks in one message', () => {
  const [frame, evaluations] = decode(bytes(TWO_STEPS + ONE_EVALUATION));
  assert.equal(frame.rows, 2);
  assert.equal(evaluations.kind, 'evaluations');
  assert.deepEqual([...evaluations.columns.step], [10]);
  assert.deepEqual([...evaluations.columns.test_loss], [1]);
});

test('an empty message has no blocks', () => {
  assert.deepEqual(decode(new ArrayBuffer(0)), []);
});

test('what is not the protocol is refused with what was expected', () => {
  const wrong = [
    ['02' + TWO_STEPS.slice(2), /version 1, got 2/],
    ['01 07' + TWO_STEPS.slice(5), /kind 1, 2 or 3, got 7/],
    ['01 01 02 04' + TWO_STEPS.slice(11), /3 columns/],
    [TWO_STEPS.slice(0, -9), /block of 36 bytes, got 32/],
    ['01 01 02', /header of 12 bytes, got 3/],
  ];
  for (const [hex, message] of /** @type {[string, RegExp][]} */ (wrong)) {
    assert.throws(
      () => decode(bytes(hex)),
      (error) => error instanceof ProtocolError && message.test(error.message),
    );
  }
});

test('the page knows the close codes of the server', () => {
  const { run_over, try_later, bad_cursor, no_such_run } = fixture.close_codes;
  assert.deepEqual([RUN_OVER, TRY_LATER, BAD_CURSOR, NO_SUCH_RUN], [run_over, try_later, bad_cursor, no_such_run]);
});
