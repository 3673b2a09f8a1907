/** Flags on a curve: where its lane's learning rate was changed, where its test loss turned, and what is measured otherwise than the rest. */

import { count, loss } from '../model/format.js';

/** @typedef {{ x: number, y: number, text: string }} Flag in the units of the axes */

/**
 * What is flagged on a lane's line of a metric.
 * @param {Run | null} run
 * @param {number} lane
 * @param {string} metric
 * @param {number} perEpoch how many batches an epoch has, where the x axis counts epochs; 0 where it does not
 */
export function momentsOf(run, lane, metric, perEpoch) {
  const changes = run?.lanes[lane]?.learning_rate_changes ?? [];
  const turns = metric === 'test_loss' ? (run?.turns ?? []).filter((turn) => turn.lane === lane) : [];
  return [
    ...changes.map(({ step, learning_rate }) => ({ step, text: `lr ${Number(learning_rate.toPrecision(4))}` })),
    ...turns.map(({ step, test_loss }) => ({
      step,
      text: `lowest ${loss(test_loss)}, ${perEpoch ? 'epoch' : 'batch'} ${count(Math.ceil(step / (perEpoch || 1)))}`,
    })),
  ];
}

/**
 * The last evaluation of a lane that has finished is over all digits that it is trained on, all others are over a part of them:
 * that point is no further step of the same line.
 * @param {Run | null} run
 * @param {number} lane
 * @param {number} sample how many digits the others are over
 */
export function lastOverAll(run, lane, sample) {
  const { status, ended_at } = run?.lanes[lane] ?? {};
  if (!run || !ended_at || status !== 'finished' || run.batches_per_epoch * run.config.batch_size <= sample) return [];
  return [{ step: ended_at, text: 'here over all training digits' }];
}

/**
 * Where on a curve they stand, and what they say.
 * @param {{ step: number, text: string }[]} moments
 * @param {object} drawn
 * @param {{ at(x: number): { row: number, x: number, average: number } | null }} drawn.curve
 * @param {Table} drawn.table the curve's
 * @param {string} drawn.metric the table's column
 * @param {Table} drawn.frames of the lane
 * @param {(step: number, seconds: number) => number} drawn.xOf
 * @param {boolean} drawn.log the y axis is logarithmic
 * @returns {Flag[]}
 */
export function flagsOf(moments, { curve, table, metric, frames, xOf, log }) {
  return moments.flatMap(({ step, text }) => {
    // A change is known before the first step that it concerns.
    if (step > frames.count) return [];
    const x = xOf(step, frames.column('seconds')[step - 1]);
    const before = curve.at(x);
    if (before === null) return [];
    let y = before.average;
    const next = before.row + 1;
    if (x > before.x && next < table.count && table !== frames) {
      // Between two evaluations the line is straight, on the axis that is drawn.
      const nextX = xOf(table.column('step')[next], table.column('seconds')[next]);
      const share = (x - before.x) / (nextX - before.x);
      const to = table.column(metric)[next];
      y = log ? y * (to / y) ** share : y + (to - y) * share;
    }
    return Number.isFinite(y) ? [{ x, y, text }] : [];
  });
}

/** @typedef {{ left: number, top: number, width: number, height: number }} Area */
/** @typedef {{ x: number, y: number }} Place in canvas pixels */

/** @typedef {{ left: number, right: number, y: number }} Words of a flag, which are around `y` */

/** Rows above the foot of a flag where its words may stand, the first that is free; below it they are negative. */
const ROWS = Array.from({ length: 10 }, (_, i) => [1.4 + i, -1.4 - i]).flat();

/**
 * Where the words of a flag begin: right of its foot, or left of it, or wherever they are within the plot.
 * @param {number} foot
 * @param {number} width of the words
 * @param {number} beside how far they are from the foot
 * @param {Area} area
 */
export function leftOf(foot, width, beside, area) {
  const end = area.left + area.width;
  if (foot + beside + width < end) return foot + beside;
  return foot - beside - width > area.left ? foot - beside - width : Math.max(area.left, end - width);
}

/**
 * How high the words of a flag stand: near its foot, where no line passes through them and no other flag is.
 * @param {Place} foot on the curve
 * @param {object} words
 * @param {number} words.left
 * @param {number} words.right
 * @param {number} words.row how high they are, with what is around them
 * @param {Area} area of the plot
 * @param {Words[]} taken by other flags
 * @param {Place[][]} lines the corners of each
 */
export function heightOf(foot, { left, right, row }, { top, height }, taken, lines) {
  const heights = ROWS.map((rows) => foot.y - rows * row).filter((y) => y - row / 2 > top && y + row / 2 < top + height);
  const alone = (/** @type {number} */ y) =>
    !taken.some((other) => other.left < right && other.right > left && Math.abs(other.y - y) < row);
  const clear = (/** @type {number} */ y) => lines.every((line) => !passes(line, { left, right, top: y - row / 2, bottom: y + row / 2 }));
  return heights.find((y) => alone(y) && clear(y)) ?? heights.find(alone) ?? heights[0] ?? foot.y;
}

/** Whether a line comes into a box. @param {Place[]} line @param {{ left: number, right: number, top: number, bottom: number }} box */
function passes(line, { left, right, top, bottom }) {
  return line.some((to, i) => {
    const from = line[Math.max(0, i - 1)];
    if (to.x < left || from.x > right) return false;
    const at = (/** @type {number} */ x) => (to.x === from.x ? to.y : from.y + ((to.y - from.y) * (x - from.x)) / (to.x - from.x));
    const ends = [at(Math.max(left, from.x)), at(Math.min(right, to.x))];
    return Math.min(...ends) < bottom && Math.max(...ends) > top;
  });
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {Place} foot on the curve
 * @param {Area} area of the plot
 * @param {{ ratio: number, size: number, line: string, ink: string, panel: string }} style
 * @param {Words[]} taken by other flags: this one is added, and keeps clear of them
 * @param {Place[][]} lines the corners of each line, of which it keeps clear, too
 */
export function strokeFlag(context, text, foot, area, { ratio, size, line, ink, panel }, taken, lines) {
  context.font = `600 ${size * ratio}px system-ui, sans-serif`;
  const width = context.measureText(text).width;
  const left = leftOf(foot.x, width, 4 * ratio, area);
  const words = { left, right: left + width, row: (size + 4) * ratio };
  const y = heightOf(foot, words, area, taken, lines);
  taken.push({ ...words, y });
  context.beginPath();
  context.moveTo(foot.x, foot.y);
  // Not through the words, where they are on both sides of it.
  const across = words.left < foot.x && words.right > foot.x;
  context.lineTo(foot.x, across ? y + Math.sign(foot.y - y) * (words.row / 2) : y);
  context.strokeStyle = line;
  context.lineWidth = 1.5 * ratio;
  context.stroke();
  context.beginPath();
  context.arc(foot.x, foot.y, 3.5 * ratio, 0, 2 * Math.PI);
  context.fillStyle = panel;
  context.fill();
  context.stroke();
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  context.lineWidth = 3 * ratio;
  context.strokeStyle = panel;
  context.strokeText(text, left, y);
  context.fillStyle = ink;
  context.fillText(text, left, y);
}
