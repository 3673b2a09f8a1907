/** Everything the visitor chooses with: the fields of the next race, how curves are shown, a race's pace and its learning rates. */

import { configChoices, viewChoices } from '../model/choices.js';
import { part } from '../ui/dom.js';
import { createPace } from './pace.js';
import { createRateMenu } from './rate-menu.js';
import { createSettingsForm } from './settings-form.js';
import { createViewSwitches } from './view-switches.js';

/**
 * @param {Bootstrap} limits
 * @param {object} on
 * @param {() => void} on.chosen a field or a switch has another value
 * @param {() => void} on.submitted enter was pressed in a field
 * @param {(pace: number | null) => Promise<unknown>} on.pace a pace was chosen
 * @param {(lane: number, learningRate: number) => void} on.learningRate a lane is to train on with it
 */
export function createControls(limits, on) {
  const [learningRate] = configChoices(limits).filter(({ name }) => name === 'learning_rate');
  const [pace] = viewChoices(limits).filter(({ name }) => name === 'pace');
  const form = createSettingsForm(part(document, 'settings'), { limits, changed: on.chosen, submitted: on.submitted });
  const paces = createPace(part(document, 'pace'), pace, on.pace);
  return {
    form,
    switches: createViewSwitches(part(document, 'view'), limits.view.smoothing.range[1], on.chosen),
    pace: paces,
    shortcuts: { c: form.toggle, ',': () => paces.move(1), '.': () => paces.move(-1) },
    rateMenu: createRateMenu(part(document, 'rate'), learningRate, on.learningRate),
  };
}
