/** Handwritten digits as pictures: each is fetched once, and painted as ink on whatever paper the theme has. */

import { fetchDigit } from '../link/api.js';
import { withRetries } from '../link/retry.js';
import { SIDE } from './centre-digit.js';

/** @type {Map<number, Promise<Uint8Array<ArrayBuffer>>>} */
const pixels = new Map();
/** Many requests at once would hold up a frame; a few at a time make no visible difference. @type {Promise<unknown>[]} */
const queues = Array.from({ length: 3 }, () => Promise.resolve());

/** @param {number} index of a test digit */
export function pixelsOf(index) {
  let known = pixels.get(index);
  if (!known) {
    const queue = index % queues.length;
    known = queues[queue].then(() => withRetries(() => fetchDigit(index)));
    pixels.set(index, known);
    // A failure is not remembered: the digit is requested again when it is next on show.
    queues[queue] = known.catch(() => pixels.delete(index));
  }
  return known;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {ArrayLike<number>} grey 784 values, 0 is paper and 255 is ink
 * @param {number} [x] where in the canvas
 * @param {number} [y]
 * @param {number} [strength] of the ink
 * @param {(pixel: number) => number[]} [colour] of the ink: without it the theme turns black ink around in the dark
 */
export function paintDigit(canvas, grey, x = 0, y = 0, strength = 1, colour) {
  const image = new ImageData(SIDE, SIDE);
  const { data } = image;
  for (let i = 0; i < grey.length; i++) {
    if (colour) [data[i * 4], data[i * 4 + 1], data[i * 4 + 2]] = colour(i);
    data[i * 4 + 3] = grey[i] * strength;
  }
  canvas.getContext('2d')?.putImageData(image, x, y);
}
