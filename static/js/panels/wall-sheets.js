/** The digits of the wall as pictures: one sheet of them in each lane's colour, for those that are read, and a quiet one for the others. */

import { readPalette } from '../ui/palette.js';
import { element } from '../ui/dom.js';

/** Of a digit with the gap around it, in pixels of a canvas. */
export const SIDE = 48;
const GAP = 2;
const RADIUS = 6;
const FRAME = 6;
const PIXELS = 28;
/** The size of each line of words over them. */
const WORDS = [60, 44];

/** @param {number} digits */
export function createSheets(digits) {
  /** Ink alone, a digit below the other. @type {HTMLCanvasElement | null} */
  let ink = null;
  /** @type {Map<string, HTMLCanvasElement>} */
  let sheets = new Map();
  /** @type {import('../ui/palette.js').Palette | null} */
  let palette = null;

  /** @param {string} name @param {string} paper @param {string} colour of the ink */
  function sheet(name, paper, colour) {
    const known = sheets.get(name);
    if (known) return known;
    const canvas = element('canvas', { width: String(SIDE), height: String(SIDE * digits) });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    const [size, inner] = [SIDE - 2 * GAP, SIDE - 4 * GAP];
    if (ink) {
      for (let i = 0; i < digits; i++) context.drawImage(ink, 0, i * PIXELS, PIXELS, PIXELS, 2 * GAP, i * SIDE + 2 * GAP, inner, inner);
      context.globalCompositeOperation = 'source-in';
      context.fillStyle = colour;
      context.fillRect(0, 0, canvas.width, canvas.height);
    }
    context.globalCompositeOperation = 'destination-over';
    context.fillStyle = paper;
    context.beginPath();
    for (let i = 0; i < digits; i++) context.roundRect(GAP, i * SIDE + GAP, size, size, RADIUS);
    context.fill();
    sheets.set(name, canvas);
    return canvas;
  }

  return {
    get ready() {
      return ink !== null;
    },
    /** @param {Uint8Array} pixels of all digits, 784 each */
    take(pixels) {
      ink = element('canvas', { width: String(PIXELS), height: String(PIXELS * digits) });
      const image = new ImageData(PIXELS, PIXELS * digits);
      for (let i = 0; i < pixels.length; i++) image.data[i * 4 + 3] = pixels[i];
      ink.getContext('2d')?.putImageData(image, 0, 0);
      sheets = new Map();
    },
    /** Their colours are other ones. */
    forget() {
      palette = null;
      sheets = new Map();
    },
    /** One digit alone. @param {HTMLCanvasElement} canvas of SIDE pixels @param {number} digit */
    show(canvas, digit) {
      palette ??= readPalette();
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
      context.clearRect(0, 0, SIDE, SIDE);
      context.drawImage(sheet('one', palette.quiet, palette.ink), 0, digit * SIDE, SIDE, SIDE, 0, 0, SIDE, SIDE);
    },
    /**
     * @param {HTMLCanvasElement} canvas
     * @param {Identity['colour']} colour
     * @param {object} wall
     * @param {boolean[]} wall.lit which digits are read right
     * @param {boolean[]} wall.before which of them it shows as that already; empty for none
     * @param {number} wall.across how many stand in a row
     * @param {number} wall.marked the digit with a frame round it
     * @param {string[]} wall.end how the lane fell out of the race, in two lines written over the digits; empty while it is in it
     */
    draw(canvas, colour, { lit, before, across, marked, end }) {
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
      palette ??= readPalette();
      context.strokeStyle = palette.ink;
      context.lineWidth = FRAME;
      const [bright, dim] = [sheet(colour, palette[colour], palette.panel), sheet('', palette.quiet, palette.edge)];
      lit.forEach((isLit, i) => {
        if (isLit === before[i]) return;
        const [x, y] = [(i % across) * SIDE, Math.floor(i / across) * SIDE];
        context.clearRect(x, y, SIDE, SIDE);
        context.drawImage(isLit ? bright : dim, 0, i * SIDE, SIDE, SIDE, x, y, SIDE, SIDE);
        if (i === marked) context.strokeRect(x + FRAME / 2, y + FRAME / 2, SIDE - FRAME, SIDE - FRAME);
      });
      if (end.length === 0) return;
      const middle = canvas.height / 2;
      context.fillStyle = palette.panel;
      context.fillRect(0, middle - 1.25 * SIDE, canvas.width, 2.5 * SIDE);
      context.fillStyle = palette.ink;
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      end.forEach((words, line) => {
        context.font = `700 ${WORDS[line]}px system-ui, sans-serif`;
        context.fillText(words, canvas.width / 2, middle + (line - 0.45) * 1.15 * SIDE, canvas.width - 2 * GAP);
      });
    },
  };
}
