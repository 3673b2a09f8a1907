/** The server's commands. Whatever goes wrong arrives as an ApiError with a sentence a visitor can read. */

import { keepKey, keyOf, passphrase } from './owner-keys.js';
import { ROOT } from './root.js';

/** @typedef {import('./types').Run} Run */

export class ApiError extends Error {
  /**
   * @param {string} code the server's error code, or "unreachable"
   * @param {string} message
   * @param {number} [retryAfterS] when it is worth another try
   */
  constructor(code, message, retryAfterS = 0) {
    super(message);
    this.code = code;
    this.retryAfterS = retryAfterS;
  }
}

/**
 * @param {import('./types').Config} config
 * @param {{ pace: number | null, paused: boolean }} how paused: waiting before the first batch
 */
export async function startRun(config, { pace, paused }) {
  const query = new URLSearchParams({ ...(pace === null ? {} : { pace: String(pace) }), ...(paused ? { paused: 'true' } : {}) });
  const answer = await send('POST', `/api/runs${query.size > 0 ? `?${query}` : ''}`, passphrase() ? { 'X-Passphrase': passphrase() } : {}, config);
  /** @type {Run} */
  const run = await answer.json();
  keepKey(run.id, answer.headers.get('X-Owner-Key') ?? '');
  return run;
}

/** @param {string} id @returns {Promise<Run>} */
export async function fetchRun(id) {
  return (await ask(pathOf(id), {})).json();
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
  const key = keyOf(id);
  const answer = await send(method, `${pathOf(id)}/${what}`, key ? { 'X-Owner-Key': key } : {}, body);
  return answer.json();
}

/**
 * @param {string} method
 * @param {string} path
 * @param {Record<string, string>} headers
 * @param {object} [body]
 */
function send(method, path, headers, body) {
  if (!body) return ask(path, { method, headers });
  return ask(path, { method, headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
}

/**
 * The 784 grey values of a test digit.
 * @param {number} index
 */
export async function fetchDigit(index) {
  const answer = await ask(`/api/digits/${index}`, {});
  return new Uint8Array(await answer.arrayBuffer());
}

/** @returns {Promise<import('./types').Capacity>} */
export async function fetchCapacity() {
  return (await ask('/api/capacity', {})).json();
}

/**
 * What the server tells of a run beside its stream.
 * @param {string | undefined} id
 * @param {string} path
 * @param {RequestInit} [options]
 */
export async function ofRun(id, path, options = {}) {
  const answer = await ask(`/api/runs/${encodeURIComponent(id ?? '')}/${path}`, options);
  return answer.json();
}

/** @param {string} id */
export function streamUrl(id) {
  const url = new URL(`${ROOT}${pathOf(id)}/stream`, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url;
}

/**
 * @param {string} path
 * @param {RequestInit} options
 */
async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(ROOT + path, options);
  } catch {
    throw new ApiError('unreachable', 'The server cannot be reached. Is it running, and are you online?');
  }
  if (answer.ok) return answer;
  let error = null;
  try {
    ({ error } = await answer.json());
  } catch {
    // A proxy in between may answer with a page of its own.
  }
  throw new ApiError(
    error?.code ?? 'internal',
    error?.message ?? `The server answered with status ${answer.status} and no explanation.`,
    Number(answer.headers.get('Retry-After')),
  );
}
