/**
 * A chart as a picture to keep: what is on show in it, with its title, legend, axes and address. Drawn by what draws the
 * page's own lines, as SVG; the PNG is made of that. Loaded with the first export of a picture.
 */

import { part } from '../ui/dom.js';
import { strokeGhosts } from './ghost-layer.js';
import { createLayer } from './layer.js';
import { addMarker } from './markers.js';
import { readPalette } from '../ui/palette.js';
import { PLACE } from './axes/scales.js';
import { createStrokes } from './strokes.js';
import { escaped, Trace, Tracing } from './svg-context.js';

const EDGE = 16;
const PIXELS = 2;
const FAMILY = 'system-ui, sans-serif';
/** What style sheets say about shapes. */
const LOOKS = ['fill', 'stroke', 'stroke-width', 'opacity', 'font-size', 'text-anchor', 'dominant-baseline'];

/** @typedef {(text: string, x: number, y: number, font?: string, colour?: string, align?: CanvasTextAlign) => number} Write returns where the text ends */

/**
 * @param {HTMLElement} figure
 * @param {object} what
 * @param {import('./chart.js').Shown | null} what.shown null for a figure that is SVG itself
 * @param {string[]} what.axes what is measured, across and up
 * @param {Identity[]} what.lanes
 * @param {string[]} what.notes what else has to be known about the lines
 * @param {string} what.settings of the race, in words
 */
export function svgOf(figure, { shown, axes, lanes, notes, settings }) {
  const palette = readPalette();
  const tracing = new Tracing();
  const context = /** @type {any} */ (tracing);
  const plot = part(figure, 'plot');
  const width = plot.clientWidth + 2 * EDGE;
  const right = width - EDGE;
  const [title, where] = ['title', 'where'].map((name) => part(figure, name).textContent ?? '');
  const subtitle = [where, ...notes].join(', ');

  /** @type {Write} */
  const write = (text, x, y, font = '400 12px', colour = palette.muted, textAlign = 'left') => {
    Object.assign(context, { font: `${font} ${FAMILY}`, fillStyle: colour, textAlign, textBaseline: '' });
    context.fillText(text, x, y);
    return x + context.measureText(text).width;
  };

  let y = 28;
  const titleEnd = write(title, EDGE, y, '650 16px', palette.ink);
  context.font = `400 12px ${FAMILY}`;
  if (titleEnd + 24 + context.measureText(subtitle).width < right) write(subtitle, right, y, undefined, undefined, 'right');
  else write(subtitle, EDGE, (y += 18));

  y += 26;
  let x = EDGE;
  const values = [...part(figure, 'legend').querySelectorAll('.value')].map(({ textContent, nextElementSibling: beside }) => {
    const spread = beside?.textContent?.startsWith('±') ? ` ${beside.textContent}` : '';
    return `${textContent}${spread}`;
  });
  lanes.forEach(({ name, colour, dash, marker }, i) => {
    if (x + 160 > right) [x, y] = [EDGE, y + 20];
    Object.assign(context, { strokeStyle: palette[colour], fillStyle: palette[colour], lineWidth: 2 });
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(x, y - 4);
    context.lineTo(x + 18, y - 4);
    context.stroke();
    context.setLineDash([]);
    context.beginPath();
    addMarker(context, marker, x + 9, y - 4, 4);
    context.fill();
    x = write(values[i], write(name, x + 26, y) + 8, y, '650 12px', palette.ink) + 20;
  });

  write(axes[1], EDGE, (y += 24));
  tracing.written.push(`<g transform="translate(${EDGE} ${(y += 6)})">`);
  if (shown) {
    drawLines(context, shown, palette, write);
    writeEnds(plot, write);
  } else tracing.written.push(resolved(/** @type {SVGElement} */ (plot.querySelector('svg'))));
  tracing.written.push('</g>');
  write(axes[0], width / 2, (y += plot.clientHeight + 6), undefined, undefined, 'center');
  for (const line of folded(settings, right - EDGE)) write(line.trim(), EDGE, (y += 20), '400 11px');
  const fits = write(location.href, EDGE, (y += 20)) < right;
  // Where the whole address has no room, that of the run alone, or of all its seeds.
  if (!fits) {
    tracing.written.pop();
    y -= 20;
    const seeds = new URLSearchParams(location.search).get('series');
    const address = location.origin + location.pathname + (seeds ? `?series=${seeds}` : '');
    for (const line of folded(address, right - EDGE)) write(line, EDGE, (y += 20), '400 11px');
  }
  const height = y + 14;
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FAMILY}" stroke-linejoin="round"><title>${escaped(`${title}, ${subtitle}`)}</title><rect width="100%" height="100%" fill="${palette.panel}"/>${tracing.written.join('\n')}</svg>`;
  return { width, height, text };
}

