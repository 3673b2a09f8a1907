/** The sweep that a form describes: its axes, how many trainings these are, and how much they have to compute. Pure. */

/** At the best learning rate and at the default one, once the grid is done. */
const AGAIN = 2;

/** `count` learning rates from low to high, as `app/sweeps/grid.py` spaces them. @param {number} low @param {number} high @param {number} count */
export function spacedRates(low, high, count) {
  if (count < 2) return [low];
  return Array.from({ length: count }, (_, i) => Number((low * (high / low) ** (i / (count - 1))).toPrecision(3)));
}

/** @param {{ optimizers: Optimizer[], low: number, high: number, rates: number, seeds: number, seed: number }} chosen @returns {Record<string, any[]>} */
export function axesOf({ optimizers, low, high, rates, seeds, seed }) {
  return {
    optimizer: optimizers,
    learning_rate: spacedRates(low, high, rates),
    ...(seeds > 1 ? { seed: Array.from({ length: seeds }, (_, i) => seed + i) } : {}),
  };
}

/** How many trainings are in the grid, and how many follow from fresh seeds at most. @param {Record<string, any[]>} axes */
export function trainingsOf({ optimizer, learning_rate, seed = [0] }) {
  const grid = optimizer.length * learning_rate.length * seed.length;
  return { grid, fresh: learning_rate.length > 1 ? AGAIN * optimizer.length * seed.length : 0 };
}

/** Of a digit, as MNIST has them. */
const [PIXELS, CLASSES] = [784, 10];
/**
 * The multiply-adds of all trainings.
 * @param {Record<string, any[]>} axes
 * @param {Pick<Config, 'batch_size' | 'epochs' | 'hidden'>} config
 * @param {{ digits: number, step_overhead: number }} machine how many digits there are to train on, and what a step costs beside its arithmetic
 */
export function workOf(axes, { batch_size, epochs, hidden }, { digits, step_overhead }) {
  const { grid, fresh } = trainingsOf(axes);
  const widths = [PIXELS, ...hidden, CLASSES];
  const weights = widths.slice(1).reduce((sum, width, i) => sum + width * widths[i], 0);
  const steps = epochs * Math.floor(digits / batch_size);
  return (grid + fresh) * steps * (step_overhead + batch_size * weights);
}
