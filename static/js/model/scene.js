/** The one scene that everything on the page draws from: a race as it is now, what follows from its config, and what is shown beside it. */

import { createChangeDetector } from './changes.js';
import { defaultView } from './choices.js';
import { identify, planOf } from './lanes.js';
import { createSpeed } from './speed.js';

/** For a page that only watches a race. */
const NOTHING_BESIDE = {
  mine: false,
  joined: false,
  recorded: false,
  ghosts: [],
  series: null,
  wait: '',
  waitInShort: '',
};

/** @param {number} examples in the training set @param {Limits} limits */
export function createScenes(examples, limits) {
  const usual = { ...NOTHING_BESIDE, view: defaultView(limits) };
  const speed = createSpeed();
  const otherConfig = createChangeDetector();
  const otherSetup = createChangeDetector();
  /** @type {Pick<Scene, 'plan' | 'lanes'>} */
  let setup;

  /** What follows from a config, and from the server's description of its run. @param {Config} config @param {Run | null} run */
  function setupOf(config, run) {
    const plan = planOf(config, examples);
    if (run) Object.assign(plan, { batchesPerEpoch: run.batches_per_epoch, totalSteps: run.total_steps });
    return { plan, lanes: identify(config, limits) };
  }

  return {
    setupOf,
    /**
     * Its plan and lanes are the same objects until they are other ones, so that panels can tell at a glance.
     * @param {Pick<Scene, 'state' | 'store' | 'link'>} race
     * @param {Config} config of its run, or of the next one
     * @param {Partial<Scene>} [beside]
     * @returns {Scene}
     */
    make({ state, store, link }, config, beside) {
      const { run } = store;
      if (otherConfig(config, run?.batches_per_epoch, run?.total_steps)) {
        const newest = setupOf(config, run);
        if (otherSetup(JSON.stringify(newest))) setup = newest;
      }
      speed.follow({ state, run, store, plan: setup.plan }, performance.now());
      return { ...usual, ...beside, state, run, store, whole: store, link, ...setup, speed: speed.perSecond };
    },
  };
}

/**
 * The run is described at evaluations, the batches come twenty times a second: the newer of both.
 * @param {Scene} scene
 * @returns {Scene}
 */
export function withLiveSteps(scene) {
  const { run, store } = scene;
  if (!run) return scene;
  const lanes = run.lanes.map((lane, i) => {
    const frames = store.lanes[i]?.frames;
    if (!frames || frames.count <= lane.steps) return lane;
    return { ...lane, steps: frames.count, seconds: frames.column('seconds')[frames.count - 1] };
  });
  return { ...scene, run: { ...run, lanes } };
}
