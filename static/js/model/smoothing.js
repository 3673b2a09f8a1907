/**
 * A debiased exponential average: a plain one starts at zero and pulls the first values down, so it is divided by
 * the weight it has collected (the same correction Adam makes for its moments).
 */

/**
 * An average over more than a tenth of all batches would lag behind the race.
 * @param {number} chosen weight
 * @param {number} totalSteps
 */
export function weightFor(chosen, totalSteps) {
  return Math.max(0, Math.min(chosen, 1 - 10 / totalSteps));
}

/**
 * @param {number} weight how much of the past is kept at every value, from 0 (nothing: the raw line) to below 1
 * @returns {(value: number) => number} the average after each further value; one that is not finite is passed over
 */
export function createAverage(weight) {
  let sum = 0;
  let collected = 0;
  return (value) => {
    if (!Number.isFinite(value)) return collected === 0 ? value : sum / collected;
    sum = weight * sum + (1 - weight) * value;
    collected = weight * collected + (1 - weight);
    return sum / collected;
  };
}
