/** What a learning rate is multiplied by at a step, counted from 1, of `total` steps: app/training/schedules.py in JavaScript. */

const WARM_UP = 0.05;

/** @type {Record<string, (step: number, total: number) => number>} */
const SCHEDULES = {
  constant: () => 1,
  step: (step, total) => 0.1 ** Math.floor((3 * (step - 1)) / total),
  cosine,
  warmup_cosine(step, total) {
    const warm = Math.max(1, Math.floor(WARM_UP * total));
    return step <= warm ? step / warm : cosine(step - warm, total - warm);
  },
};

/** @param {string} schedule @param {number} step @param {number} total */
export function scheduled(schedule, step, total) {
  return SCHEDULES[schedule](step, total);
}

/** @param {number} step @param {number} total */
function cosine(step, total) {
  return (1 + Math.cos((Math.PI * (step - 1)) / total)) / 2;
}
