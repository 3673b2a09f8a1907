/** One update of one weight after another, in each lane: the formulas with the numbers of a recorded race in them. */

import { list } from '../model/format.js';
import { LOOKS } from '../model/lanes.js';
import { element, part, setText } from '../ui/dom.js';
import { svg } from '../ui/svg.js';
import { inWords, timesInWords } from './numbers.js';
import { numbered, result } from './numbered.js';
import { createPicture, path } from './picture.js';

const SIDE = 28;
const NAMES = ['loud', 'middling', 'quiet'];

/** @type {Record<string, string>} */
const MARKERS = {
  circle: 'M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z',
  square: 'M-4.5-4.5h9v9h-9z',
  triangle: 'M0-6L6 5H-6z',
  diamond: 'M0-6.5L6.5 0L0 6.5L-6.5 0z',
  plus: 'M-2-6h4v4h4v4h-4v4h-4v-4h-4v-4h4z',
  star: 'M0-7L1.7-2.3H6.7L2.7.7L4.1 5.7L0 2.8L-4.1 5.7L-2.7.7L-6.7-2.3H-1.7z',
};

/** @param {TraceLane} lane @param {number} i */
const lookOf = ({ look }, i) => LOOKS[look ?? i];

/**
 * @param {HTMLElement} host
 * @param {Trace} trace
 * @param {Record<string, string>} labels of the optimizers
 */
export function createMicroscope(host, trace, labels) {
  const names = trace.lanes.map(({ name, optimizer }) => name ?? labels[optimizer]);
  const slider = /** @type {HTMLInputElement} */ (part(host, 'batch'));
  const [before, after] = ['before', 'after'].map((name) => /** @type {HTMLButtonElement} */ (part(host, name)));
  const radios = /** @type {HTMLInputElement[]} */ ([...host.querySelectorAll('input[name="weight"]')]);
  const batches = trace.lanes[0].losses.length;
  let weight = 0;
  let batch = 0;

  const marks = drawDigit(part(host, 'digit'), trace);
  const lanes = trace.lanes.map((lane, i) => createLane(part(host, 'lanes'), lane, names[i], lookOf(lane, i)));
  const drawSteps = createPicture(part(host, 'steps'), (width, height) => stepsDrawn(trace, weight, batch, width, height));

  function show() {
    slider.value = String(batch + 1);
    slider.setAttribute('aria-valuetext', `batch ${batch + 1} of ${batches}`);
    setText(part(host, 'which'), `Batch ${batch + 1} of ${batches}`);
    before.disabled = batch === 0;
    after.disabled = batch === batches - 1;
    marks.forEach((mark, i) => mark.toggleAttribute('data-chosen', i === weight));
    for (const lane of lanes) lane.show(weight, batch);
    setText(part(host, 'said'), sentence(trace, names, weight, batch));
    drawSteps();
  }

  function choose(/** @type {number} */ chosen) {
    batch = Math.min(batches - 1, Math.max(0, chosen));
    show();
  }

  slider.max = String(batches);
  slider.addEventListener('input', () => choose(Number(slider.value) - 1));
  before.addEventListener('click', () => choose(batch - 1));
  after.addEventListener('click', () => choose(batch + 1));
  radios.forEach((radio, i) =>
    radio.addEventListener('change', () => {
      weight = i;
      show();
    }),
  );
  part(host, 'steps').addEventListener('click', ({ offsetX, currentTarget }) => {
    const { clientWidth } = /** @type {HTMLElement} */ (currentTarget);
    choose(Math.floor((offsetX / clientWidth) * batches));
  });
  // A browser that comes back to the page may keep what was chosen.
  weight = Math.max(
    0,
    radios.findIndex(({ checked }) => checked),
  );
  choose(Number(slider.value) - 1);
}

/**
 * The rule of a lane, each statement in letters and in numbers.
 * @param {HTMLElement} host
 * @param {TraceLane} lane
 * @param {string} label
 * @param {typeof LOOKS[number]} look
 */
function createLane(host, lane, label, { colour, marker }) {
  const formulas = [...document.querySelectorAll(`#rule-${lane.optimizer} math`)];
  const rows = formulas.map((formula) => {
    const numbers = element('div', { class: 'numbers' });
    return { formula, numbers, node: element('div', { class: 'statement' }, formula.cloneNode(true), numbers) };
  });
  const [gradient, step] = [element('b', {}), element('b', {})];
  host.append(
    element(
      'section',
      { class: 'lane-numbers', 'data-colour': colour, 'data-optimizer': lane.optimizer },
      element('h3', { class: 'lane-name' }, element('span', { class: 'swatch', 'data-marker': marker, 'aria-hidden': 'true' }), label),
      element('p', { class: 'pair' }, 'gradient g ', gradient),
      ...rows.map(({ node }) => node),
      element('p', { class: 'pair step' }, 'this step ', step),
    ),
  );

  return {
    show(/** @type {number} */ weight, /** @type {number} */ batch) {
      const seen = lane.weights[weight];
      const letters = Object.keys(seen).filter((letter) => letter !== 'w' && letter !== 'step');
      const at = (/** @type {number} */ t) => ({
        ...lane.numbers,
        t: batch + 1,
        w: seen.w[t + 1],
        ...Object.fromEntries(letters.map((letter) => [letter, seen[letter][t] ?? 0])),
      });
      const [before, after] = [at(batch - 1), at(batch)];
      for (const { formula, numbers } of rows) numbers.replaceChildren(...numbered(formula, { before, after }), result(formula, after));
      setText(gradient, inWords(seen.g[batch]));
      setText(step, inWords(seen.step[batch]));
    },
  };
}

