/** A pad to draw a digit on, what the networks get to see of it, and how sure each lane is of each answer. */

import { ofRun } from '../link/api.js';
import { createLazyFetch, momentOf } from './lazy-fetch.js';
import { centred, SIDE } from './centre-digit.js';
import { paintDigit, pixelsOf } from './digit-canvas.js';
import { createChangeDetector } from '../model/changes.js';
import { aDigit } from '../model/format.js';
import { element, part, setAttribute, setText, swatch } from '../ui/dom.js';

/** @typedef {({ step: number, probabilities: number[] } | null)[]} Answers */

const PEN = 1 / 11;

/**
 * @param {HTMLElement} host
 * @param {object} options
 * @param {Bootstrap['dataset']['examples']} options.examples test digits
 * @param {(text: string) => void} options.announce
 */
export function createDrawPanel(host, { examples, announce }) {
  const pad = /** @type {HTMLCanvasElement} */ (part(host, 'pad'));
  const small = /** @type {HTMLCanvasElement} */ (part(host, 'small'));
  const list = part(host, 'answers');
  const { width } = pad;
  const pen = /** @type {CanvasRenderingContext2D} */ (pad.getContext('2d', { willReadFrequently: true }));
  pen.lineWidth = width * PEN;
  pen.lineCap = pen.lineJoin = 'round';
  /** @type {Scene} */
  let scene;
  const raceChanged = createChangeDetector();
  /** @type {{ bars: HTMLElement[], words: HTMLElement }[]} */
  let rows = [];
  /** What the networks see. @type {Uint8Array<ArrayBuffer> | null} */
  let digit = null;
  /** The example that was chosen, until it is there. @type {number | null} */
  let example = null;
  /** Counts what was drawn, as answers may be about something older. */
  let version = 0;
  let framed = false;
  /** Where the pen is. @type {[number, number]} */
  let at = [0, 0];
  let announced = '';

  const lazyFetch = createLazyFetch(host, 1000, async () => {
    const { run } = scene;
    const requested = version;
    /** @type {{ lanes: Answers }} */
    const answer = await ofRun(run?.id, 'predict', {
      method: 'POST',
      body: digit,
      headers: { 'Content-Type': 'application/octet-stream' },
    });
    if (digit === null || scene.run?.id !== run?.id) return;
    const said = show(answer.lanes);
    if (requested !== version || said === announced) return;
    announced = said;
    announce(said);
  });

  /** What the lanes say, in words. @param {Answers} answers */
  function show(answers) {
    const said = rows.map(({ bars, words }, i) => {
      const { probabilities = [] } = answers[i] ?? {};
      const best = probabilities.indexOf(Math.max(...probabilities));
      bars.forEach((bar, n) => {
        bar.style.transform = `scaleY(${probabilities[n] ?? 0})`;
        setAttribute(bar, 'data-best', n === best ? '' : null);
      });
      const { name } = scene.lanes[i];
      setText(words, best < 0 ? '' : `${name}: ${best}, ${Math.round(probabilities[best] * 100)} % sure`);
      return best < 0 ? `${name} has no answer` : `${name} says ${best}`;
    });
    return said.join(', ');
  }

  /** @param {boolean} [now] */
  function want(now) {
    const moment = momentOf(scene, scene.store.rowsVersion);
    const nothing = scene.run ? 'The networks give no answers just now.' : 'Play first, then draw.';
    lazyFetch.want(moment && digit ? `${moment} ${version}` : '', moment ? 'Draw a digit or pick an example.' : nothing, now);
  }

  /** The drawing has changed; the networks see it with the next frame. */
  function drawn() {
    if (framed) return;
    framed = true;
    requestAnimationFrame(() => {
      framed = false;
      const { data } = pen.getImageData(0, 0, width, width);
      const ink = new Uint8Array(width * width);
      for (let i = 0; i < ink.length; i++) ink[i] = data[i * 4 + 3];
      take(centred(ink, width));
    });
  }

  /** @param {Uint8Array<ArrayBuffer> | null} seen */
  function take(seen) {
    digit = seen;
    example = null;
    version += 1;
    paintDigit(small, seen ?? new Uint8Array(SIDE * SIDE));
    if (!seen) show([]);
    want(true);
  }

  /** @param {PointerEvent} event */
  function stroke(event) {
    const box = pad.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top].map((place) => (place * width) / box.width);
    if (event.type === 'pointerdown') {
      pad.setPointerCapture(event.pointerId);
      at = [x, y];
    }
    pen.beginPath();
    pen.moveTo(...at);
    pen.lineTo(x, y);
    pen.stroke();
    at = [x, y];
    drawn();
  }
  pad.addEventListener('pointerdown', (event) => event.button === 0 && stroke(event));
  pad.addEventListener('pointermove', (event) => {
    if (!pad.hasPointerCapture(event.pointerId)) return;
    // Not there on plain http and in Safari before 18.2; the strokes are a little more angular then.
    const between = event.getCoalescedEvents?.() ?? [];
    for (const each of between.length > 0 ? between : [event]) stroke(each);
  });

  part(host, 'clear').addEventListener('click', () => {
    pen.clearRect(0, 0, width, width);
    announced = '';
    take(null);
  });
  const pictures = examples.map(({ label, index }) => {
    const picture = element('canvas', { width: String(SIDE), height: String(SIDE), class: 'paper', 'aria-hidden': 'true' });
    const button = element(
      'button',
      { type: 'button', class: 'plain', 'aria-label': `Example: ${aDigit(label)}`, title: 'One of the test digits' },
      picture,
    );
    const paint = async () => {
      const grey = await pixelsOf(index);
      paintDigit(picture, grey);
      return grey;
    };
    button.addEventListener('click', async () => {
      example = index;
      const grey = await paint().catch(() => null);
      // Another one was chosen meanwhile, or the pad is drawn on.
      if (!grey || example !== index) return;
      pen.clearRect(0, 0, width, width);
      pen.drawImage(picture, 0, 0, width, width);
      announced = '';
      take(grey);
    });
    return { button, paint };
  });
  part(host, 'examples').append(...pictures.map(({ button }) => button));
  new IntersectionObserver((entries, observer) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    for (const { paint } of pictures) paint().catch(() => {});
  }).observe(host);

  return {
    /** @param {Scene} newest */
    update(newest) {
      scene = newest;
      const { lanes, run } = newest;
      if (raceChanged(lanes, run?.id)) {
        rows = lanes.map(() => ({ bars: Array.from({ length: 10 }, () => element('i')), words: element('span', { class: 'unseen' }) }));
        list.replaceChildren(
          ...lanes.map((lane, i) =>
            element('li', { 'data-colour': lane.colour, title: lane.name }, swatch(lane), ...rows[i].bars, rows[i].words),
          ),
        );
      }
      want();
    },
  };
}
