/** One lane in a dialog: the rule it trains by, and everything that can be chosen for it. */

import { element, part, setText, swatch } from './dom.js';
import { createField, fieldElement } from './field.js';
import { OPTIMIZERS } from './optimizers.js';
import { laneProps, OPTIMIZER_PROP } from './props.js';

/** @typedef {import('./types').LaneConfig} LaneConfig */
/** @typedef {import('./types').Identity} Identity */

/**
 * @param {HTMLDialogElement} dialog
 * @param {object} options
 * @param {import('./types').Limits} options.limits
 * @param {(optimizer: import('./types').Optimizer) => void} options.switched another optimizer is wanted
 * @param {(dial: string, value: any) => void} options.chosen
 * @param {() => void} options.removed
 * @param {() => void} options.closed
 */
export function createLaneEditor(dialog, { limits, switched, chosen, removed, closed }) {
  const [title, formula, sentence, dials, remove] = ['title', 'formula', 'sentence', 'dials', 'remove'].map((name) => part(dialog, name));
  const optimizer = createField(part(dialog, 'optimizer'), OPTIMIZER_PROP, () => switched(optimizer.value));
  /** @type {import('./field.js').Field[]} */
  let fields = [];

  remove.addEventListener('click', () => {
    dialog.close();
    removed();
  });
  part(dialog, 'dismiss').addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', closed);
  part(dialog, 'form').addEventListener('submit', (event) => {
    const wrong = fields.find((field) => field.read().problem !== null);
    if (!wrong) return;
    event.preventDefault();
    wrong.focus();
  });

  /** @param {Identity} identity @param {LaneConfig} lane */
  function fill(identity, lane) {
    const rule = OPTIMIZERS[lane.optimizer];
    title.replaceChildren(swatch(identity), identity.name);
    optimizer.set(lane.optimizer);
    formula.replaceChildren(...rule.formula.map((line) => element('span', { class: 'formula' }, line)));
    setText(sentence, `${rule.sentence} (${rule.source})`);
    const made = laneProps(identity, limits).map(({ dial, prop }) => {
      const node = fieldElement(`lane-${dial}`, prop, capital(prop.label.slice(identity.name.length + 1)));
      const field = createField(node, prop, () => {
        if (field.value !== undefined) chosen(dial, field.value);
      });
      field.set(/** @type {any} */ (lane)[dial] ?? null);
      return { node, field };
    });
    fields = made.map(({ field }) => field);
    dials.replaceChildren(...made.map(({ node }) => node));
  }

  return {
    fill,
    /**
     * @param {Identity} identity
     * @param {LaneConfig} lane
     * @param {{ removable: boolean, below: Element }} place
     */
    open(identity, lane, { removable, below }) {
      fill(identity, lane);
      remove.hidden = !removable;
      dialog.showModal();
      optimizer.focus();
      const { left, bottom } = below.getBoundingClientRect();
      const most = (/** @type {number} */ room, /** @type {number} */ size) => Math.max(12, room - size - 12);
      dialog.style.setProperty('--left', `${Math.min(left, most(innerWidth, dialog.offsetWidth))}px`);
      dialog.style.setProperty('--top', `${Math.min(bottom + 8, most(innerHeight, dialog.offsetHeight))}px`);
    },
  };
}

/** @param {string} words */
function capital(words) {
  return words[0].toUpperCase() + words.slice(1);
}
