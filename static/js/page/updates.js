/** What is written of a race beside its curves: numbers and words of the same moment together, everything else in turns. */

import { part } from '../ui/dom.js';
import { createUpdateQueue, together } from '../ui/update-queue.js';
import { createLinkNotices } from './link-notices.js';
import { createMeanwhile } from './meanwhile.js';

/**
 * @param {object} page
 * @param {import('../ui/update-queue.js').Panel[]} page.panels
 * @param {Page['charts']} page.charts
 * @param {Page['notices']} page.notices
 * @param {{ retry: () => void, again: () => void, mark: () => void }} page.link what its notices offer
 * @param {() => void} page.mark asks for an animation frame
 */
export function createUpdates({ panels, charts, notices, link, mark }) {
  const turns = [createMeanwhile(part(document, 'meanwhile')), createLinkNotices(notices, link)];
  return { words: together([...panels, ...charts.readouts]), updates: createUpdateQueue(turns, mark) };
}
