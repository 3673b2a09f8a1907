/**
 * The run this page is watching: starting, commanding, following and leaving it. Holds the store and the connection;
 * draws nothing and knows no address.
 */

import { commandRun, setLearningRate, setPace, startRun } from './api.js';
import { createFeed } from './feed.js';
import { keyOf } from './owner-keys.js';
import { isOlder, isOver, pageState } from '../model/page-state.js';
import { createStore } from '../model/stream/store.js';

/**
 * @param {object} options
 * @param {() => void} options.changed something that is drawn has changed
 */
export function createRace({ changed }) {
  /** @type {ReturnType<typeof createFeed> | null} */
  let connection = null;
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
    race.id = runId;
    race.mine = keyOf(runId) !== null;
    if (run) race.store.setRun(run);
    connection = createFeed(runId, race.store, changed);
    changed();
  }

  function leave() {
    connection?.close();
    connection = null;
    race.id = null;
    race.mine = true;
    race.joined = stopping = false;
    race.store = createStore();
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
    const commanded = race.store;
    const done = turn.then(async () => {
      if (race.id !== null && race.store === commanded) heard(commanded, await ask(race.id));
    });
    turn = done.catch(() => {});
    return done;
  }

  const race = {
    /** @type {string | null} */
    id: null,
    /** Nothing is on show, or a run that was started in this browser. */
    mine: true,
    /** Another visitor's, joined by pressing play with the same settings. */
    joined: false,
    store: createStore(),
    get link() {
      return connection?.link ?? null;
    },
    get state() {
      const { store } = race;
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
        if (run.id !== race.id) watch(run.id, run);
        race.joined = run.joined && !race.mine;
        return run;
      } finally {
        starting = false;
        changed();
      }
    },
    /** Pause, or go on; all of these raise ApiError. */
    toggle: () => command((run) => commandRun(run, race.store.run?.status === 'paused' ? 'resume' : 'pause')),
    /** One more batch in every lane, then pause. */
    step: () => command((run) => commandRun(run, 'step')),
    /** @param {number | null} pace */
    setPace: (pace) => command((run) => setPace(run, pace)),
    /** @param {number} lane @param {number} learningRate */
    setLearningRate: (lane, learningRate) => command((run) => setLearningRate(run, lane, learningRate)),
    /** Raises ApiError. Asking twice, or for a run that is over, does nothing. */
    async stop() {
      const { id, store: stopped } = race;
      if (id === null || !race.mine || stopping || (stopped.run && isOver(stopped.run))) return;
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
  return race;
}
