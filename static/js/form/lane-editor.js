/** One lane in a dialog: the rule it trains by, and everything that can be chosen for it. */

import { closeOnBackdrop, element, part, setText, swatch } from '../ui/dom.js';
import { createField, fieldElement } from './field.js';
import { laneChoices, optimizerChoice } from '../model/choices.js';

/**
 * @param {HTMLDialogElement} dialog
 * @param {Limits} limits
 * @param {object} on
 * @param {(optimizer: Optimizer) => void} on.switched another optimizer is wanted
 * @param {(dial: string, value: any) => void} on.chosen
 * @param {() => void} on.removed
 * @param {() => void} on.closed
 */
export function createLaneEditor(dialog, limits, on) {
  const optimizer = createField(part(dialog, 'optimizer'), optimizerChoice(limits), () => on.switched(optimizer.value));
  const remove = part(dialog, 'remove');
  /** @type {import('./field.js').Field[]} */
  let fields = [];
  let near = { left: 0, top: 0 };

  remove.addEventListener('click', () => {
    dialog.close();
    on.removed();
  });
  closeOnBackdrop(dialog);
  part(dialog, 'dismiss').addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', on.closed);
  part(dialog, 'form').addEventListener('submit', (event) => {
    const wrong = fields.find((field) => field.read().problem !== null);
    if (!wrong) return;
    event.preventDefault();
    wrong.focus();
  });

  /** @param {Identity} identity @param {LaneConfig} lane */
  function fill(identity, lane) {
    const { formula, sentence, source } = limits.optimizers[lane.optimizer];
    part(dialog, 'title').replaceChildren(swatch(identity), identity.name);
    optimizer.set(lane.optimizer);
    part(dialog, 'formula').replaceChildren(...formula.map((line) => element('span', { class: 'formula' }, line)));
    setText(part(dialog, 'sentence'), `${sentence} (${source})`);
    const dials = part(dialog, 'dials');
    dials.replaceChildren();
    fields = laneChoices(identity, limits).map(({ dial, choice }) => {
      const words = choice.label.slice(identity.name.length + 1);
      const node = fieldElement(`lane-${dial}`, choice, words[0].toUpperCase() + words.slice(1), choice.help);
      dials.append(node);
      const field = createField(node, choice, () => {
        if (field.value !== undefined) on.chosen(dial, field.value);
      });
      field.set(/** @type {any} */ (lane)[dial]);
      return field;
    });
    if (dialog.open) keepWithin();
  }

  /** Near a lane's chip, and within the window, however many choices there are. */
  function keepWithin() {
    const within = (/** @type {number} */ at, /** @type {number} */ most) => `${Math.max(12, Math.min(at, most - 12))}px`;
    dialog.style.setProperty('--left', within(near.left, innerWidth - dialog.offsetWidth));
    dialog.style.setProperty('--top', within(near.top, innerHeight - dialog.offsetHeight));
  }

  return {
    fill,
    /** Near a lane's chip. @param {Element} chip @param {boolean} removable */
    open(chip, removable) {
      remove.hidden = !removable;
      dialog.showModal();
      optimizer.focus();
      const { left, bottom } = chip.getBoundingClientRect();
      near = { left, top: bottom + 8 };
      keepWithin();
    },
  };
}
