/** One race with several seeds, one after the other: those that are over, and which comes next. */

import { meanAndDeviation } from './mean.js';
import { count, list, percent } from './format.js';
import { hasFallen } from './result.js';

export function createSeries() {
  let going = false;

  const series = {
    /** What the charts draw together; the same object as long as it goes on. @type {{ first: Config, seeds: number, members: Store[] } | null} */
    scene: null,
    /** @param {Config} config of the first seed @param {number} seeds */
    begin(config, seeds) {
      going = seeds > 1;
      series.scene = going ? { first: config, seeds, members: [] } : null;
    },
    /** Nothing comes after the one on show. */
    end() {
      going = false;
    },
    clear() {
      going = false;
      series.scene = null;
    },
    /** Another seed has begun. @param {Store} before */
    add(before) {
      series.scene?.members.push(before);
    },
    /** Seeds that are over and were run before this page was opened. @param {Store[]} members */
    restore(members) {
      const first = members[0].run?.config;
      going = false;
      series.scene = first ? { first, seeds: members.length + 1, members } : null;
    },
    /** The runs that are over. */
    get ids() {
      return (series.scene?.members ?? []).flatMap(({ run }) => run?.id ?? []);
    },
    /** What to start now that a run is over, if anything. @param {Run} run @returns {Config | null} */
    next(run) {
      const current = series.scene;
      if (!current || !going) return null;
      const seed = current.first.seed + current.members.length + 1;
      if (run.status === 'finished' && current.members.length + 1 < current.seeds) return { ...current.first, seed };
      going = false;
      return null;
    },
  };
  return series;
}

/** The runs of a series that are over. @param {Pick<Scene, 'series' | 'state' | 'whole'>} scene */
function runsOver({ series, state, whole }) {
  if (!series) return [];
  return (state === 'finished' ? [...series.members, whole] : series.members).flatMap(({ run }) => run ?? []);
}

/**
 * A lane's test accuracy over all seeds that are over: mean and standard deviation; null before there are two.
 * @param {Scene} scene
 * @param {number} lane
 */
export function accuracyOverSeeds(scene, lane) {
  const values = runsOver(scene).flatMap(({ lanes }) => lanes[lane].test_accuracy ?? []);
  return values.length < 2 ? null : meanAndDeviation(values);
}

/** Names the seed in a panel that shows one alone, "seed 44"; empty outside a series. @param {Scene} scene */
export function ofSeed({ series, run }) {
  return series && run ? `seed ${run.config.seed}` : '';
}

/**
 * The story of a series: what all seeds came to, then the story of the one on show.
 * @param {Scene} scene
 * @param {string[]} sentences of the one on show
 */
export function storyOfSeries(scene, sentences) {
  const { series, run, lanes } = scene;
  if (!series || !run) return sentences;
  const runs = runsOver(scene);
  const [first, ...more] = sentences;
  const ofThis = [`Seed ${run.config.seed}: ${first}`, ...more];
  // A mean over lanes that diverged and lanes that did not would be meaningless.
  const means = lanes.flatMap(({ lane, name }) => {
    const values = runs.flatMap(({ lanes }) => (hasFallen(lanes[lane]) ? [] : (lanes[lane].test_accuracy ?? [])));
    return values.length === runs.length && values.length > 1 ? { name, mean: meanAndDeviation(values).mean } : [];
  });
  if (means.length === 0) return ofThis;
  const [best, ...rest] = means.sort((a, b) => b.mean - a.mean);
  const read = list([`${best.name} reads ${percent(best.mean)} on average`, ...rest.map(({ name, mean }) => `${name} ${percent(mean)}`)]);
  return [`**Over ${count(runs.length)} seeds** ${read}.`, ...ofThis.slice(0, sentences.length === 1 ? 1 : 2)];
}
