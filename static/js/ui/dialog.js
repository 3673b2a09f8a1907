/** What every dialog does. */

/** A click beside it closes it. @param {HTMLDialogElement} dialog whose content fills its box */
export function closeOnBackdrop(dialog) {
  // The content fills the box, so a click on the element itself was on the backdrop.
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close());
}
