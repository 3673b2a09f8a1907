/**
 * A sweep as it is known: its picture, its rate maps or its trainings on the way, who wins, and all of it as a table. It fills a
 * host of any page, which has to load css/sweep-view.css, and shows what it is given; in a frame, the picture alone.
 */

import { element } from '../ui/dom.js';
import { createCellsTable } from './cells-table.js';
import { createRateMaps } from './rate-maps.js';
import { createRatePicture } from './rate-picture.js';
import { createRunsMenu } from './runs-menu.js';
import { cellsAt, curveLooks, trainingText } from './sweep.js';
import { createTrainingPicture } from './training-picture.js';
import { createVerdict } from './verdict.js';

/** @typedef {{ curve: number, rate: number, row?: number }} Place what a cursor reads: a curve, a learning rate, and in a map how far the training is */

/**
 * @param {HTMLElement} host
 * @param {object} options
 * @param {(text: string) => void} options.announce tells a screen reader
 * @param {boolean} [options.asked] whether an experiment asks something of it
 * @param {boolean} [options.framed] inside somebody else's page: it is only looked at
 */
export function createSweepView(host, { announce, asked = false, framed = false }) {
  const pictures = element('div', { class: 'sweep-pictures' });
  const verdict = createVerdict(asked);
  const table = createCellsTable();
  const menu = createRunsMenu(host);
  /** @type {{ update: () => void } | null} */
  let shown = null;
  /** @type {Sweep | null} */
  let sweep = null;
  /** @type {Place | null} */
  let place = null;
  host.classList.add('sweep-view');
  host.append(pictures, ...(framed ? [] : [verdict.node, table.node]));

  /** @param {number} target */
  function overRates(target) {
    const openRun = (/** @type {Place} */ at, /** @type {number} */ x, /** @type {number} */ y) => {
      if (!sweep) return;
      menu(`${curveLooks(sweep)[at.curve].name} at ${at.rate}`, cellsAt(sweep, at.curve, at.rate), trainingText, x, y);
    };
    const open = framed ? null : openRun;
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
    const maps = createRateMaps({ select: selectIn((at) => maps.told(at)), open });
    pictures.append(picture.node, ...(framed ? [] : [maps.node]));
    const update = () => {
      if (!sweep) return;
      const looks = curveLooks(sweep);
      picture.update(sweep, looks, place);
      maps.update(sweep, looks, place);
    };
    return { update };
  }

  function onTheWay() {
    const picture = createTrainingPicture({
      announce,
      open: framed ? null : (cells, x, y) => menu('', cells, trainingText, x, y),
    });
    pictures.append(picture.node);
    return { update: () => sweep && picture.update(sweep, curveLooks(sweep)) };
  }

  return {
    /** @param {Sweep} newest */
    update(newest) {
      sweep = newest;
      shown ??= newest.compares_rates ? overRates(newest.target) : onTheWay();
      shown.update();
      if (framed) return;
      verdict.update(newest, curveLooks(newest));
      table.update(newest);
    },
  };
}
