/** While a page polls, a socket beside it shows now and then whether one gets through by now. */

import { FIRST_WORD_MS, openSocket } from './channels.js';

const AGAIN_MS = 60_000;

/**
 * @param {() => URL} address of the stream
 * @param {(works: boolean) => void} tried
 */
export function createSocketTrial(address, tried) {
  /** @type {import('./channels.js').Channel | null} */
  let socket = null;
  let timer = 0;

  function end() {
    clearTimeout(timer);
    socket?.close();
    socket = null;
  }

  function start() {
    end();
    /** @param {boolean} works */
    const report = (works) => {
      end();
      if (!works) timer = window.setTimeout(start, AGAIN_MS);
      tried(works);
    };
    socket = openSocket(address(), {
      receive: (data) => report(typeof data !== 'string' || JSON.parse(data).type !== 'error'),
      ended: () => report(false),
    });
    timer = window.setTimeout(() => report(false), FIRST_WORD_MS);
  }

  return { start, end };
}
