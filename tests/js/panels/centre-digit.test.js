import assert from 'node:assert/strict';
import test from 'node:test';

import { centred, inkBox } from '../../../static/js/panels/centre-digit.js';

const WIDTH = 224;

/**
 * A drawing of full ink wherever `inside` says so.
 * @param {(x: number, y: number) => boolean} inside
 */
function drawing(inside) {
  return Uint8Array.from({ length: WIDTH * WIDTH }, (_, i) => (inside(i % WIDTH, Math.floor(i / WIDTH)) ? 255 : 0));
}

/** @param {number} left @param {number} top @param {number} right @param {number} bottom */
const rectangle = (left, top, right, bottom) => drawing((x, y) => x >= left && x < right && y >= top && y < bottom);

/** Of the ink, in pixels from the left and from the top. @param {Uint8Array} digit */
function centreOfMass(digit) {
  let [mass, x, y] = [0, 0, 0];
  digit.forEach((ink, i) => {
    mass += ink;
    x += ink * ((i % 28) + 0.5);
    y += ink * (Math.floor(i / 28) + 0.5);
  });
  return { x: x / mass, y: y / mass };
}

/** @param {Uint8Array} digit */
function inMiddle(digit) {
  const { x, y } = centreOfMass(digit);
  assert.ok(Math.abs(x - 14) <= 0.5 && Math.abs(y - 14) <= 0.5, `the centre of mass is at ${x}, ${y}`);
}

test('empty paper is no digit', () => {
  assert.equal(
    inkBox(
      drawing(() => false),
      WIDTH,
    ),
    null,
  );
  assert.equal(
    centred(
      drawing(() => false),
      WIDTH,
    ),
    null,
  );
});

test('the box holds all ink but not the faint edge of a stroke', () => {
  const grey = rectangle(30, 40, 50, 90);
  grey[10 * WIDTH + 10] = 20;
  assert.deepEqual(inkBox(grey, WIDTH), { left: 30, top: 40, right: 50, bottom: 90 });
});

test('a square drawing fills twenty by twenty, in the middle', () => {
  const digit = centred(rectangle(3, 5, 103, 105), WIDTH);
  assert.ok(digit);
  assert.deepEqual(inkBox(digit, 28), { left: 4, top: 4, right: 24, bottom: 24 });
  assert.equal(digit.filter((ink) => ink === 255).length, 400);
  inMiddle(digit);
});

test('a flat drawing keeps its proportions: 200 by 50 becomes 20 by 5', () => {
  const digit = centred(rectangle(10, 150, 210, 200), WIDTH);
  assert.ok(digit);
  const box = inkBox(digit, 28);
  assert.ok(box);
  assert.deepEqual([box.right - box.left, box.bottom - box.top], [20, 5]);
  inMiddle(digit);
});

test('a pixel that is half covered is half as dark', () => {
  // Ten pixels to one: the column of ink ends in the middle of the second one.
  const digit = centred(
    drawing((x, y) => y < 200 && (x < 15 || (y >= 190 && x < 200))),
    WIDTH,
  );
  assert.ok(digit);
  const row = [...digit.subarray(14 * 28, 15 * 28)].filter(Boolean);
  assert.deepEqual(row, [255, 128]);
});

test('not the box but the mass comes to the middle', () => {
  // A heavy block with a long thin tail to its right: 20 pixels wide, with all its weight on the left.
  const digit = centred(
    drawing((x, y) => (x >= 20 && x < 100 && y >= 20 && y < 120) || (x < 220 && x >= 20 && y >= 60 && y < 70)),
    WIDTH,
  );
  assert.ok(digit);
  inMiddle(digit);
  const box = inkBox(digit, 28);
  assert.ok(box && 14 - box.left < box.right - 14);
});

test('the same drawing elsewhere on the pad is the same digit', () => {
  const ring = (/** @type {number} */ x0, /** @type {number} */ y0) => drawing((x, y) => Math.abs(Math.hypot(x - x0, y - y0) - 40) < 8);
  assert.deepEqual(centred(ring(60, 60), WIDTH), centred(ring(150, 131), WIDTH));
});

test('a digit of MNIST’s size that is centred stays as it is', () => {
  const digit = new Uint8Array(784);
  for (let y = 4; y < 24; y++) for (let x = 10; x < 18; x++) digit[y * 28 + x] = 100 + x + y;
  assert.deepEqual(centred(digit, 28), digit);
});
