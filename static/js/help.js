/** The page's own explanation, in a dialog. */

/** @param {HTMLDialogElement} dialog @param {HTMLElement} button */
export function createHelp(dialog, button) {
  button.addEventListener('click', open);
  dialog.addEventListener('click', (event) => {
    // The dialog's own box is filled by its content: a click on the element itself hit the backdrop.
    if (event.target === dialog) dialog.close();
  });

  function open() {
    if (!dialog.open) dialog.showModal();
  }

  return { open };
}