/**
 * @param {Trace} trace
 * @param {string[]} names of the lanes
 * @param {number} weight
 * @param {number} batch
 */
function sentence({ lanes }, names, weight, batch) {
  const steps = lanes.map(({ weights }, i) => ({ name: names[i], by: Math.abs(weights[weight].step[batch]) }));
  const gradients = lanes.map(({ weights }) => weights[weight].g[batch]);
  const moved = steps.filter(({ by }) => by > 0).map(({ name, by }) => `${inWords(by)} with ${name}`);
  if (gradients.every((g) => g === 0)) {
    const still = steps.filter(({ by }) => by === 0).map(({ name }) => name);
    const none = 'Its pixel had no ink in this batch, or its unit was silent: the gradient is 0.';
    if (moved.length === 0) return `${none} Nothing has been remembered yet, so no rule moves the weight.`;
    return `${none} ${list(still)} ${still.length === 1 ? 'leaves' : 'leave'} the weight alone. What was remembered still moves it: by ${list(moved)}.`;
  }
  const sorted = [...steps].filter(({ by }) => by > 0).sort((a, b) => b.by - a.by);
  const [most, least] = [sorted[0], sorted[sorted.length - 1]];
  const far =
    most.by > 1.5 * least.by ? ` ${most.name}’s step is ${timesInWords(most.by / least.by)} times as long as ${least.name}’s.` : '';
  return `The ${NAMES[weight]} weight moves by ${list(moved)}.${far}`;
}

/**
 * All steps of a weight, a line for each lane, on one scale: short ones lie near its zero.
 * @param {Trace} trace
 * @param {number} weight
 * @param {number} batch
 * @param {number} width
 * @param {number} height
 */
function stepsDrawn({ lanes }, weight, batch, width, height) {
  const all = lanes.map(({ weights }) => weights[weight].step);
  const [low, high] = [Math.min(0, ...all.flat()), Math.max(0, ...all.flat())];
  const largest = -low > high ? low : high;
  const x = (/** @type {number} */ i) => ((i + 0.5) / all[0].length) * width;
  const y = (/** @type {number} */ step) => 8 + ((high - step) / (high - low)) * (height - 16);
  return [
    svg('line', { class: 'axis', x1: 0, x2: width, y1: y(0), y2: y(0) }),
    svg('text', { class: 'tick end', x: width, y: y(0) + (largest < 0 ? -5 : 14) }, '0'),
    svg('line', { class: 'axis', x1: width - 24, x2: width, y1: y(largest), y2: y(largest) }),
    svg('text', { class: 'tick end', x: width - 30, y: y(largest) + 4 }, inWords(largest)),
    svg('line', { class: 'now', x1: x(batch), x2: x(batch), y1: 0, y2: height }),
    ...all.flatMap((steps, i) => [
      svg('path', { class: 'curve', 'data-colour': lookOf(lanes[i], i).colour, d: path(steps.map((step, t) => [x(t), y(step)])) }),
      svg('path', {
        class: 'dot',
        'data-colour': lookOf(lanes[i], i).colour,
        transform: `translate(${x(batch).toFixed(1)} ${y(steps[batch]).toFixed(1)})`,
        d: MARKERS[lookOf(lanes[i], i).marker],
      }),
    ]),
  ];
}

/**
 * The mean of many digits, and where the three pixels are.
 * @param {HTMLElement} host
 * @param {Trace} trace
 */
function drawDigit(host, { mean_digit, pixels }) {
  const ink = Uint8Array.from(atob(mean_digit), (character) => character.charCodeAt(0));
  const squares = [...ink].flatMap((value, i) =>
    value < 3
      ? []
      : [svg('rect', { x: i % SIDE, y: Math.floor(i / SIDE), width: 1.02, height: 1.02, 'fill-opacity': (value / 255).toFixed(2) })],
  );
  const marks = pixels.map(({ row, column }, i) =>
    svg(
      'g',
      { class: 'mark' },
      svg('rect', { x: column - 0.5, y: row - 0.5, width: 2, height: 2, rx: 0.4 }),
      svg('text', { x: column + 0.5, y: row - 1.1 }, NAMES[i]),
    ),
  );
  host.append(svg('svg', { viewBox: `0 0 ${SIDE} ${SIDE}`, 'aria-hidden': 'true' }, svg('g', { class: 'ink' }, ...squares), ...marks));
  return marks;
}
