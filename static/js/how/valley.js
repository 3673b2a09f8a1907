/** Three balls that roll down one valley, each by its rule; dragging one starts all three there. */

import { element, part, prefersStillness, setText } from '../ui/dom.js';
import { svg } from '../ui/svg.js';
import { inWords } from './numbers.js';
import { createPicture, isNear, path } from './picture.js';
import { CURVATURE, descend, height, RULES } from './rules.js';

export const STEPS = 80;
const STEP_MS = 90;
/** How far the picture reaches from the lowest point: along the valley, and across. */
const REACH = [10, 2.6];
const START = [-8.5, 1.7];
const LEVELS = [0.03, 0.15, 0.5, 1.2, 2.5, 4.5, 7.5, 12, 18, 26];
const BALLS = /** @type {const} */ ([
  { name: 'sgd', colour: 'orange' },
  { name: 'momentum', colour: 'green' },
  { name: 'adam', colour: 'blue' },
]);
/** By key, how far it moves the start. @type {Record<string, [number, number]>} */
const MOVES = { ArrowLeft: [-0.5, 0], ArrowRight: [0.5, 0], ArrowUp: [0, 0.2], ArrowDown: [0, -0.2] };

/** @param {HTMLElement} host @param {Record<string, string>} labels of the optimizers */
export function createValley(host, labels) {
  const [picture, handle, play] = ['picture', 'handle', 'play'].map((name) => part(host, name));
  const slider = /** @type {HTMLInputElement} */ (part(host, 'rate'));
  const readouts = BALLS.map(({ name, colour }) => {
    const value = element('b', {});
    part(host, 'heights').append(element('li', { 'data-colour': colour, 'data-optimizer': name }, labels[name], ' ', value));
    return value;
  });
  let start = START;
  let step = STEPS;
  /** When the balls began to roll, or null while they rest. @type {number | null} */
  let began = null;
  let paths = ways();
  let [width, depth] = [0, 0];
  const redraw = createPicture(picture, drawn);

  function rate() {
    return 10 ** Number(slider.value);
  }

  function ways() {
    return BALLS.map(({ name }) => descend(RULES[name], start, rate(), STEPS));
  }

  /** @param {number[]} place */
  function onPicture([along, across]) {
    return /** @type {const} */ ([width / 2 + (along / REACH[0]) * (width / 2), depth / 2 - (across / REACH[1]) * (depth / 2)]);
  }

  /** @param {number} w @param {number} h */
  function drawn(w, h) {
    [width, depth] = [w, h];
    const levels = [...LEVELS].reverse().map((level) => {
      const [rx, ry] = CURVATURE.map((bend, i) => (Math.sqrt((2 * level) / bend) / REACH[i]) * ([width, depth][i] / 2));
      return svg('ellipse', { class: 'level', cx: width / 2, cy: depth / 2, rx, ry });
    });
    const trails = BALLS.map(({ colour }, i) =>
      svg(
        'g',
        { 'data-colour': colour },
        svg('path', { class: 'curve', d: path(paths[i].slice(0, step + 1).map(onPicture)) }),
        // A short line of no length with round ends is a point.
        svg('path', {
          class: 'points',
          d: paths[i]
            .slice(0, step + 1)
            .map(onPicture)
            .map(pointAt)
            .join(''),
        }),
      ),
    );
    const balls = BALLS.map(({ name, colour }, i) => {
      const [x, y] = onPicture(paths[i][step]).map((each) => (isNear(each) ? each : -100));
      return svg(
        'g',
        { class: 'ball', 'data-colour': colour, 'data-ball': name, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` },
        svg('circle', { r: 11 }),
        svg('text', { y: 4.5 }, labels[name][0]),
      );
    });
    const words = [
      svg('text', { class: 'tick', x: 10, y: h - 10 }, 'along →  the quiet weight'),
      svg('text', { class: 'tick', x: 10, y: 20 }, 'across ↑  the loud weight'),
    ];
    const [x, y] = onPicture(start);
    handle.style.translate = `${x}px ${y}px`;
    return [
      ...levels,
      svg('path', { class: 'lowest', d: `M${w / 2 - 6} ${h / 2}h12M${w / 2} ${h / 2 - 6}v12` }),
      ...words,
      ...trails,
      ...balls,
    ];
  }

  function show() {
    redraw();
    setText(part(host, 'step-number'), `after ${step} ${step === 1 ? 'step' : 'steps'}`);
    setText(part(host, 'rate-now'), inWords(Number(rate().toPrecision(2))));
    slider.setAttribute('aria-valuetext', inWords(Number(rate().toPrecision(2))));
    setText(play, began === null ? 'Let them roll' : 'Stop');
    handle.setAttribute('aria-valuenow', start[0].toFixed(1));
    handle.setAttribute('aria-valuetext', `${start[0].toFixed(1)} along the valley, ${start[1].toFixed(1)} across`);
    paths.forEach((places, i) => {
      const now = height(places[step]);
      setText(readouts[i], now < 1e6 ? inWords(Number(now.toPrecision(2))) : 'far out: the steps grow');
    });
  }

  /** @param {number[]} place */
  function startAt([along, across]) {
    start = [along, across].map((each, i) => Math.min(REACH[i] * 0.96, Math.max(-REACH[i] * 0.96, each)));
    began = null;
    step = 0;
    paths = ways();
    show();
  }

  function roll() {
    began = null;
    if (prefersStillness()) step = STEPS;
    else {
      if (step === STEPS) step = 0;
      began = performance.now() - step * STEP_MS;
      requestAnimationFrame(rolls);
    }
    show();
  }

  /** @param {number} now */
  function rolls(now) {
    if (began === null) return;
    const due = Math.min(STEPS, Math.max(step, Math.floor((now - began) / STEP_MS)));
    if (due === STEPS) began = null;
    if (due !== step || began === null) {
      step = due;
      show();
    }
    if (began !== null) requestAnimationFrame(rolls);
  }

  play.addEventListener('click', () => {
    if (began === null) roll();
    else {
      began = null;
      show();
    }
  });
  part(host, 'one-step').addEventListener('click', () => {
    began = null;
    step = step === STEPS ? 1 : step + 1;
    show();
  });
  slider.addEventListener('input', () => {
    paths = ways();
    show();
  });
  handle.addEventListener('keydown', (event) => {
    const by = MOVES[event.key];
    if (by) startAt(start.map((each, i) => each + by[i]));
    else if (event.key === 'Enter' || event.key === ' ') roll();
    else return;
    event.preventDefault();
  });
  dragged(picture, {
    moved: (x, y) => startAt([((2 * x) / width - 1) * REACH[0], (1 - (2 * y) / depth) * REACH[1]]),
    released: roll,
  });
  show();
}

/** @param {readonly [number, number]} point */
function pointAt([x, y]) {
  return isNear(x) && isNear(y) ? `M${x.toFixed(1)} ${y.toFixed(1)}h0` : '';
}

/**
 * A pointer that takes a ball, or the start, moves it until it lets go.
 * @param {HTMLElement} picture
 * @param {{ moved: (x: number, y: number) => void, released: () => void }} does
 */
function dragged(picture, { moved, released }) {
  let held = false;
  /** @param {PointerEvent} event */
  const follow = ({ clientX, clientY }) => {
    const { left, top } = picture.getBoundingClientRect();
    moved(clientX - left, clientY - top);
  };
  const takes = (/** @type {Event} */ { target }) => target instanceof Element && target.closest('.ball, [data-part="handle"]') !== null;
  // A finger that drags a ball does not scroll the page.
  picture.addEventListener('touchstart', (event) => takes(event) && event.preventDefault(), { passive: false });
  picture.addEventListener('pointerdown', (event) => {
    if (!takes(event)) return;
    held = true;
    // Nothing is drawn yet: that makes the balls anew, and a touch whose ball is gone when it begins would scroll.
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener('pointermove', (event) => held && follow(event));
  for (const end of /** @type {const} */ (['pointerup', 'pointercancel']))
    picture.addEventListener(end, () => {
      if (held) released();
      held = false;
    });
}
