/** What β does, and the bias correction: the running average of one weight's real gradients, as kept and corrected. */

import { part, setText } from '../ui/dom.js';
import { percent } from '../model/format.js';
import { svg } from '../ui/svg.js';
import { timesInWords } from './numbers.js';
import { createPicture, path } from './picture.js';
import { createAverage } from './rules.js';

const BETAS = [0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999];
/** The loud weight in the first lane, whose gradient keeps its sign. */
const [LANE, WEIGHT] = [0, 0];
const LOOKED_AT = 5;

/** @param {HTMLElement} host @param {Trace} trace */
export function createAverages(host, { lanes }) {
  const slider = /** @type {HTMLInputElement} */ (part(host, 'beta'));
  const squares = /** @type {HTMLInputElement} */ (host.querySelector('input[value="squares"]'));
  const { g } = lanes[LANE].weights[WEIGHT];
  const redraw = createPicture(part(host, 'picture'), drawn);

  function beta() {
    return BETAS[Number(slider.value)];
  }

  function values() {
    return squares.checked ? g.map((each) => each * each) : g;
  }

  /** @param {number} width @param {number} height */
  function drawn(width, height) {
    const average = createAverage(beta());
    const seen = values();
    const averages = seen.map((each) => average([each]));
    const [low, high] = [Math.min(0, ...seen), Math.max(...seen)];
    const x = (/** @type {number} */ t) => ((t + 0.5) / seen.length) * width;
    const y = (/** @type {number} */ value) => height - 10 - ((value - low) / (high - low)) * (height - 20);
    const curve = (/** @type {'kept' | 'corrected'} */ which) =>
      svg('path', { class: `curve ${which}`, d: path(averages.map(({ [which]: [value] }, t) => [x(t), y(value)])) });
    return [
      svg('line', { class: 'axis', x1: 0, x2: width, y1: y(0), y2: y(0) }),
      svg('text', { class: 'tick', x: 0, y: y(0) + 13 }, '0'),
      svg('text', { class: 'tick end', x: width, y: y(0) + 13 }, `batch ${seen.length}`),
      ...seen.map((value, t) => svg('circle', { class: 'each', cx: x(t), cy: y(value), r: 2.5 })),
      curve('kept'),
      curve('corrected'),
    ];
  }

  function show() {
    redraw();
    const held = 1 - beta() ** LOOKED_AT;
    setText(part(host, 'beta-now'), String(beta()));
    slider.setAttribute('aria-valuetext', String(beta()));
    const memory = Math.round(1 / (1 - beta()));
    const span = memory === 1 ? 'the newest batch alone' : `about the last ${memory.toLocaleString('en-US')} batches`;
    const short =
      held > 0.995
        ? 'it has almost all of its size, so there is little to correct.'
        : `with the same gradient it would be only ${percent(held, held < 0.1 ? 1 : 0)} of that. The correction divides by this share.`;
    const harm =
      squares.checked && held < 0.5
        ? ` Without it Adam would divide by a root that is ${timesInWords(1 / Math.sqrt(held))} times too small, and its first steps would be as many times too long.`
        : '';
    setText(part(host, 'said'), `With β = ${beta()}, the average is over ${span}. After ${LOOKED_AT} batches ${short}${harm}`);
  }

  for (const control of host.querySelectorAll('input')) control.addEventListener('input', show);
  show();
}
