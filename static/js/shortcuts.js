/** Keys for the whole page. Whatever has the focus and a use for a key keeps it. */

const TYPED_IN = 'input, select, textarea, [contenteditable]';
const PRESSED = 'button, a, summary, [role="button"]';

/**
 * @param {Record<string, () => void>} actions by KeyboardEvent.key, in lower case
 */
export function createShortcuts(actions) {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = /** @type {Element} */ (event.target);
    if (target.closest(TYPED_IN) || document.querySelector('dialog[open]')) return;
    if (target.closest(PRESSED) && (event.key === ' ' || event.key === 'Enter')) return;
    const action = actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
