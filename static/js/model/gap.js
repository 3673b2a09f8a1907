/** One lane on digits it is trained on and on digits it has never seen: its two lines, and how far apart they are. Pure. */

import { points } from './format.js';

/** Of digits it is trained on, whatever the lane's own line is. */
const DASH = [2, 3];

/**
 * A lane's two lines as a chart lists them: on digits it is trained on, and on digits it has never seen.
 * @param {Identity} lane
 * @returns {[Identity, Identity]}
 */
export function sidesOf(lane) {
  return [
    { ...lane, name: 'Trained on', dash: DASH },
    { ...lane, name: 'Never seen' },
  ];
}

/**
 * By how much it is better on digits it is trained on, with a minus where it is worse; empty where nothing is known.
 * @param {'loss' | 'accuracy'} measure
 * @param {number | undefined} trained
 * @param {number | undefined} unseen
 */
export function gapText(measure, trained = NaN, unseen = NaN) {
  const gap = measure === 'loss' ? unseen - trained : trained - unseen;
  if (!Number.isFinite(gap)) return '';
  const size = measure === 'loss' ? String(Number(Math.abs(gap).toPrecision(2))) : points(gap);
  return `${gap < 0 && /^\d/.test(size) ? '−' : ''}${size}`;
}
