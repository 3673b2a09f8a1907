/**
 * Makes a drawing what MNIST's digits are: its ink scaled into 20×20 with its proportions kept, smoothed by averaging, then
 * laid into 28×28 by whole pixels with its centre of mass in the middle. Knows nothing of canvases.
 */

/** Of an image, and of the box in it that a digit fills. */
export const SIDE = 28;
const BOX = 20;
/** Fainter pixels belong to the soft edge of a stroke. */
const INK = 32;

/**
 * The smallest rectangle with all ink in it, ends excluded; null on empty paper.
 * @param {Uint8Array} grey
 * @param {number} width
 */
export function inkBox(grey, width) {
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  grey.forEach((ink, i) => {
    if (ink < INK) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    left = Math.min(left, x);
    right = Math.max(right, x + 1);
    top = Math.min(top, y);
    bottom = y + 1;
  });
  return right > 0 ? { left, top, right, bottom } : null;
}

/**
 * Row by row, 0 is paper and 255 is ink; null on empty paper.
 * @param {Uint8Array} grey a square drawing
 * @param {number} width
 */
export function centred(grey, width) {
  const box = inkBox(grey, width);
  if (!box) return null;
  const { left: boxLeft, top: boxTop } = box;
  const scale = Math.max(box.right - boxLeft, box.bottom - boxTop) / BOX;
  const small = Float64Array.from({ length: BOX * BOX }, (_, i) => average(i % BOX, Math.floor(i / BOX)));

  /** The mean ink below a pixel of the box; what is on its edge counts by its part. @param {number} x @param {number} y */
  function average(x, y) {
    const [left, top] = [boxLeft + x * scale, boxTop + y * scale];
    let sum = 0;
    for (let row = Math.floor(top); row < Math.min(top + scale, width); row++) {
      const tall = Math.min(row + 1, top + scale) - Math.max(row, top);
      for (let column = Math.floor(left); column < Math.min(left + scale, width); column++) {
        sum += grey[row * width + column] * tall * (Math.min(column + 1, left + scale) - Math.max(column, left));
      }
    }
    return sum / scale ** 2;
  }

  let [mass, across, down] = [0, 0, 0];
  small.forEach((ink, i) => {
    mass += ink;
    across += ink * ((i % BOX) + 0.5);
    down += ink * (Math.floor(i / BOX) + 0.5);
  });
  const [right, lower] = [across, down].map((moment) => Math.round(SIDE / 2 - moment / mass));
  const laid = new Uint8Array(SIDE * SIDE);
  small.forEach((ink, i) => {
    const [x, y] = [(i % BOX) + right, Math.floor(i / BOX) + lower];
    if (x >= 0 && x < SIDE && y >= 0 && y < SIDE) laid[y * SIDE + x] = Math.round(ink);
  });
  return laid;
}
