/** Play, stop and run again: what the buttons say and whether they can be pressed. */

import { part, setAttribute } from './dom.js';
import { canPlay } from './page-state.js';

/**
 * @param {HTMLElement} host
 * @param {{ play: () => void, stop: () => void, again: () => void }} actions
 */
export function createTransport(host, { play, stop, again }) {
  const main = /** @type {HTMLButtonElement} */ (part(host, 'play'));
  const repeat = /** @type {HTMLButtonElement} */ (part(host, 'again'));
  let plays = true;

  main.addEventListener('click', () => (plays ? play() : stop()));
  repeat.addEventListener('click', again);

  return {
    /** @param {import('./types').Scene} scene */
    update({ state, run }) {
      plays = canPlay(state, run);
      setAttribute(main, 'data-action', plays ? 'play' : 'stop');
      setAttribute(main, 'aria-label', plays ? 'Play' : 'Stop');
      setAttribute(main, 'title', plays ? 'Play (space)' : 'Stop (space or s)');
      // Not `disabled`: that would throw the keyboard's focus away in the middle of a race.
      const waits = state === 'stopping' || (state === 'starting' && run === null);
      setAttribute(main, 'aria-disabled', waits ? 'true' : null);
      const idle = state === 'idle' || state === 'starting' || run === null;
      setAttribute(repeat, 'aria-disabled', idle ? 'true' : null);
    },
  };
}
