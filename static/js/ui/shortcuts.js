/** Keys for the whole page. Whatever has the focus and a use for a key keeps it. */

/** Controls that use no letters: all keys but those that move them are left to the page. */
const MOVED = 'input[type="radio"], input[type="checkbox"], input[type="range"]';
const MOVES = [' ', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End', 'PageUp', 'PageDown'];
const TYPED_IN = 'input, select, textarea, [contenteditable]';
const PRESSED = 'button, a, summary, [role="button"]';
const COVERS = 'dialog[open], :popover-open';

/** @typedef {Record<string, () => void>} Actions by KeyboardEvent.key, in lower case */

/** @param {Actions} actions */
export function createShortcuts(actions) {
  // On the board of a lesson the page is only looked at.
  if (parent !== window) return;
  document.addEventListener('keydown', (event) => {
    const action = actionOf(event, actions, document.querySelector(COVERS) !== null);
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/**
 * What a key asks of the page, if anything.
 * @param {KeyboardEvent} event
 * @param {Actions} actions
 * @param {boolean} covered by something that has the keys for itself
 */
export function actionOf(event, actions, covered) {
  if (covered || event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return null;
  const target = /** @type {Element} */ (event.target);
  if (target.closest(MOVED)) {
    if (MOVES.includes(event.key)) return null;
  } else if (target.closest(TYPED_IN)) return null;
  if (target.closest(PRESSED) && (event.key === ' ' || event.key === 'Enter')) return null;
  return actions[event.key.toLowerCase()] ?? null;
}
