/** What the picture "Push per weight" says, without drawing it. Places are decades: -3 stands for 0.001. */

/** Where the half decade of |gradient| lies that docs/protocol.md numbers so. @param {number} bin */
export const placeOf = (bin) => -9 + bin / 2 + 0.25;

/** @typedef {{ bin: number, x: number, low: number, mid: number, high: number }} Point */

/**
 * A lane's newest line, from quiet weights to loud ones; weights that are not moved at all have no place on it.
 * @param {Table | undefined} pushes
 * @returns {Point[]}
 */
export function pointsOf(pushes) {
  if (!pushes?.count) return [];
  return Array.from({ length: 20 }, (_, bin) => {
    const [low, mid, high] = [25, 50, 75].map((part) => Math.log10(pushes.column(`q${part}_${bin}`)[pushes.count - 1]));
    return { bin, x: placeOf(bin), low: Math.max(low, mid - 3), mid, high };
  }).filter(({ mid }) => Number.isFinite(mid));
}

/**
 * How many decades a line spans from its lowest to its highest push, and by how many it climbs for each decade of
 * gradient: 1 for a plain gradient step, 0 where all weights are pushed alike. Null for less than two points.
 * @param {Point[]} points
 */
export function slant(points) {
  if (points.length < 2) return null;
  const mean = (/** @type {(point: Point) => number} */ of) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point.x), mean(({ mid }) => mid)];
  const mids = points.map(({ mid }) => mid);
  return {
    decades: Math.max(...mids) - Math.min(...mids),
    slope: mean((point) => (point.x - x) * (point.mid - y)) / mean((point) => (point.x - x) ** 2),
  };
}

/**
 * Axes move in whole decades and only ever outwards.
 * @param {import('../charts/scales.js').Range} before
 * @param {number[]} places
 */
export function decades({ min, max }, places) {
  return { min: Math.min(min, ...places.map(Math.floor)), max: Math.max(max, ...places.map(Math.ceil)) };
}

/**
 * What is to be seen, in a sentence.
 * @param {{ name: string, points: Point[] }[]} lanes
 * @param {boolean} [counted] whether there are rows at all
 */
export function seen(lanes, counted) {
  if (counted && lanes.every(({ points }) => points.length === 0)) return 'All gradients are zero, so no weight moves.';
  const known = lanes.flatMap(({ name, points }) => {
    const measured = slant(points);
    return measured ? [{ name, slope: measured.slope, span: measured.decades.toFixed(1) }] : [];
  });
  if (known.length === 0) return 'Do loud weights get a harder push than quiet ones?';
  known.sort((a, b) => Number(b.span) - Number(a.span));
  const [widest, narrowest] = [known[0], known[known.length - 1]];
  if (widest.slope > 0.7 && narrowest.slope < 0.45) {
    return `${widest.name} pushes loud weights hardest (${widest.span} decades), ${narrowest.name} less so (${narrowest.span}).`;
  }
  const other = known.length > 1 ? `, ${narrowest.name}’s ${narrowest.span}` : '';
  return `${widest.name}’s push spans ${widest.span} decades${other}.`;
}

/** "10⁻³". @param {number} exponent a whole number */
export function power(exponent) {
  return `10${String(exponent).replace(/./g, (sign) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(sign)] ?? '⁻')}`;
}

/** "3.2·10⁻⁴"; NaN is nothing. @param {number} place */
export function amount(place) {
  if (Number.isNaN(place)) return '–';
  const [digits, exponent] = (10 ** place).toExponential(1).split('e');
  return `${digits}·${power(Number(exponent))}`;
}
