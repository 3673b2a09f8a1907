/**
 * One moment of a race at a time: whatever the page shows of it (lines, their ends, readouts, standings, sentences, walls) is of
 * the same moment, which is held until all of it is written: lines in one frame, numbers and words in the next. Pure.
 */

/** Between two moments at least: a race has something new twenty times a second, a replay with every frame. */
const PAUSE_MS = { live: 45, replay: 30 };

/** Rows have float32 accuracies. */
const CLOSE = 1e-6;

/**
 * @typedef {object} Look
 * @property {Scene} seen
 * @property {boolean} write whether it is time for numbers and words
 * @property {number | null} wait milliseconds until there is more to show; null when there is not
 */

export function createMoments() {
  let takenAt = -Infinity;
  /** @type {Store | null} */
  let of = null;
  /** @type {Store} */
  let store;
  /** @type {Run | null} */
  let run = null;
  /** The same, as it is shown. @type {Run | null} */
  let described = null;
  /** Its lines are drawn, and its words are not written. */
  let half = false;

  return {
    /**
     * The scene at the moment that this frame shows.
     * @param {Scene} scene as it is now
     * @param {number} now milliseconds
     * @param {boolean} all at once: this very moment, lines and words
     * @returns {Look}
     */
    look(scene, now, all) {
      const whole = all || of !== scene.store;
      const write = whole || half;
      half = false;
      const pause = scene.state === 'replaying' ? PAUSE_MS.replay : PAUSE_MS.live;
      if (whole || (!write && now - takenAt >= pause && differs(scene, run, store))) {
        store = heldStill(scene.store, of === scene.store ? store : null);
        ({ store: of, run } = scene);
        described = asInRows(run, store);
        takenAt = now;
        half = !whole;
      }
      const more = differs(scene, run, store) ? Math.max(0, takenAt + pause - now) : null;
      return { seen: { ...scene, run: described, store }, write, wait: half ? 0 : more };
    },
  };
}

/** @param {Scene} scene @param {Run | null} run @param {Store} held */
function differs({ run: newest, store }, run, held) {
  return newest !== run || store.rowsVersion !== held.rowsVersion || store.runVersion !== held.runVersion;
}

/**
 * A store as it is now, whatever comes after. Its tables are the same objects as long as the store's are.
 * @param {Store} live
 * @param {Store | null} before of the same store
 * @returns {Store}
 */
function heldStill(live, before) {
  const { run, rowsVersion, runVersion } = live;
  const lanes = live.lanes.map((rows, i) => {
    const known = before?.lanes[i];
    const held = known && columnsOf.get(known.frames) === rows.frames ? known : beginnings(rows);
    held.frames.count = rows.frames.count;
    held.pushes.count = rows.pushes.count;
    held.evaluations.count = told(rows.evaluations, run, i);
    return held;
  });
  return Object.assign(before ?? { ...live }, { run, rowsVersion, runVersion, lanes });
}

/**
 * A run whose lanes have the test accuracies of the newest rows: a later viewer gets the description before them.
 * @param {Run | null} run
 * @param {Store} store
 */
function asInRows(run, store) {
  const lanes = run?.lanes.map((lane, i) => {
    const { count, column } = store.lanes[i]?.evaluations ?? {};
    if (column === undefined) return lane;
    const newest = count > 0 ? column('test_accuracy')[count - 1] : null;
    const same = newest === null ? lane.test_accuracy === null : Math.abs(newest - (lane.test_accuracy ?? NaN)) <= CLOSE;
    return same ? lane : { ...lane, test_accuracy: newest };
  });
  return lanes?.some((lane, i) => lane !== run?.lanes[i]) ? /** @type {Run} */ ({ ...run, lanes }) : run;
}

/** Which table a held one begins like. @type {WeakMap<Table, Table>} */
const columnsOf = new WeakMap();

/** @param {LaneRows} rows @returns {LaneRows} */
function beginnings({ frames, evaluations, pushes }) {
  const beginning = (/** @type {Table} */ table) => {
    /** @type {Table} */
    const held = { count: 0, column: table.column, append() {} };
    columnsOf.set(held, table);
    return held;
  };
  return { frames: beginning(frames), evaluations: beginning(evaluations), pushes: beginning(pushes) };
}

/**
 * The evaluations that the run's description knows of: what is said of one comes right behind its row, and they are shown
 * together. A lane's batches may be described before its evaluation is.
 * @param {Table} evaluations
 * @param {Run | null} run
 * @param {number} lane
 */
function told(evaluations, run, lane) {
  const { steps = 0, test_accuracy: newest = null } = run?.lanes[lane] ?? {};
  const [step, accuracy] = ['step', 'test_accuracy'].map(evaluations.column);
  let { count } = evaluations;
  while (count > 0 && step[count - 1] > steps) count -= 1;
  const known = count;
  while (count > 0 && Math.abs(accuracy[count - 1] - (newest ?? NaN)) > CLOSE) count -= 1;
  return count > 0 || newest === null ? count : known;
}
