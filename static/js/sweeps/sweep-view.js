/**
 * A sweep as it is known: its picture, its rate maps or its trainings on the way, who wins, and all of it as a table. It fills a
 * host of any page, which has to load css/sweep-view.css, and shows what it is given.
 */

import { createCellsTable } from './cells-table.js';
import { createRateMaps } from './rate-maps.js';
import { createRunsMenu } from './runs-menu.js';
import { curveLooks } from './sweep.js';
import { createSweepPictures } from './sweep-pictures.js';
import { createVerdict } from './verdict.js';

/** @typedef {{ curve: number, rate: number, row?: number }} Place what a cursor reads: a curve, a learning rate, and in a map how far the training is */

/**
 * @param {HTMLElement} host
 * @param {object} options
 * @param {(text: string) => void} options.announce tells a screen reader
 * @param {boolean} [options.asked] whether it belongs to an experiment
 */
export function createSweepView(host, { announce, asked = false }) {
  const pictures = createSweepPictures({ announce, createMaps: createRateMaps, menu: createRunsMenu(host) });
  const verdict = createVerdict(asked);
  const table = createCellsTable();
  host.classList.add('sweep-view');
  host.append(pictures.node, verdict.node, table.node);

  return {
    /** @param {Sweep} sweep */
    update(sweep) {
      pictures.update(sweep);
      verdict.update(sweep, curveLooks(sweep));
      table.update(sweep);
    },
  };
}
