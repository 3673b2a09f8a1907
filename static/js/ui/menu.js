/** Opens what a button has to offer right below it, within the window. The browser closes it: Escape, or a click elsewhere. */

/** What is on the page itself: the button, or what opens the menu that it is in. @param {HTMLElement} button */
export function outermost(button) {
  return /** @type {HTMLElement} */ (button.closest('[popover]')?.previousElementSibling ?? button);
}

/**
 * @param {HTMLElement} menu a popover
 * @param {HTMLElement} button it may itself be in a menu, which stands right behind what opens that
 */
export function openBelow(menu, button) {
  const anchor = outermost(button);
  menu.showPopover();
  const { left, bottom } = anchor.getBoundingClientRect();
  const within = (/** @type {number} */ at, /** @type {number} */ size, /** @type {number} */ room) =>
    Math.max(8, Math.min(at, room - size - 8));
  menu.style.left = `${within(left, menu.offsetWidth, document.documentElement.clientWidth)}px`;
  menu.style.top = `${within(bottom + 6, menu.offsetHeight, window.innerHeight)}px`;
}
