/**
 * The run this page is watching: starting, commanding, following and leaving it. Holds the store and the connection;
 * draws nothing and knows no address.
 */

import { commandRun, setLearningRate, setPace, startRun } from './api.js';
import { createFeed } from './feed.js';
import { keyOf } from './owner-keys.js';
import { isOlder, isOver, pageState } from '../model/page-state.js';
import { createStore } from '../model/store.js';

/**
 * @param {object} options
 * @param {() => void} options.changed something that is drawn has changed
 */
export function createRace({ changed }) {
  let store = createStore();
  /** @type {ReturnType<typeof createFeed> | null} */
  let connection = null;
  /** @type {string | null} */
  let id = null;
  let mine = true;
  let joined = false;
  let starting = false;
  let stopping = false;
  /** Commands go out one after the other: however quickly they were given, they arrive in that order. @type {Promise<unknown>} */
  let turn = Promise.resolve();

  /**
   * @param {string} runId
   * @param {Run | null} run as far as it is known already
   */
  function watch(runId, run) {
    leave();
    id = runId;
    mine = keyOf(runId) !== null;
    const watched = store;
    if (run) watched.setRun(run);
    connection = createFeed(runId, watched, changed);
    changed();
  }

  function leave() {
    connection?.close();
    connection = null;
    id = null;
    mine = true;
    joined = stopping = false;
    store = createStore();
    changed();
  }

  /**
   * The answer to a command; the stream may have been faster, and may have brought what came after it.
   * @param {Store} commanded
   * @param {Run} run
   */
  function heard(commanded, run) {
    const known = commanded.run;
    if ((known && isOver(known)) || isOlder(run, known)) return;
    commanded.setRun(run);
    changed();
  }

  /** @param {(id: string) => Promise<Run>} ask */
  function command(ask) {
    const commanded = store;
    const done = turn.then(async () => {
      if (id !== null && store === commanded) heard(commanded, await ask(id));
    });
    turn = done.catch(() => {});
    return done;
  }

  return {
    get id() {
      return id;
    },
    /** Nothing is on show, or a run that was started in this browser. */
    get mine() {
      return mine;
    },
    /** Somebody else's, joined by pressing play with the same settings. */
    get joined() {
      return joined;
    },
    get store() {
      return store;
    },
    get link() {
      return connection?.link ?? null;
    },
    get state() {
      const hasRows = store.lanes.some((lane) => lane.frames.count > 0);
      return pageState({ run: store.run, link: connection?.link ?? null, starting, stopping, hasRows });
    },
    watch,
    leave,
    retry: () => connection?.retry(),
    /**
     * Starts a run and watches it; until the server has agreed, what was there stays. Raises ApiError.
     * @param {Config} config
     * @param {{ pace: number | null, paused: boolean }} how
     */
    async start(config, how) {
      if (starting) return null;
      starting = true;
      changed();
      try {
        const run = await startRun(config, how);
        // Pressed again, play may join the very race that is on show.
        if (run.id !== id) watch(run.id, run);
        joined = run.joined && !mine;
        return run;
      } finally {
        starting = false;
        changed();
      }
    },
    /** Pause, or go on; all of these raise ApiError. */
    toggle: () => command((run) => commandRun(run, store.run?.status === 'paused' ? 'resume' : 'pause')),
    /** One more batch in every lane, then pause. */
    step: () => command((run) => commandRun(run, 'step')),
    /** @param {number | null} pace */
    setPace: (pace) => command((run) => setPace(run, pace)),
    /** @param {number} lane @param {number} learningRate */
    setLearningRate: (lane, learningRate) => command((run) => setLearningRate(run, lane, learningRate)),
    /** Raises ApiError. Asking twice, or for a run that is over, does nothing. */
    async stop() {
      const stopped = store;
      if (id === null || !mine || stopping || (stopped.run && isOver(stopped.run))) return;
      stopping = true;
      changed();
      try {
        heard(stopped, await commandRun(id, 'stop'));
      } catch (error) {
        stopping = false;
        throw error;
      } finally {
        changed();
      }
    },
  };
}
