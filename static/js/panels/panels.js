/** The panels that show a scene in numbers and words from the start, each in its place on the page. */

import { part } from '../ui/dom.js';
import { createProgress } from './progress.js';
import { createReach } from './reach.js';
import { createStandings } from './standings.js';
import { createStoryPanel } from './story-panel.js';
import { createWalls } from './wall.js';

/**
 * @param {object} options
 * @param {Bootstrap['dataset']} options.dataset
 * @param {(lane: Identity, rate: number, button: HTMLElement) => void} options.changeRate offers another learning rate
 * @param {() => void} options.touched the visitor wants a panel to show something else
 * @param {(text: string) => void} options.announce
 */
export function createPanels({ dataset, changeRate, touched, announce }) {
  const story = createStoryPanel(part(document, 'story'));
  const walls = createWalls(part(document, 'walls'), part(document, 'wall-digit'), { dataset, touched, announce });
  return {
    story,
    walls,
    all: [
      createProgress(part(document, 'progress')),
      createStandings(part(document, 'standings'), changeRate),
      createReach(part(document, 'reach'), touched),
      story,
      walls,
    ],
  };
}
