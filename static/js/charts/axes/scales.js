/**
 * Where axes begin and end. A range that follows every value trembles; these change in a few large steps only:
 * x ends just past the leader and loss moves by 1-2-5; accuracy goes from 0 to 1.
 */

/** @typedef {{ min: number, max: number }} Range */

/**
 * The first batches of a log axis are evenly spaced, so that there is a place for batch 0, and each moves the pen as far on the
 * narrowest chart; from there on each time as many more take the same width.
 */
const EVEN_STEPS = 50;
/** Where the even part ends, in the axis' own units. */
const EVEN_END = 1;

/**
 * `of` is where a step stands on the axis, from 0 on. `stepAt` is the step that stands somewhere, or null on an axis of time.
 * @type {Record<XAxisName, { label: string, log: boolean,
 *   of: (step: number, seconds: number, plan: Plan) => number, stepAt: ((x: number, plan: Plan) => number) | null }>}
 */
export const X_AXES = {
  log: {
    label: `batches, log scale from ${EVEN_STEPS} on`,
    log: true,
    of: (step) => (step <= EVEN_STEPS ? (step / EVEN_STEPS) * EVEN_END : EVEN_END + Math.log(step / EVEN_STEPS)),
    stepAt: (x) => (x <= EVEN_END ? (x / EVEN_END) * EVEN_STEPS : EVEN_STEPS * Math.exp(x - EVEN_END)),
  },
  step: { label: 'batches', log: false, of: (step) => step, stepAt: (x) => x },
  epoch: {
    label: 'epochs',
    log: false,
    of: (step, _seconds, plan) => step / plan.batchesPerEpoch,
    stepAt: (x, plan) => x * plan.batchesPerEpoch,
  },
  examples: {
    label: 'examples',
    log: false,
    of: (step, _seconds, plan) => step * plan.batchSize,
    stepAt: (x, plan) => x / plan.batchSize,
  },
  seconds: { label: 'seconds', log: false, of: (_step, seconds) => seconds, stepAt: null },
};

/** What stands under an axis: nothing is logarithmic before the even part ends. @param {XAxisName} name @param {number} end of what is on show */
export function axisName(name, end) {
  const { label, log } = X_AXES[name];
  return log && end <= EVEN_END ? X_AXES.step.label : label;
}

const SHORTEST = { steps: 10, seconds: 0.1 };
/** Where the even part of a log axis ends, one after the other: 1-2-5 would leave more than half of the chart empty. */
const EVEN_ENDS = [10, 15, 20, 30, 40, EVEN_STEPS];

/**
 * Where an axis ends: just past the leader, in round steps, so that it does not grow with every batch; of a race that is
 * over at its last batch; or where the plan does.
 * @param {XAxisName} name
 * @param {Plan} plan
 * @param {{ steps: number, seconds: number, over: boolean, whole: boolean }} race how far its leader is
 */
export function axisEnd(name, plan, { steps, seconds, over, whole }) {
  const { of, stepAt } = X_AXES[name];
  if (!stepAt) return over && seconds > 0 ? seconds : stepUp(seconds, SHORTEST.seconds);
  const all = of(plan.totalSteps, 0, plan);
  if (whole) return all;
  if (over && steps > 0) return Math.min(all, of(steps, 0, plan));
  if (name === 'log' && steps <= EVEN_STEPS) return Math.min(all, of(EVEN_ENDS.find((end) => steps <= end) ?? EVEN_STEPS, 0, plan));
  const step = name === 'log' || name === 'step' ? stepUp(steps, SHORTEST.steps) : 0;
  // Of epochs and examples it is these that are round.
  return Math.min(all, step ? of(step, 0, plan) : stepUp(of(Math.max(steps, SHORTEST.steps), 0, plan)));
}

/**
 * The smallest of … 0.1, 0.2, 0.5, 1, 2, 5 … that is at least the value.
 * @param {number} value
 * @param {number} [least]
 */
