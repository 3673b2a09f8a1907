/** Asks for the words that the host of this page has given out, where starting a race takes them. */

import { element } from './dom.js';
import { keepPassphrase } from './owner-keys.js';

/** Whether there is something to try. @param {string} why @returns {Promise<boolean>} */
export function askPassphrase(why) {
  const input = /** @type {HTMLInputElement} */ (element('input', { type: 'password', id: 'passphrase', autocomplete: 'current-password' }));
  const dialog = /** @type {HTMLDialogElement} */ (
    element(
      'dialog',
      { 'aria-labelledby': 'passphrase-why' },
      element('form', { method: 'dialog', class: 'how' }, element('p', { id: 'passphrase-why' }, why), element('label', { for: 'passphrase' }, 'Passphrase '), input, ' ', element('button', { class: 'plain', value: 'start' }, 'Start')),
    )
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      if (dialog.returnValue) keepPassphrase(input.value);
      resolve(dialog.returnValue !== '');
    });
  });
}
