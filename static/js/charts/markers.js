/** The marks on curves: each lane has a shape as well as a colour, so that lanes can be distinguished by either. */

/** Across and down from the middle, corner by corner, for a radius of 1. @type {Record<string, number[]>} */
const CORNERS = {
  triangle: [0, -1.25, 1.15, 0.8, -1.15, 0.8],
  diamond: [0, -1.35, 1.35, 0, 0, 1.35, -1.35, 0],
  plus: [
    -0.4, -1.3, 0.4, -1.3, 0.4, -0.4, 1.3, -0.4, 1.3, 0.4, 0.4, 0.4, 0.4, 1.3, -0.4, 1.3, -0.4, 0.4, -1.3, 0.4, -1.3, -0.4, -0.4, -0.4,
  ],
  star: Array.from({ length: 10 }, (_, i) =>
    [Math.sin((i * Math.PI) / 5), -Math.cos((i * Math.PI) / 5)].map((at) => at * (i % 2 ? 0.6 : 1.5)),
  ).flat(),
};

/**
 * Adds a marker to the context's path: many of them are filled in one go.
 * @param {CanvasRenderingContext2D} context
 * @param {Identity['marker']} shape
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 */
export function addMarker(context, shape, x, y, radius) {
  if (shape === 'circle') {
    context.moveTo(x + radius, y);
    context.arc(x, y, radius, 0, 2 * Math.PI);
  } else if (shape === 'square') context.rect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8);
  else {
    const corners = CORNERS[shape];
    for (let i = 0; i < corners.length; i += 2)
      context[i === 0 ? 'moveTo' : 'lineTo'](x + corners[i] * radius, y + corners[i + 1] * radius);
    context.closePath();
  }
}

/**
 * Where a lane diverged or failed: a cross and the word.
 * @param {CanvasRenderingContext2D} context
 * @param {string} word
 * @param {number} x
 * @param {number} y
 * @param {number} wordY the word's height, which may have to make room for another
 * @param {number} ratio canvas pixels per CSS pixel
 * @param {{ left: number, right: number }} within
 */
export function strokeEnd(context, word, x, y, wordY, ratio, within) {
  const arm = 5 * ratio;
  context.lineWidth = 2 * ratio;
  context.beginPath();
  context.moveTo(x - arm, y - arm);
  context.lineTo(x + arm, y + arm);
  context.moveTo(x - arm, y + arm);
  context.lineTo(x + arm, y - arm);
  context.stroke();
  context.font = `600 ${12 * ratio}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  const width = context.measureText(word).width;
  const right = x + arm + 4 * ratio;
  const fits = right + width <= within.right;
  context.textAlign = fits ? 'left' : 'right';
  context.fillText(word, fits ? right : x - arm - 4 * ratio, wordY);
}
