/** How long a race will still go on: from how far its lanes have come since this page began to watch. Pure. */

/** Nothing is said before so many seconds were watched. */
const WATCHED_S = 3;
/** The shown time changes once it is less by a tenth, or more by a quarter: mostly a machine is busy for a moment. */
const [LESS, MORE] = [0.9, 1.25];

export function createTimeLeft() {
  /** @type {{ id: string, pace: number | null, at: number, batches: number, told: number | null } | null} */
  let since = null;

  /**
   * Seconds, or null while too little is known.
   * @param {Pick<Scene, 'state' | 'run' | 'store' | 'plan' | 'speed'>} scene
   * @param {number} now milliseconds
   */
  return ({ state, run, store, plan, speed }, now) => {
    // Before there is a speed, lanes are mostly evaluated.
    if (state !== 'racing' || !run || speed === null) {
      since = null;
      return null;
    }
    const { id, pace } = run;
    const batches = run.lanes.reduce(
      (sum, { ended_at }, i) => sum + (ended_at === null ? plan.totalSteps - (store.lanes[i]?.frames.count ?? 0) : 0),
      0,
    );
    if (since?.id !== id || since.pace !== pace) since = { id, pace, at: now, batches, told: null };
    const [passed, made] = [(now - since.at) / 1000, since.batches - batches];
    if (passed < WATCHED_S || made === 0) return null;
    const left = (batches * passed) / made;
    if (since.told === null || left < LESS * since.told || left > MORE * since.told) since.told = left;
    return since.told;
  };
}
