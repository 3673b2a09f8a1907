/** The explanation, in a dialog: also of the rules by which the lanes on show train. */

import { element, part } from '../ui/dom.js';

/**
 * @param {HTMLDialogElement} dialog
 * @param {HTMLElement} button
 * @param {import('../types').Limits['optimizers']} optimizers
 * @param {() => import('../types').Identity[]} onShow
 */
export function createHelp(dialog, button, optimizers, onShow) {
  button.addEventListener('click', open);
  dialog.addEventListener('click', (event) => {
    // The dialog's own box is filled by its content: a click on the element itself hit the backdrop.
    if (event.target === dialog) dialog.close();
  });

  function open() {
    if (dialog.open) return;
    const lanes = onShow();
    const first = lanes.filter(({ optimizer }, i) => lanes.findIndex((lane) => lane.optimizer === optimizer) === i);
    part(dialog, 'rules').replaceChildren(
      ...first.map(({ optimizer, colour }) => {
        const { label, formula, sentence, source } = optimizers[optimizer];
        const lines = formula.map((line) => element('span', { class: 'formula' }, line));
        return element('div', { 'data-colour': colour }, element('dt', {}, label), element('dd', {}, ...lines, `${sentence} (${source})`));
      }),
    );
    dialog.showModal();
  }

  return { open };
}
