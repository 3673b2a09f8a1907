/** Messages that need to be seen wherever the page is scrolled to; one line each. Each can be closed. */

import { element, setText } from './dom.js';

/** Longer times are not counted down. */
const COUNTED_S = 118;

/** Of a part that loads when it is wanted. @param {string} file */
export function notLoaded(file) {
  return `${file} could not be loaded. Are you online, or is a content blocker in its way?`;
}

/** @param {HTMLElement} host @param {(seconds: number) => string} about writes a time that is too long to be counted down */
export function createNotices(host, about) {
  /** A lasting one stays known when it is closed. @type {Map<string, { node: HTMLElement, words: HTMLElement }>} */
  const shown = new Map();

  /** @param {string} key */
  function hide(key) {
    shown.get(key)?.node.remove();
    shown.delete(key);
  }

  const again = (/** @type {number} */ s) => `Again\u00a0in\u00a0${s < COUNTED_S ? `${s}\u00a0s` : about(s)}.`;

  return {
    hide,
    /**
     * Shows a notice, or changes the text of the one that is there under the same key.
     * @param {string} key
     * @param {string} text
     * @param {object} [options]
     * @param {'problem' | 'status'} [options.kind]
     * @param {{ label: string, run: () => void }} [options.action]
     * @param {boolean} [options.lasting] shown again and again as long as it holds: once closed, it stays closed until it has been hidden
     * @param {number} [options.retryAfterS] counted down; the notice goes when it is over
     */
    show(key, text, { kind = 'status', action, lasting = false, retryAfterS = 0 } = {}) {
      const known = shown.get(key);
      if (known) {
        setText(known.words, text);
        return;
      }
      const words = element('p', {}, text);
      // The announcer speaks for passing states; a problem interrupts.
      const node = element(
        'div',
        { class: 'notice row', 'data-notice': key, 'data-kind': kind, ...(kind === 'problem' ? { role: 'alert' } : {}) },
        words,
      );
      if (retryAfterS > 0) {
        const at = performance.now() + retryAfterS * 1000;
        // Announced once, with the rest, not every second.
        const left = element('span', { 'aria-live': 'off' });
        const tick = () => {
          const s = Math.ceil((at - performance.now()) / 1000);
          setText(left, again(s));
          if (shown.get(key)?.node !== node) clearInterval(ticking);
          else if (s <= 0) hide(key);
        };
        const ticking = setInterval(tick, 250);
        setText(left, again(retryAfterS));
        words.append(' ', left);
      }
      if (action) {
        const button = element('button', { type: 'button', class: 'plain' }, action.label);
        button.addEventListener('click', action.run);
        node.append(button);
      }
      const close = element('button', { type: 'button', class: 'plain close', 'aria-label': 'Dismiss' }, '×');
      close.addEventListener('click', () => (lasting ? node.remove() : hide(key)));
      node.append(close);
      shown.set(key, { node, words });
      host.append(node);
    },
  };
}
