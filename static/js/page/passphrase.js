/** Asks for the passphrase that the host has given out, where starting a race needs one. */

import { element } from '../ui/dom.js';
import { keepPassphrase, passphrase } from '../link/owner-keys.js';

/** Whether there is something to try. @param {string} why @returns {Promise<boolean>} */
export function askPassphrase(why) {
  const wrong = passphrase() !== '';
  // The words that were tried are wrong, and must not get into a link.
  keepPassphrase('');
  const input = /** @type {HTMLInputElement} */ (
    element('input', {
      type: 'password',
      id: 'passphrase',
      autocomplete: 'current-password',
      'aria-describedby': 'passphrase-why',
      autofocus: '',
    })
  );
  const close = element('button', { type: 'button', class: 'plain icon', 'aria-label': 'Close' }, '×');
  const dialog = /** @type {HTMLDialogElement} */ (
    element(
      'dialog',
      { 'aria-labelledby': 'passphrase-title' },
      element(
        'form',
        { method: 'dialog', class: 'how passphrase' },
        element('header', {}, element('h2', { id: 'passphrase-title' }, 'Passphrase'), close),
        element('p', { id: 'passphrase-why', ...(wrong ? { class: 'wrong', role: 'alert' } : {}) }, why),
        element(
          'div',
          { class: 'copy-field' },
          element('label', { class: 'muted', for: 'passphrase' }, element('b', {}, 'Passphrase')),
          input,
          element('button', { class: 'plain', value: 'start' }, 'Start'),
        ),
      ),
    )
  );
  close.addEventListener('click', () => dialog.close());
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
