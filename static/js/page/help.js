/** The dialog that explains the page, and the update rules of the lanes on show. */

import { closeOnBackdrop, element, part } from '../ui/dom.js';

/**
 * @param {HTMLDialogElement} dialog
 * @param {Limits['optimizers']} optimizers
 * @param {() => Identity[]} onShow
 */
export function createHelp(dialog, optimizers, onShow) {
  closeOnBackdrop(dialog);

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
