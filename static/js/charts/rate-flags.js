/** Flags on a curve: where its lane's learning rate was changed, and where its test loss turned. */

import { count, loss } from '../model/format.js';

/** @typedef {{ x: number, y: number, text: string }} Flag in the units of the axes */

/**
 * What is flagged on a lane's line of a metric.
 * @param {Run | null} run
 * @param {number} lane
 * @param {string} metric
 */
export function momentsOf(run, lane, metric) {
  const changes = run?.lanes[lane]?.learning_rate_changes ?? [];
  const turns = metric === 'test_loss' ? (run?.turns ?? []).filter((turn) => turn.lane === lane) : [];
  return [
    ...changes.map(({ step, learning_rate }) => ({ step, text: `lr ${Number(learning_rate.toPrecision(4))}` })),
    ...turns.map(({ step, test_loss }) => ({ step, text: `lowest ${loss(test_loss)}, batch ${count(step)}` })),
  ];
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

/** @typedef {{ left: number, top: number, width: number }} Area */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {{ x: number, y: number }} foot on the curve, in canvas pixels
 * @param {Area} area of the plot
 * @param {{ ratio: number, size: number, line: string, ink: string, panel: string }} style
 * @param {{ x: number, y: number }[]} taken where other flags are: this one is added, and keeps clear of them
 */
export function strokeFlag(context, text, foot, area, { ratio, size, line, ink, panel }, taken) {
  const row = (size + 4) * ratio;
  const down = foot.y - 2 * row < area.top;
  let y = foot.y + (down ? 1.4 : -1.4) * row;
  const near = (/** @type {{ x: number, y: number }} */ other) =>
    Math.abs(other.x - foot.x) < 6 * size * ratio && Math.abs(other.y - y) < row;
  while (taken.some(near)) y += down ? row : -row;
  taken.push({ x: foot.x, y });
  context.beginPath();
  context.moveTo(foot.x, foot.y);
  context.lineTo(foot.x, y);
  context.strokeStyle = line;
  context.lineWidth = 1.5 * ratio;
  context.stroke();
  context.beginPath();
  context.arc(foot.x, foot.y, 3.5 * ratio, 0, 2 * Math.PI);
  context.fillStyle = panel;
  context.fill();
  context.stroke();
  context.font = `600 ${size * ratio}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  const fits = foot.x + context.measureText(text).width + 4 * ratio < area.left + area.width;
  context.textAlign = fits ? 'left' : 'right';
  const at = foot.x + (fits ? 4 : -4) * ratio;
  context.lineWidth = 3 * ratio;
  context.strokeStyle = panel;
  context.strokeText(text, at, y);
  context.fillStyle = ink;
  context.fillText(text, at, y);
}
