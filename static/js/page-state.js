/** The one word for what the page shows, from what is known about the run and the link to it. */

/** @typedef {import('./types').PageState} PageState */

/** @type {Record<import('./types').RunStatus, PageState>} */
const BY_STATUS = {
  queued: 'queued',
  running: 'racing',
  paused: 'racing',
  stopping: 'stopping',
  finished: 'finished',
  stopped: 'stopped',
  failed: 'failed',
};

/**
 * @param {object} known
 * @param {import('./types').Run | null} known.run
 * @param {import('./types').Link | null} known.link null when no run is being watched
 * @param {boolean} known.starting a start was asked for and not answered yet
 * @param {boolean} known.stopping a stop was asked for and not answered yet
 * @param {boolean} known.hasRows
 * @returns {PageState}
 */
export function pageState({ run, link, starting, stopping, hasRows }) {
  if (starting) return 'starting';
  if (link === null) return 'idle';
  if (link.gone) return 'gone';
  if (!link.alive) return 'lost';
  if (run === null) return 'starting';
  if (isOver(run)) return BY_STATUS[run.status];
  if (stopping) return 'stopping';
  if (run.status === 'running' && !hasRows) return 'starting';
  return BY_STATUS[run.status];
}

/** @param {import('./types').Run} run */
export function isOver(run) {
  return run.status === 'finished' || run.status === 'stopped' || run.status === 'failed';
}

/**
 * Whether play means play; in the other states the same button stops.
 * @param {PageState} state
 * @param {import('./types').Run | null} run
 */
export function canPlay(state, run) {
  return ['idle', 'finished', 'stopped', 'failed', 'gone'].includes(state) || (state === 'lost' && run !== null && isOver(run));
}
