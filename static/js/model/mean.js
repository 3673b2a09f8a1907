/** The mean of values, and how far they lie from it. */

/** What "±" means wherever seeds are spoken of: the standard deviation; of one seed alone there is none. @param {number[]} values */
export function meanAndDeviation(values) {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return { mean: middle, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : NaN };
}

/** @param {number[]} values */
export function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
