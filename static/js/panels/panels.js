/** What the stage shows of a scene in numbers and words, each in its place on the page. */

import { part } from '../ui/dom.js';
import { createProgress } from './progress.js';
import { createStoryPanel } from './story-panel.js';
import { createWalls } from './wall.js';

/**
 * @param {object} options
 * @param {Bootstrap['dataset']} options.dataset
 * @param {() => void} options.touched the visitor wants a panel to show something else
 * @param {(text: string) => void} options.announce
 */
export function createPanels({ dataset, touched, announce }) {
  const story = createStoryPanel(part(document, 'story'));
  const walls = createWalls(part(document, 'walls'), part(document, 'wall-digit'), { dataset, touched, announce });
  return {
    story,
    walls,
    all: [createProgress(part(document, 'progress')), story, walls],
  };
}
