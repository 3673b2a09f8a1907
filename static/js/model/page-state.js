/** The one word for what the page shows, from what is known about the run and the link to it. */

import { ordinal } from './format.js';

/** @type {Record<RunStatus, PageState>} */
const BY_STATUS = {
  queued: 'queued',
  running: 'racing',
  paused: 'paused',
  stopping: 'stopping',
  finished: 'finished',
  stopped: 'stopped',
  failed: 'failed',
  interrupted: 'interrupted',
};

/**
 * @param {object} known
 * @param {Run | null} known.run
 * @param {Link | null} known.link null when no run is being watched
 * @param {boolean} known.starting a start was requested and not answered yet
 * @param {boolean} known.stopping a stop was requested and not answered yet
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

/** Whether what is on show changes by itself, many times a second. @param {PageState} state */
export function goesOn(state) {
  return state === 'racing' || state === 'replaying';
}

/** Whether a description of a run is older than the known one, by the same server. @param {Run} described @param {Run | null} known */
export function isOlder(described, known) {
  return known !== null && described.version < known.version;
}

/** Of a run or a sweep. @param {{ status: RunStatus }} one */
export function isOver({ status }) {
  return ['finished', 'stopped', 'failed', 'interrupted'].includes(status);
}

/**
 * Which commands make sense now. A lost link does not end a race: a command may get through. Another visitor's run can only be
 * watched, and a run of one's own can be started instead at any time.
 * @param {PageState} state
 * @param {Run | null} run
 * @param {boolean} mine
 */
export function allowedCommands(state, run, mine) {
  const over = run !== null && isOver(run);
  const start =
    ['idle', 'finished', 'stopped', 'failed', 'interrupted', 'gone'].includes(state) ||
    (state === 'lost' && (over || run === null)) ||
    (!mine && run !== null && state !== 'starting');
  const resume = mine && (state === 'paused' || (state === 'lost' && run?.status === 'paused'));
  const pause = mine && (state === 'racing' || (state === 'lost' && run?.status === 'running'));
  return {
    start,
    resume,
    pause,
    /** A learning rate can be changed while there are batches to come. */
    tune: pause || resume,
    step: state === 'idle' || pause || resume,
    stop: mine && !start && state !== 'stopping' && run !== null,
    again: state === 'gone' || (run !== null && state !== 'starting'),
  };
}

/** In batches a second: of the run on show, or of the next one. @param {Pick<Scene, 'run' | 'view'>} scene */
export function paceOf({ run, view }) {
  return run && !isOver(run) ? run.pace : view.pace;
}

/** @type {Record<PageState, string>} */
export const STATUS_WORDS = {
  idle: 'Ready',
  starting: 'Starting…',
  queued: 'Queued',
  racing: 'Racing',
  paused: 'Paused',
  stopping: 'Stopping…',
  finished: 'Finished',
  stopped: 'Stopped',
  failed: 'Failed',
  interrupted: 'Interrupted',
  replaying: 'Replay',
  lost: 'Reconnecting…',
  gone: 'Run gone',
};

/** The status in words, more closely than the state alone. @param {Pick<Scene, 'state' | 'run' | 'recorded' | 'link'>} scene */
export function statusOf({ state, run, recorded, link }) {
  if (recorded) return 'A recorded race';
  if (state === 'queued' && run?.position) return `Queued, ${ordinal(run.position)} in the queue`;
  // The server answers, and has no room.
  if (state === 'lost' && link?.problem) return 'Waiting to watch…';
  if (state === 'racing' && link?.polling) return 'Refreshing each second';
  return STATUS_WORDS[state];
}
