import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { unframe } from '../../../static/js/model/frames.js';

/** @type {{ name: string, hex: string, messages: { text?: string, hex?: string, code?: number, length?: number }[] }[]} */
const fixture = JSON.parse(readFileSync(new URL('../../fixtures/protocol.json', import.meta.url), 'utf8')).frames;

/** @param {ArrayBuffer} bytes */
const hexOf = (bytes) => Buffer.from(bytes).toString('hex');
/** @param {string} hex */
const bytesOf = (hex) => Uint8Array.from(Buffer.from(hex, 'hex')).buffer;

for (const { name, hex, messages } of fixture) {
  test(`frames: ${name}`, () => {
    const found = unframe(bytesOf(hex)).map((message) => ('bytes' in message ? { hex: hexOf(message.bytes) } : message));
    assert.deepEqual(found, messages);
  });
}

test('frames of every length are read', () => {
  for (const length of [0, 125, 126, 65_535, 65_536, 200_000]) {
    const head =
      length < 126
        ? [0x82, length]
        : length < 65_536
          ? [0x82, 126, length >> 8, length & 255]
          : [0x82, 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255];
    const [message, end] = unframe(Uint8Array.from([...head, ...new Uint8Array(length).fill(7), 0x81, 1, 0x41]).buffer);
    assert('bytes' in message);
    assert.deepEqual([message.bytes.byteLength, end], [length, { text: 'A' }]);
  }
});

test('what is cut off is left out', () => {
  const whole = Buffer.from(fixture[0].hex, 'hex');
  const count = fixture[0].messages.length;
  for (let end = 0; end < whole.length; end++) assert(unframe(Uint8Array.from(whole.subarray(0, end)).buffer).length < count);
});
