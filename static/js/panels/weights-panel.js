/** What the busiest units of each lane's first layer look for: their weights as pictures, live while the lanes train. */

import { ofRun } from '../link/api.js';
import { createLazyFetch, momentOf } from './lazy-fetch.js';
import { SIDE } from './centre-digit.js';
import { paintDigit } from './digit-canvas.js';
import { element, setAttribute, swatch } from '../ui/dom.js';
import { createChangeDetector } from '../model/changes.js';
import { count } from '../model/format.js';

const UNITS = 6;
const PITCH = SIDE + 2;
// Visible on white and on black, and to those who cannot distinguish red from green.
const [TOWARDS, AWAY] = [
  [45, 125, 225],
  [225, 120, 20],
];

/** @param {HTMLElement} host */
export function createWeightsPanel(host) {
  /** @type {Scene} */
  let scene;
  const raceChanged = createChangeDetector();
  /** @type {HTMLCanvasElement[]} */
  let strips = [];

  const lazyFetch = createLazyFetch(host, 1000, async () => {
    const [mine, { run, lanes }] = [strips, scene];
    /** @type {{ lanes: ({ step: number, units: number[], images: string } | null)[] }} */
    const answer = await ofRun(run?.id, 'weights');
    /** Lanes whose units are nothing to look at. @type {Record<'blank' | 'alike', string[]>} */
    const dull = { blank: [], alike: [] };
    mine.forEach((strip, i) => {
      const weights = answer.lanes[i];
      if (!weights) return;
      const images = Int8Array.from(atob(weights.images), (byte) => byte.charCodeAt(0));
      if (images.every((weight) => weight === 0)) dull.blank.push(lanes[i].name);
      else if (images.every((weight, at) => weight === images[at % (SIDE * SIDE)])) dull.alike.push(lanes[i].name);
      for (let unit = 0; unit < weights.units.length; unit++) {
        const image = images.subarray(unit * SIDE * SIDE, (unit + 1) * SIDE * SIDE);
        paintDigit(strip, image.map(Math.abs), unit * PITCH, 0, 2, (pixel) => (image[pixel] > 0 ? TOWARDS : AWAY));
      }
      setAttribute(strip, 'data-inked', '');
      setAttribute(
        strip,
        'aria-label',
        `${lanes[i].name}: weights of the units ${weights.units.join(', ')} at batch ${count(weights.step)}`,
      );
    });
    const named = (/** @type {string[]} */ names) => (names.length === lanes.length ? '' : ` of ${names.join(', ')}`);
    return [
      dull.blank.length && `All units${named(dull.blank)} are blank: their weights are zero.`,
      dull.alike.length && `All units${named(dull.alike)} are the same: they learn alike.`,
    ]
      .filter(Boolean)
      .join(' ');
  });

  return {
    /** @param {Scene} newest */
    update(newest) {
      scene = newest;
      const { run, lanes, store } = newest;
      if (raceChanged(lanes, run?.id)) {
        strips = lanes.map(({ name }) =>
          element('canvas', {
            width: String(UNITS * PITCH - 2),
            height: String(SIDE),
            role: 'img',
            'aria-label': `${name}: no weights yet`,
          }),
        );
        const rows = lanes.map((lane, i) =>
          element('li', {}, element('span', { class: 'lane-name', 'data-colour': lane.colour }, swatch(lane), lane.name), strips[i]),
        );
        host.querySelector('ol')?.replaceChildren(...rows);
      }
      lazyFetch.want(momentOf(newest, store.rowsVersion), run ? '' : 'Press play, and watch what the hidden units learn to look for.');
    },
  };
}
