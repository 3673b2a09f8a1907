/** Remembers that play was pressed before the page's modules were there, and presses it again once they are. */

let pressed = false;

/** @param {Event} event */
function note({ target }) {
  if (!(target instanceof Element) || !target.closest('[data-part="play"]')) return;
  pressed = true;
  const status = document.querySelector('[data-part="status"]');
  if (status) status.textContent = 'Starting…';
}

addEventListener('click', note);
addEventListener(
  'playground-ready',
  () => {
    removeEventListener('click', note);
    if (pressed) /** @type {HTMLElement} */ (document.querySelector('[data-part="play"]')).click();
  },
  { once: true },
);
