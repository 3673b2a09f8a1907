/** Learning rate by training time, a heat map for each curve, and the key to their shades. */

import { percent } from '../model/format.js';
import { element, setText } from '../ui/dom.js';
import { accuracyAxis } from './axes.js';
import { createRateMap } from './rate-map.js';

/** @typedef {import('./sweep-view.js').Place} Place */

/** What the shades of the key stand for. */
const KEY = [0.1, 0.5, 0.8, 0.9, 0.95, 0.98];

/**
 * @param {object} on
 * @param {(place: Place | null, aloud?: boolean) => boolean} on.select whether it is another place
 * @param {((place: Place, x: number, y: number) => void) | null} on.open null where runs are not opened
 */
export function createRateMaps(on) {
  const key = element('ul', { class: 'key', 'aria-label': 'Test accuracy' });
  const maps = element('div', { class: 'maps' });
  const meaning = element('p', { class: 'meaning muted' });
  const node = element(
    'section',
    { class: 'panel rate-maps', 'aria-label': 'Accuracy while training' },
    element('header', {}, element('h2', {}, 'Accuracy while training'), key),
    maps,
    meaning,
  );
  /** @type {ReturnType<typeof createRateMap>[]} */
  let made = [];
  const shade = accuracyAxis([KEY[KEY.length - 2]]).place;
  for (const share of KEY) {
    const field = element('span');
    field.style.setProperty('--share', `${shade(share) * 100}%`);
    key.append(element('li', {}, field, percent(share, 0)));
  }

  return {
    node,
    /** @param {Sweep} sweep @param {import('./sweep.js').Look[]} looks @param {Place | null} place */
    update(sweep, looks, place) {
      if (made.length !== looks.length) {
        made = looks.map((_, curve) => createRateMap(curve, shade, on));
        maps.replaceChildren(...made.map((map) => map.node));
      }
      const fallen = sweep.curves.some(({ points }) => points.some((point) => point.fallen > 0));
      setText(
        meaning,
        `Each column is a learning rate, read from below: the stronger its colour, the more unseen digits are read correctly by then.${fallen ? ' ×: diverged.' : ''}`,
      );
      made.forEach((map, i) => map.update(sweep, looks[i], place));
    },
    /** What is said of a place, in words. @param {Place} place */
    told: (place) => made[place.curve].told(place),
  };
}