export function stepUp(value, least = 0) {
  if (!(value > least)) return least;
  const magnitude = 10 ** Math.floor(Math.log10(value));
  for (const digit of [1, 2, 5]) {
    if (value <= digit * magnitude * (1 + 1e-9)) return clean(digit * magnitude);
  }
  return clean(10 * magnitude);
}

/**
 * The largest of … 0.1, 0.2, 0.5, 1 … that is at most the value.
 * @param {number} value
 */
export function stepDown(value) {
  const magnitude = 10 ** Math.floor(Math.log10(value));
  for (const digit of [5, 2, 1]) {
    if (value >= digit * magnitude * (1 - 1e-9)) return clean(digit * magnitude);
  }
  return clean(magnitude);
}

/** Powers of ten below one are not exact: 3 * 0.1 must still read 0.3. @param {number} value */
export function clean(value) {
  return Number(value.toPrecision(12));
}

const UNTRAINED_LOSS_TOP = 3;
const LOWEST_LOSS = 1e-4;
export const HIGHEST_LOSS = { log: 100, linear: 10 };

/**
 * The range of a loss axis that holds the lanes. It only ever grows out of the one before, and one lane that shoots
 * up cannot flatten the others: the top follows the calmer lanes.
 * @param {Range | null} before
 * @param {{ low: number, high: number }[]} lanes extremes of each lane's line so far, without lanes that diverged
 * @param {'log' | 'linear'} scale
 * @returns {Range}
 */
export function lossRange(before, lanes, scale) {
  const known = lanes.filter((lane) => Number.isFinite(lane.low) && Number.isFinite(lane.high));
  let max = before?.max ?? UNTRAINED_LOSS_TOP;
  let min = before?.min ?? (scale === 'log' ? 0.5 : 0);
  if (known.length > 0) {
    const calmest = Math.min(...known.map((lane) => lane.high));
    const wildest = Math.max(...known.map((lane) => lane.high));
    const limit = scale === 'log' ? Math.max(10, calmest * 3) : Math.max(UNTRAINED_LOSS_TOP, calmest * 1.5);
    // The steepest lane may be the only one so far; later values need room, too.
    const top = Math.min(wildest, limit, HIGHEST_LOSS[scale]);
    if (top > max) max = stepUp(top);
    if (scale === 'log') {
      const bottom = Math.max(Math.min(...known.map((lane) => lane.low)), LOWEST_LOSS);
      if (bottom < min) min = stepDown(bottom);
    }
  }
  return { min, max };
}

/**
 * The range of a y axis for a part of the lines, between round numbers. It only ever grows out of the one before.
 * @param {Range | null} before
 * @param {Range} seen the lowest and the highest value on show
 * @param {'log' | 'linear'} scale
 * @param {number} top no higher than this
 * @returns {Range}
 */
export function closeRange(before, seen, scale, top) {
  if (before && seen.min >= before.min && seen.max <= before.max) return before;
  const bottom = scale === 'log' ? LOWEST_LOSS : 0;
  const low = Math.max(bottom, Math.min(seen.min, before?.min ?? Infinity));
  const high = Math.max(low, Math.min(top, Math.max(seen.max, before?.max ?? -Infinity)));
  if (scale === 'log') {
    const min = stepDown(low);
    return { min, max: stepUp(Math.max(high, min * 1.01)) };
  }
  const step = stepUp((high - low) / 3 || high / 10 || 1);
  const min = clean(Math.floor(low / step + 1e-9) * step);
  return { min, max: clean(Math.min(top, Math.max(min + step, Math.ceil(high / step - 1e-9) * step))) };
}

/**
 * Where a value stands on a y axis, in units that are evenly spaced. A canvas cannot take the 1e30 of a lane that
 * explodes, nor the logarithm of 0: both stop far outside of any picture.
 * @type {Record<'log' | 'linear', (value: number) => number>}
 */
export const PLACE = {
  log: (value) => Math.log10(Math.max(LOWEST_LOSS / 100, Math.min(value, HIGHEST_LOSS.log * 100))),
  linear: (value) => Math.min(value, HIGHEST_LOSS.linear * 100),
};
