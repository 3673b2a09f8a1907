/** One race with several seeds, one after the other: those that are over, and which comes next. */

/** @typedef {import('./types').Config} Config */

export function createSeries() {
  /** @type {{ first: Config, seeds: number, members: import('./types').Store[] } | null} */
  let current = null;
  let going = false;

  return {
    /** What the charts draw together; the same object as long as it goes on. */
    get scene() {
      return current;
    },
    /** @param {Config} config of the first seed @param {number} seeds */
    begin(config, seeds) {
      going = seeds > 1;
      current = going ? { first: config, seeds, members: [] } : null;
    },
    /** Nothing comes after the one on show. */
    end() {
      going = false;
    },
    clear() {
      going = false;
      current = null;
    },
    /** Another seed has begun. @param {import('./types').Store} before */
    add(before) {
      current?.members.push(before);
    },
    /** What to start now that a run is over, if anything. @param {import('./types').Run} run @returns {Config | null} */
    next(run) {
      if (!current || !going) return null;
      const seed = current.first.seed + current.members.length + 1;
      if (run.status === 'finished' && current.members.length + 1 < current.seeds) return { ...current.first, seed };
      going = false;
      return null;
    },
  };
}

/**
 * A lane's test accuracy over all seeds that are over: mean and standard deviation; null before there are two.
 * @param {import('./types').Scene} scene
 * @param {number} lane
 */
export function accuracyOverSeeds({ series, state, whole }, lane) {
  if (!series) return null;
  const over = state === 'finished' ? [...series.members, whole] : series.members;
  const values = over.flatMap(({ run }) => run?.lanes[lane].test_accuracy ?? []);
  if (values.length < 2) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}
