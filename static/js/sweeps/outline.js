/** Where a curve and the band around it lie. Pure. */

import { pathThrough } from '../ui/svg.js';

/** @typedef {import('./sweep.js').Measure} Measure */

/**
 * The means, and the path of the band. It ends at what was measured: a deviation of few seeds reaches beyond all of them.
 * @param {SweepPoint[]} points
 * @param {Measure} measure
 * @param {(rate: number) => number} toX
 * @param {(value: number) => number} toY
 */
export function outline(points, measure, toX, toY) {
  const ranges = points.map((point) => ({ x: toX(point.learning_rate), range: point[measure] }));
  const at = (/** @type {'mean' | 'lowest' | 'highest'} */ which) => ranges.map(({ x, range }) => range && { x, y: toY(range[which]) });
  const [means, upper, lower] = [at('mean'), at('highest'), at('lowest')];
  const band = means.flatMap((_, i) => {
    const corners = [upper[i], upper[i + 1], lower[i + 1], lower[i]];
    return corners.every((corner) => corner) ? [`${pathThrough(corners)}Z`] : [];
  });
  return { means, band: band.join('') };
}
