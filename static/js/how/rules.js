/**
 * The article's three rules and the running average once more, for figures that react at once. They are pure numbers, and
 * a fixture that Python's own classes have made holds them to those.
 */

export const BETA = 0.9;
export const BETA2 = 0.999;
export const EPSILON = 1e-8;

/** Takes a gradient and a learning rate, keeps what it keeps, and answers the step. @typedef {(g: number[], rate: number) => number[]} Rule */

/** @returns {Rule} */
export function sgd() {
  return (g, rate) => g.map((each) => -rate * each);
}

/** @returns {Rule} */
export function momentum() {
  /** @type {number[]} */
  let v = [];
  return (g, rate) => {
    v = g.map((each, i) => BETA * (v[i] ?? 0) + each);
    return v.map((each) => -rate * each);
  };
}

/** @returns {Rule} */
export function adam() {
  const m = createAverage(BETA);
  const v = createAverage(BETA2);
  return (g, rate) => {
    const first = m(g).corrected;
    const second = v(g.map((each) => each * each)).corrected;
    return first.map((each, i) => (-rate * each) / (Math.sqrt(second[i]) + EPSILON));
  };
}

export const RULES = { sgd, momentum, adam };

/**
 * A running average that begins at zero, as it is kept and with its bias corrected.
 * @param {number} beta
 * @returns {(values: number[]) => { kept: number[], corrected: number[] }}
 */
export function createAverage(beta) {
  /** @type {number[]} */
  let kept = [];
  let power = 1;
  return (values) => {
    kept = values.map((value, i) => beta * (kept[i] ?? 0) + (1 - beta) * value);
    power *= beta;
    return { kept, corrected: kept.map((each) => each / (1 - power)) };
  };
}

/** Of a valley along its first direction and across. */
export const CURVATURE = [0.1, 6];

/** The height of the valley at a place. @param {number[]} place */
export function height(place) {
  return place.reduce((sum, each, i) => sum + 0.5 * CURVATURE[i] * each * each, 0);
}

/**
 * Where a ball is at first and after each step.
 * @param {() => Rule} rule
 * @param {number[]} start
 * @param {number} rate
 * @param {number} steps
 */
export function descend(rule, start, rate, steps) {
  const step = rule();
  const places = [start];
  for (let t = 0; t < steps; t++) {
    const place = places[t];
    const by = step(
      place.map((each, i) => CURVATURE[i] * each),
      rate,
    );
    places.push(place.map((each, i) => each + by[i]));
  }
  return places;
}
