/**
 * Keeps one run's stream coming: opens the websocket with a cursor, notices when it has gone quiet, and opens it again
 * with growing pauses. What the messages mean is the receiver's business.
 */

const SILENCE_MS = 12_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const OVER = 1000;
const RESTARTING = 1012;
const TRY_LATER = 1013;
// So many failures in a row, and pauses are at their longest.
const MANY = 5;
const CURSOR_UNKNOWN = 4400;
const RUN_UNKNOWN = 4404;

/**
 * @param {object} options
 * @param {() => URL} options.address the stream's URL with the cursor as it is now
 * @param {(message: import('./types').Message) => void} options.text
 * @param {(bytes: ArrayBuffer) => boolean} options.binary false when the rows do not fit: start over from the cursor
 * @param {() => void} options.forget the cursor is not one of this run: from now on ask for all of it
 * @param {() => void} options.refused the server does not let this viewer in
 * @param {() => void} options.changed the link's state changed
 */
export function createConnection({ address, text, binary, forget, refused, changed }) {
  /** @type {import('./types').Link} */
  const link = { alive: true, over: false, gone: false, restarting: false, problem: null, retryAt: null, heard: 0 };
  /** @type {WebSocket | null} */
  let socket = null;
  let failures = 0;
  let heardAt = 0;
  let timer = 0;
  /** What the server said last before it closes. @type {string | null} */
  let reason = null;
  /** Once is enough: a cursor that says nothing is one of every run. */
  let forgotten = false;

  const done = () => link.over || link.gone;

  function open() {
    clearTimeout(timer);
    link.retryAt = reason = null;
    heardAt = performance.now();
    const opened = new WebSocket(address());
    socket = opened;
    opened.binaryType = 'arraybuffer';
    opened.onmessage = ({ data }) => {
      if (socket === opened) hear(data);
    };
    opened.onclose = ({ code }) => {
      if (socket === opened) end(code);
    };
    watch();
    changed();
  }

  /** @param {string | ArrayBuffer} data */
  function hear(data) {
    heardAt = performance.now();
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
      // A proxy between may put a close code of its own in place of the server's.
      else if (message.type === 'draining') link.restarting = true;
      else text(message);
    } else if (binary(data)) failures = 0;
    else lose();
  }

  /** @param {number} code */
  function end(code) {
    if (code === CURSOR_UNKNOWN && !forgotten) {
      // The server was killed, and has lost the last of what it had told.
      forgotten = true;
      forget();
      open();
      return;
    }
    if (code === TRY_LATER) failures = MANY;
    if (code === RESTARTING) link.restarting = true;
    link.problem = reason;
    if (code === OVER || code === RUN_UNKNOWN) {
      socket = null;
      clearTimeout(timer);
      link.over = code === OVER;
      link.gone = code === RUN_UNKNOWN;
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
    // Half of the pause is random: a thousand pages must not come back to a restarted server in one instant.
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2);
    failures += 1;
    link.retryAt = performance.now() + pause;
    timer = window.setTimeout(retry, pause);
    changed();
  }

  function retry() {
    if (done()) return;
    // Without a network an attempt can only fail; the online event tells when one makes sense.
    if (navigator.onLine === false) {
      link.retryAt = null;
      changed();
    } else open();
  }

  /** A sleeping laptop or a dead proxy leaves a socket open that never speaks again. */
  function watch() {
    clearTimeout(timer);
    const quiet = performance.now() - heardAt;
    if (quiet >= SILENCE_MS) lose();
    else timer = window.setTimeout(watch, SILENCE_MS - quiet + 50);
  }

  function drop() {
    clearTimeout(timer);
    const closing = socket;
    socket = null;
    closing?.close();
  }

  function wake() {
    if (done() || document.visibilityState === 'hidden') return;
    if (socket === null) open();
    else if (performance.now() - heardAt >= SILENCE_MS) lose();
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
