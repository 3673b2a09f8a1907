/** The server's commands. Whatever goes wrong arrives as an ApiError with a sentence a visitor can read. */

/** @typedef {import('./types').Run} Run */

export class ApiError extends Error {
  /**
   * @param {string} code the server's error code, or "unreachable"
   * @param {string} message
   */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * @param {import('./types').Config} config
 * @returns {Promise<Run>}
 */
export async function startRun(config) {
  const answer = await ask('/api/runs', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(config),
  });
  return answer.json();
}

/**
 * @param {string} id
 * @returns {Promise<Run>}
 */
export async function stopRun(id) {
  const answer = await ask(`/api/runs/${encodeURIComponent(id)}/stop`, { method: 'POST' });
  return answer.json();
}

/**
 * The 784 grey values of a test digit.
 * @param {number} index
 */
export async function fetchDigit(index) {
  const answer = await ask(`/api/digits/${index}`, {});
  return new Uint8Array(await answer.arrayBuffer());
}

/** @param {string} id */
export function streamUrl(id) {
  const url = new URL(`/api/runs/${encodeURIComponent(id)}/stream`, location.href);
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
    answer = await fetch(path, options);
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
  );
}
