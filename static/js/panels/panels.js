/** The panels that show a scene in numbers, words and pictures, each in its place on the page. */

import { part } from '../ui/dom.js';
import { createConfusionPanel } from './confusion-panel.js';
import { createDrawPanel } from './draw-panel.js';
import { createHardDigits } from './hard-digits.js';
import { createProgress } from './progress.js';
import { createPushPanel } from './push-panel.js';
import { createReach } from './reach.js';
import { createStandings } from './standings.js';
import { createStoryPanel } from './story-panel.js';
import { createWeightsPanel } from './weights-panel.js';

/**
 * @param {object} options
 * @param {{ label: number, pixels: string }[]} options.examples of digits to draw, 784 bytes each in base64
 * @param {HTMLDialogElement} options.tables shows a picture as a table
 * @param {(lane: Identity, rate: number, button: HTMLElement) => void} options.changeRate offers another learning rate
 * @param {(text: string) => void} options.announce
 * @param {() => void} options.touched the visitor wants a panel to show something else
 */
export function createPanels({ examples, tables, changeRate, announce, touched }) {
  const story = createStoryPanel(part(document, 'story'));
  return {
    story,
    all: [
      createProgress(part(document, 'progress')),
      createStandings(part(document, 'standings'), changeRate),
      createReach(part(document, 'reach'), touched),
      createHardDigits(part(document, 'digits'), part(document, 'digits-title')),
      createPushPanel(part(document, 'push'), { tables, announce }),
      createWeightsPanel(part(document, 'weights')),
      createDrawPanel(part(document, 'draw'), { examples, announce }),
      createConfusionPanel(part(document, 'confusion')),
      story,
    ],
  };
}
