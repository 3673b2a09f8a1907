/** A text to copy: selected when it is entered, and with a button that confirms in words. */

import { part, setText } from './dom.js';

const COPIED_MS = 2000;

/** @param {HTMLElement} row @param {HTMLElement} said a live region */
export function createCopyField(row, said) {
  const input = /** @type {HTMLInputElement} */ (part(row, 'text'));
  const button = part(row, 'copy');
  input.addEventListener('focus', () => input.select());
  button.addEventListener('click', async () => {
    const done = await copied(input);
    setText(button, done ? 'Copied' : 'Selected');
    // A live region announces only changes.
    said.textContent = '';
    said.textContent = done ? 'Copied.' : 'Selected: copy it with the keys of your system.';
    setTimeout(() => setText(button, 'Copy'), COPIED_MS);
  });
}

/** Whether the text is in the clipboard now. @param {HTMLInputElement} input */
async function copied(input) {
  try {
    await navigator.clipboard.writeText(input.value);
    return true;
  } catch {
    // Without https there is no navigator.clipboard, only the older command.
    input.select();
    return document.execCommand('copy');
  }
}
