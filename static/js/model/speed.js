/** How fast a race goes by the clock on the wall: batches of all lanes over the last moments. */

import { createChangeDetector } from './changes.js';

const WINDOW_MS = 2000;
/** A number that changes twenty times a second cannot be read. */
const SHOWN_MS = 500;

/**
 * Whether a speed means something: in its first quarter of an epoch a lane is mostly evaluated.
 * @param {Pick<Scene, 'run' | 'store' | 'plan'>} scene
 */
export function settled({ run, store, plan }) {
  return store.lanes.every(({ frames }, i) => frames.count > plan.batchesPerEpoch / 4 || (run?.lanes[i]?.ended_at ?? null) !== null);
}

export function createSpeed() {
  const otherRace = createChangeDetector();
  const otherRows = createChangeDetector();
  /** @type {{ at: number, steps: number }[]} */
  let samples = [];
  let shownAt = -Infinity;

  function measured() {
    if (samples.length < 2) return null;
    const first = samples[0];
    const last = samples[samples.length - 1];
    return last.at - first.at < 150 ? null : ((last.steps - first.steps) / (last.at - first.at)) * 1000;
  }

  /** @param {number} now milliseconds @param {number} steps of all lanes together, so far */
  function sample(now, steps) {
    if (samples.length > 0 && steps < samples[samples.length - 1].steps) samples = [];
    samples.push({ at: now, steps });
    while (samples.length > 2 && now - samples[1].at >= WINDOW_MS) samples.shift();
    if (speed.perSecond === null || now - shownAt >= SHOWN_MS) {
      speed.perSecond = measured();
      shownAt = now;
    }
  }

  const speed = {
    sample,
    /** Steps per second, or null while there are too few to tell. @type {number | null} */
    perSecond: null,
    /** Measures a race while it goes on. @param {Pick<Scene, 'state' | 'run' | 'store' | 'plan'>} race @param {number} now milliseconds */
    follow(race, now) {
      const { state, store } = race;
      const arrived = otherRows(store.rowsVersion);
      if (otherRace(store) || state !== 'racing' || !settled(race)) {
        samples = [];
        speed.perSecond = null;
      } else if (arrived) {
        const steps = store.lanes.reduce((sum, { frames }) => sum + frames.count, 0);
        sample(now, steps);
      }
    },
  };
  return speed;
}
