/** Asks for the passphrase that the host has given out, where starting a race needs one. */

import { part, setAttribute, setText } from '../ui/dom.js';
import { keepPassphrase, passphrase } from '../link/owner-keys.js';

/** Whether there is something to try. @param {string} why @returns {Promise<boolean>} */
export function askPassphrase(why) {
  const wrong = passphrase() !== '';
  // The words that were tried are wrong, and must not get into a link.
  keepPassphrase('');
  const template = /** @type {HTMLTemplateElement} */ (part(document, 'passphrase-dialog'));
  const dialog = /** @type {HTMLDialogElement} */ (template.content.firstElementChild?.cloneNode(true));
  const input = /** @type {HTMLInputElement} */ (dialog.querySelector('input'));
  const reason = part(dialog, 'why');
  setText(reason, why);
  setAttribute(reason, 'class', wrong ? 'wrong' : null);
  setAttribute(reason, 'role', wrong ? 'alert' : null);
  part(dialog, 'dismiss').addEventListener('click', () => dialog.close());
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
