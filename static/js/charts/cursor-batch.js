/**
 * Which batch a place on the x axis stands for, and the words that name it. Every reading of a chart (its legend, its table,
 * what is spoken) asks here first, so that the batch that is named is the one whose value is read. Pure.
 *
 * On an axis that counts batches it is the nearest batch the chart has values of. Beyond what any lane has trained it is the
 * batch there, which has no value yet. In seconds every lane is at another batch: a reading is of a time, rounded up to what
 * a pixel can show, and of each lane's newest batch by then.
 */

import { count, moment } from '../model/format.js';
import { X_AXES } from './axes/scales.js';

/** @typedef {{ nearest(step: number): number | null }} Measured */
/**
 * @typedef {object} Place
 * @property {number} x exactly as the axis has it: what is read are the values at this x
 * @property {number | null} step the batch; null for a time
 * @property {number} after a lane that has trained no further than this has no value here
 * @property {string} text what the place is called, "batch 1,234"
 */

/**
 * @param {number} x
 * @param {object} chart
 * @param {XAxisName} chart.axis
 * @param {Plan} chart.plan
 * @param {number} chart.perPixel how much of the axis one pixel is wide
 * @param {number} chart.trained the batches of the lane that has trained most
 * @param {readonly Measured[]} chart.curves
 * @returns {Place}
 */
export function placeAt(x, { axis, plan, perPixel, trained, curves }) {
  const { of, stepAt } = X_AXES[axis];
  if (!stepAt) return timeAt(x, perPixel);
  const there = Math.max(0, Math.min(plan.totalSteps, Math.round(stepAt(x, plan))));
  const step = there > trained ? there : nearest(there, curves);
  const at = of(step, 0, plan);
  return { x: at, step, after: of(step - 1, 0, plan), text: written(step, at, axis, plan) };
}

/** @param {number} step @param {readonly Measured[]} curves */
function nearest(step, curves) {
  const far = (/** @type {number} */ each) => Math.abs(each - step);
  return curves.flatMap((curve) => curve.nearest(step) ?? []).sort((a, b) => far(a) - far(b))[0] ?? step;
}

/** @param {number} step @param {number} x @param {XAxisName} axis @param {Plan} plan */
function written(step, x, axis, plan) {
  if (axis === 'examples') return `${count(x)} examples`;
  return axis === 'epoch' ? `epoch ${(step / plan.batchesPerEpoch).toFixed(2)}, batch ${count(step)}` : `batch ${count(step)}`;
}

/** @param {number} x @param {number} perPixel @returns {Place} */
function timeAt(x, perPixel) {
  const digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10(2 * perPixel) - 1e-9)));
  const parts = 10 ** digits;
  const whole = Math.ceil(x * parts);
  // Rows have float32 times: the one that reads "1.2" is a little above it.
  const time = Math.fround(whole / parts);
  return { x: time, step: null, after: (whole - 1) / parts, text: moment(whole / parts, digits) };
}
