/** The pictures of a sweep: its results by learning rate, or its trainings on the way. */

import { element } from '../ui/dom.js';
import { createRatePicture } from './rate-picture.js';
import { cellsAt, curveLooks, trainingText } from './sweep.js';
import { createTrainingPicture } from './training-picture.js';

/** @typedef {import('./sweep-view.js').Place} Place */

/**
 * @param {object} options
 * @param {(text: string) => void} options.announce tells a screen reader
 * @param {typeof import('./rate-maps.js').createRateMaps | null} [options.createMaps] null where there is no room for maps
 * @param {ReturnType<typeof import('./runs-menu.js').createRunsMenu> | null} [options.menu] null where runs are not opened
 */
export function createSweepPictures({ announce, createMaps = null, menu = null }) {
  const node = element('div', { class: 'sweep-pictures' });
  /** @type {{ update: () => void } | null} */
  let shown = null;
  /** @type {Sweep | null} */
  let sweep = null;
  /** @type {Place | null} */
  let place = null;

  /** @param {number} target */
  function overRates(target) {
    const open =
      menu &&
      ((/** @type {Place} */ at, /** @type {number} */ x, /** @type {number} */ y) => {
        if (!sweep) return;
        menu(`${curveLooks(sweep)[at.curve].name} at ${at.rate}`, cellsAt(sweep, at.curve, at.rate), trainingText, x, y);
      });
    /** @param {(place: Place) => string} told */
    const selectIn =
      (told) =>
      (/** @type {Place | null} */ at, aloud = false) => {
        if (JSON.stringify(at) === JSON.stringify(place)) return false;
        place = at;
        update();
        if (at && aloud) announce(told(at));
        return true;
      };
    const picture = createRatePicture(target, { select: selectIn((at) => picture.told(at)), open });
    /** @type {ReturnType<typeof import('./rate-maps.js').createRateMaps> | undefined} */
    const maps = createMaps?.({ select: selectIn((at) => maps?.told(at) ?? ''), open });
    node.append(picture.node, ...(maps ? [maps.node] : []));
    const update = () => {
      if (!sweep) return;
      const looks = curveLooks(sweep);
      picture.update(sweep, looks, place);
      maps?.update(sweep, looks, place);
    };
    return { update };
  }

  function onTheWay() {
    const picture = createTrainingPicture({ announce, open: menu && ((cells, x, y) => menu('', cells, trainingText, x, y)) });
    node.append(picture.node);
    return { update: () => sweep && picture.update(sweep, curveLooks(sweep)) };
  }

  return {
    node,
    /** @param {Sweep} newest */
    update(newest) {
      sweep = newest;
      shown ??= newest.compares_rates ? overRates(newest.target) : onTheWay();
      shown.update();
    },
  };
}