/** The names and values at the lines' ends, where the page has them. @param {HTMLElement} plot @param {Write} write */
function writeEnds(plot, write) {
  const { left, top } = plot.getBoundingClientRect();
  for (const piece of plot.querySelectorAll('.ends p:not([hidden]) :is(b, span)')) {
    const { fontSize, color } = getComputedStyle(piece);
    const box = piece.getBoundingClientRect();
    // Their boxes are as high as the font, from its ascent to its descent.
    if (box.height > 0) write(piece.textContent ?? '', box.left - left, box.bottom - top - box.height * 0.22, `650 ${fontSize}`, color);
  }
}

/** A long text in lines, at its gaps or else anywhere. @param {string} text @param {number} width */
function folded(text, width) {
  const most = Math.floor(width / 5.8);
  return text.match(new RegExp(`.{1,${most}}(?: |$)|.{${most}}`, 'g')) ?? [text];
}

/** The same picture in pixels. @param {ReturnType<typeof svgOf>} svg @returns {Promise<Blob>} */
export async function pngOf({ text, width, height }) {
  const image = new Image(width, height);
  image.src = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  await image.decode();
  URL.revokeObjectURL(image.src);
  const canvas = Object.assign(document.createElement('canvas'), { width: width * PIXELS, height: height * PIXELS });
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('There is no memory for the picture.')))),
  );
}

/** @param {any} context @param {import('./chart.js').Shown} shown @param {import('../ui/palette.js').Palette} palette @param {Write} write */
function drawLines(context, { ticks, raw, dots, tapes, gap, ...shown }, palette, write) {
  const { area, lines, thin, ghosts, scale, y } = shown;
  const size = parseFloat(palette.axis);
  Object.assign(context, { strokeStyle: palette.grid, lineWidth: 1 });
  context.beginPath();
  for (const { at, text } of ticks.y) {
    context.moveTo(area.left, at);
    context.lineTo(area.left + area.width, at);
    write(text, area.left - 6, at + size * 0.35, `400 ${size}px`, palette.muted, 'right');
  }
  context.stroke();
  for (const { at, text } of ticks.x) write(text, at, area.top + area.height + 4 + size, `400 ${size}px`, palette.muted, 'center');
  const place = PLACE[scale];
  const [bold, faint, earlier] = [lines, thin, ghosts].map((some) =>
    some.map((line) => ({ ...line, strokes: createStrokes(line.curve, place, /** @type {any} */ (Trace)) })),
  );
  const picture = { ...shown, lines: bold, thin: faint, palette, ratio: 1, low: place(y.min), high: place(y.max), place };
  if (earlier.length > 0) strokeGhosts(context, { ...picture, lines: earlier }, bold);
  const layer = createLayer(/** @type {any} */ ({ getContext: () => context }), { raw, dots, tapes, gap: gap ? shown.measure : null });
  layer.above(bold, area.width, size);
  layer.draw(picture);
}

/** A picture of the page with what style sheets say about it. @param {SVGElement} picture */
function resolved(picture) {
  const copy = /** @type {SVGElement} */ (picture.cloneNode(true));
  const [from, to] = [picture, copy].map((each) => [each, ...each.querySelectorAll('*')]);
  from.forEach((each, i) => {
    for (const name of LOOKS) to[i].setAttribute(name, getComputedStyle(each).getPropertyValue(name));
    to[i].removeAttribute('class');
  });
  return new XMLSerializer().serializeToString(copy);
}
