/**
 * Keeps one run's stream coming: opens a channel with a cursor, notices when it has gone quiet, and opens it again with growing
 * pauses. Where no websocket gets through, it polls by plain HTTP instead, and tries the socket again from time to time. Knows
 * nothing of what the messages mean.
 */

import { BAD_CURSOR, FIRST_WORD_MS, NO_SUCH_RUN, openPolling, openSocket, RESTARTING, RUN_OVER, TRY_LATER } from './channels.js';
import { growingPause } from './retry.js';
import { createSocketTrial } from './socket-trial.js';

const SILENCE_MS = 12_000;
/** After so many sockets in a row that ended without a message, sockets count as blocked. */
const BLOCKED = 2;
const LONGEST_PAUSE_MS = 15_000;
/** After so many failures in a row, pauses are at their longest. */
const MANY = 5;

/**
 * @param {object} options
 * @param {() => URL} options.address the stream's URL with the cursor as it is now
 * @param {(signal: AbortSignal) => Promise<import('../model/frames.js').Message[]>} options.ask for the same by HTTP; raises ApiError
 * @param {(message: Message) => void} options.text
 * @param {(bytes: ArrayBuffer) => boolean} options.binary false when the rows do not fit: start over from the cursor
 * @param {() => void} options.forget the cursor is not one of this run: from now on ask for all of it
 * @param {() => void} options.refused the server does not let this viewer in
 * @param {() => void} options.changed the link's state changed
 */
export function createConnection({ address, ask, text, binary, forget, refused, changed }) {
  /** @type {Link} */
  const link = { alive: true, over: false, gone: false, polling: false, restarting: false, problem: null, retryAt: null, heard: 0 };
  /** @type {import('./channels.js').Channel | null} */
  let channel = null;
  /** Whether the channel polls. */
  let polling = false;
  /** Whether the channel has brought anything. */
  let spoke = false;
  /** Sockets in a row that ended without a message. */
  let silent = 0;
  let failures = 0;
  let heardAt = 0;
  let timer = 0;
  /** What the server said last before it closes. @type {string | null} */
  let reason = null;
  /** Once is enough: an empty cursor is one of every run. */
  let forgotten = false;

  const done = () => link.over || link.gone;
  const trial = createSocketTrial(address, (works) => {
    link.polling = !works;
    if (!works) return changed();
    silent = 0;
    drop();
    open();
  });

  function open() {
    clearTimeout(timer);
    link.retryAt = reason = null;
    heardAt = performance.now();
    spoke = false;
    polling = silent >= BLOCKED;
    const receiver = { receive, ended: end };
    channel = polling ? openPolling(ask, receiver) : openSocket(address(), receiver);
    watch();
    changed();
  }

  /** @param {string | ArrayBuffer} data */
  function receive(data) {
    heardAt = performance.now();
    if (!spoke) begin();
    const message = typeof data === 'string' ? JSON.parse(data) : null;
    if (message?.type === 'error') {
      reason = message.error.message;
      return;
    }
    link.heard += 1;
    if (!link.alive) {
      link.alive = true;
      link.restarting = forgotten = false;
      link.problem = null;
    }
    // A beat, too, is a sign of life.
    changed();
    if (typeof data === 'string') {
      if (message.type === 'beat') failures = 0;
      // A proxy may replace the server's close code with its own.
      else if (message.type === 'draining') link.restarting = true;
      else text(message);
    } else if (binary(data)) failures = 0;
    else lose();
  }

  /** The first message of a channel. */
  function begin() {
    spoke = true;
    // The server answers, so it is not down: something else blocks its sockets.
    if (polling) trial.start();
    else {
      silent = 0;
      link.polling = false;
    }
  }

  /** Counts a channel that has ended. */
  function count() {
    if (!spoke) silent = polling ? BLOCKED - 1 : silent + 1;
  }

  /** @param {number} code */
  function end(code) {
    count();
    drop();
    if (code === BAD_CURSOR && !forgotten) {
      // The server was killed, and has lost the last rows that it had sent.
      forgotten = true;
      forget();
      open();
      return;
    }
    if (code === TRY_LATER) failures = MANY;
    if (code === RESTARTING) link.restarting = true;
    link.problem = reason;
    if (code === RUN_OVER || code === NO_SUCH_RUN) {
      link.polling = false;
      link.over = code === RUN_OVER;
      link.gone = code === NO_SUCH_RUN;
      link.alive = true;
      changed();
    } else {
      if (reason) refused();
      lose();
    }
  }

  function lose() {
    drop();
    link.alive = false;
    const pause = growingPause(failures, LONGEST_PAUSE_MS);
    failures += 1;
    link.retryAt = performance.now() + pause;
    timer = window.setTimeout(retry, pause);
    changed();
  }

  function retry() {
    if (done()) return;
    // Without a network an attempt can only fail; the online event starts the next one.
    if (navigator.onLine === false) {
      link.retryAt = null;
      changed();
    } else open();
  }

  /** A sleeping laptop or a dead proxy leaves a socket open that brings nothing more. */
  function watch() {
    clearTimeout(timer);
    const quiet = performance.now() - heardAt;
    const most = spoke || polling ? SILENCE_MS : FIRST_WORD_MS;
    if (quiet < most) timer = window.setTimeout(watch, most - quiet + 50);
    else {
      if (!spoke && !polling) silent = BLOCKED;
      else count();
      lose();
    }
  }

  function drop() {
    clearTimeout(timer);
    trial.end();
    channel?.close();
    channel = null;
  }

  function wake() {
    if (done() || document.visibilityState === 'hidden') return;
    if (channel === null) open();
    else if (performance.now() - heardAt >= SILENCE_MS) lose();
    else if (link.polling) trial.start();
  }

  window.addEventListener('online', wake);
  document.addEventListener('visibilitychange', wake);
  open();

  return {
    link,
    /** Does not wait for the pause to end. */
    retry: wake,
    close() {
      link.over = true;
      drop();
      window.removeEventListener('online', wake);
      document.removeEventListener('visibilitychange', wake);
    },
  };
}
