/** The server's commands. Whatever goes wrong arrives as an ApiError with a sentence a visitor can read. */

import { browserId, identity } from './browser-id.js';
import { keepKey, ownerHeader, passphrase, passphraseWorked } from './owner-keys.js';
import { ROOT } from './root.js';

/** A server that does not answer for so long counts as out of reach. */
const TIMEOUT_MS = 30_000;
const DIGIT_BYTES = 784;

export class ApiError extends Error {
  /**
   * @param {string} code the server's error code, "unreachable" or "unreadable"
   * @param {string} message
   * @param {object} [more]
   * @param {boolean} [more.passing] the same question may be answered later
   * @param {number} [more.retryAfterS] when the server says that it is worth another try; 0 when it does not say
   */
  constructor(code, message, { passing = false, retryAfterS = 0 } = {}) {
    super(message);
    this.code = code;
    this.passing = passing;
    this.retryAfterS = retryAfterS;
  }
}

/**
 * A run of one's own, or one with the same choices that was joined.
 * @param {Config} config
 * @param {{ pace: number | null, paused: boolean }} how paused: waiting before the first batch
 */
export async function startRun(config, { pace, paused }) {
  const query = new URLSearchParams({ ...(pace === null ? {} : { pace: String(pace) }), ...(paused ? { paused: 'true' } : {}) });
  /** @type {Run & { joined: boolean }} */
  const run = await start(`/api/runs${query.size > 0 ? `?${query}` : ''}`, config);
  return run;
}

/**
 * Starts a run or a sweep with the passphrase of this browser, and keeps its owner key.
 * @param {string} path
 * @param {object} body
 */
export async function start(path, body) {
  const answer = await send('POST', path, passphrase() ? { 'X-Passphrase': passphrase() } : {}, body);
  const started = await json(answer);
  const key = answer.headers.get('X-Owner-Key');
  if (key) keepKey(started.id, key);
  passphraseWorked();
  return started;
}

/** @param {string} id @returns {Promise<Run>} */
export async function fetchRun(id) {
  return json(await ask(pathOf(id), {}));
}

/** @param {string} id @param {'stop' | 'pause' | 'resume' | 'step'} what */
export function commandRun(id, what) {
  return command('POST', id, what);
}

/** @param {string} id @param {number | null} pace */
export function setPace(id, pace) {
  return command('PUT', id, 'pace', { batches_per_s: pace });
}

/** @param {string} id @param {number} lane @param {number} learningRate */
export function setLearningRate(id, lane, learningRate) {
  return command('PUT', id, `lanes/${lane}/learning-rate`, { learning_rate: learningRate });
}

/** @param {string} id */
function pathOf(id) {
  return `/api/runs/${encodeURIComponent(id)}`;
}

/**
 * @param {string} method
 * @param {string} id
 * @param {string} what
 * @param {object} [body]
 * @returns {Promise<Run>}
 */
async function command(method, id, what, body) {
  return json(await send(method, `${pathOf(id)}/${what}`, ownerHeader(id), body));
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Record<string, string>} headers
 * @param {object} [body]
 */
export function send(method, path, headers, body) {
  if (!body) return ask(path, { method, headers });
  return ask(path, { method, headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
}

/**
 * The 784 grey values of a test digit.
 * @param {number} index
 */
export async function fetchDigit(index) {
  const answer = await ask(`/api/digits/${index}`, {});
  const pixels = await readable(answer.arrayBuffer());
  if (pixels.byteLength !== DIGIT_BYTES) throw unreadable();
  return new Uint8Array(pixels);
}

/** The digits of the wall, one below the other. @returns {Promise<Uint8Array>} */
export async function fetchWall() {
  return new Uint8Array(await readable((await ask('/api/digits/wall', {})).arrayBuffer()));
}

/** @returns {Promise<Capacity>} */
export async function fetchCapacity() {
  return json(await ask('/api/capacity', {}));
}

/**
 * Which guess is right according to a run or a sweep, and why.
 * @param {string} experiment its name
 * @param {{ run: string } | { sweep: string }} result
 * @returns {Promise<ExperimentAnswer>}
 */
export async function fetchAnswer(experiment, result) {
  return json(await ask(`/api/experiments/${experiment}/answer?${new URLSearchParams(result)}`, {}));
}

/**
 * What the server knows of a run beside its stream.
 * @param {string | undefined} id
 * @param {string} path
 * @param {RequestInit} [options]
 */
export async function ofRun(id, path, options = {}) {
  return json(await ask(`${pathOf(id ?? '')}/${path}`, options));
}

/**
 * A file that is made while it is sent, however long that takes.
 * @param {string} id
 * @param {string} path
 * @param {(piece: Uint8Array) => void} arrived
 */
export async function fetchFile(id, path, arrived) {
  const silence = new AbortController();
  let timer = window.setTimeout(() => silence.abort(), TIMEOUT_MS);
  const pieces = new TransformStream({
    transform(piece, rest) {
      clearTimeout(timer);
      timer = window.setTimeout(() => silence.abort(), TIMEOUT_MS);
      arrived(piece);
      rest.enqueue(piece);
    },
  });
  try {
    const answer = await ask(`${pathOf(id)}/${path}`, { signal: silence.signal });
    return await readable(new Response(answer.body?.pipeThrough(pieces), { headers: answer.headers }).blob());
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The QR code of a path, or, with the passphrase, of a link that hands it on.
 * @param {string} path
 * @param {string} [words] the passphrase goes in a header, not into an address
 */
export async function fetchCode(path, words) {
  const answer = await ask(`/api/qr.svg?${new URLSearchParams({ path })}`, words ? { headers: { 'X-Passphrase': words } } : {});
  const picture = await readable(answer.blob());
  if (!picture.type.startsWith('image/')) throw unreadable();
  return picture;
}

/** @param {string} id */
export function streamUrl(id) {
  return socketUrl(`${pathOf(id)}/stream`);
}

/** @param {string} path */
export function socketUrl(path) {
  const url = new URL(ROOT + path, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  if (browserId()) url.searchParams.set('browser', browserId());
  return url;
}

/**
 * What the stream would bring, by plain HTTP.
 * @param {string} id
 * @param {URLSearchParams} query the cursor, and who asks
 * @param {AbortSignal} signal
 */
export async function fetchFrames(id, query, signal) {
  return readable((await ask(`${pathOf(id)}/frames?${query}`, { signal, cache: 'no-store', headers: identity() })).arrayBuffer());
}

/**
 * @param {string} path
 * @param {RequestInit} options
 */
export async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(ROOT + path, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...options,
      headers: { ...options.headers, ...identity() },
    });
  } catch {
    throw unreachable();
  }
  if (answer.ok) return answer;
  let error = null;
  try {
    ({ error } = await answer.json());
  } catch {
    // A proxy in between may answer with a page of its own.
  }
  throw new ApiError(error?.code ?? 'internal', error?.message ?? `The server answered with status ${answer.status} and no explanation.`, {
    passing: answer.status === 429 || answer.status >= 500,
    retryAfterS: Number(answer.headers.get('Retry-After')) || 0,
  });
}

/** @param {Response} answer */
export function json(answer) {
  return readable(answer.json());
}

/** An answer that is cut off half-way is unreadable, and so is the page of a proxy or of a network that wants a login. @template T @param {Promise<T>} body */
function readable(body) {
  return body.catch(() => {
    throw unreadable();
  });
}

export function unreachable() {
  return new ApiError('unreachable', 'The server cannot be reached. Is it running, and are you online?', { passing: true });
}

function unreadable() {
  return new ApiError('unreadable', 'The server’s answer did not come whole.', { passing: true });
}
