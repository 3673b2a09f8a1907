/** The two ways of a run's stream to the page: a websocket, and where there can be none, a request once a second. */

import { ApiError } from './api.js';

/** Close codes, as docs/protocol.md has them. */
export const RUN_OVER = 1000;
const LOST = 1006;
export const RESTARTING = 1012;
export const TRY_LATER = 1013;
export const BAD_CURSOR = 4400;
export const NO_SUCH_RUN = 4404;

/** The server sends something at once: a socket that stays silent for longer may be held back by a proxy. */
export const FIRST_WORD_MS = 5_000;

const EVERY_MS = 1000;

/**
 * @typedef {object} Receiver
 * @property {(data: string | ArrayBuffer) => void} receive
 * @property {(code: number) => void} ended
 */

/** @typedef {{ close: () => void }} Channel after close() nothing is received from it */

/** @param {URL} address @param {Receiver} receiver @returns {Channel} */
export function openSocket(address, { receive, ended }) {
  const socket = new WebSocket(address);
  let closed = false;
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => closed || receive(data);
  socket.onclose = ({ code }) => closed || ended(code);
  return {
    close() {
      closed = true;
      socket.close();
    },
  };
}

/**
 * @param {(signal: AbortSignal) => Promise<import('../model/frames.js').Message[]>} ask for what comes after the cursor as it is then; raises ApiError
 * @param {Receiver} receiver
 * @returns {Channel}
 */
export function openPolling(ask, { receive, ended }) {
  const abort = new AbortController();
  let timer = 0;

  async function poll() {
    try {
      const messages = await ask(abort.signal);
      for (const message of messages) {
        if (abort.signal.aborted) return;
        if ('code' in message) ended(message.code);
        else receive('text' in message ? message.text : message.bytes);
      }
      if (abort.signal.aborted || messages.some((message) => 'code' in message)) return;
      // What ends with a piece of a long history goes on with the next.
      const last = messages.at(-1);
      if (last && 'bytes' in last) poll();
      else timer = window.setTimeout(poll, EVERY_MS);
    } catch (error) {
      if (abort.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      fail(error);
    }
  }

  /** @param {ApiError} error */
  function fail({ code, message }) {
    if (['unreachable', 'unreadable', 'internal'].includes(code)) ended(LOST);
    else {
      receive(JSON.stringify({ type: 'error', error: { code, message } }));
      ended(TRY_LATER);
    }
  }

  poll();
  return {
    close() {
      abort.abort();
      clearTimeout(timer);
    },
  };
}
