/**
 * The picture "Push per weight": for each lane how far a weight is moved against how large its gradient is, in decades. It is
 * a few shapes that change a few times a second: SVG leaves colours to the style sheet, and costs no frame in between.
 */

import { openTable } from '../charts/chart-table.js';
import { fillLegend } from '../charts/legend.js';
import { element, part, setAttribute, setText } from '../ui/dom.js';
import { amount, decades, placeOf, pointsOf, power, seen, slant } from './push-scale.js';

const AXES = { x: { min: -6, max: -2 }, y: { min: -6, max: -2 } };
const [LEFT, RIGHT, TOP, BOTTOM] = [42, 16, 8, 34];
const MARKS = { circle: '●', square: '■', triangle: '▲', diamond: '◆', plus: '✚', star: '★' };
const WORDS_EVERY_MS = 2000;

/**
 * @param {HTMLElement} host
 * @param {object} options
 * @param {HTMLDialogElement} options.tables
 * @param {(text: string) => void} options.announce
 */
export function createPushPanel(host, { tables, announce }) {
  const [plot, legend, where, sentence] = ['plot', 'legend', 'where', 'seen'].map((name) => part(host, name));
  const picture = shape('svg', { class: 'push', 'aria-hidden': 'true' });
  plot.append(picture);
  const resting = where.textContent ?? '';
  /** @type {import('../types').Identity[]} */
  let lanes = [];
  /** Of each lane. @type {import('./push-scale.js').Point[][]} */
  let lines = [];
  /** What any lane has weights in, from quiet ones to loud ones. @type {number[]} */
  let bins = [];
  /** @type {HTMLElement[]} */
  let values = [];
  /** What they say while nothing is hovered. @type {string[]} */
  let spans = [];
  let axes = AXES;
  let [width, height] = [0, 0];
  let hovered = NaN;
  /** What was drawn: a change of any of it draws anew. @type {unknown[]} */
  let drawn = [];
  let saidAt = -Infinity;

  const across = (/** @type {number} */ x) => LEFT + ((x - axes.x.min) / (axes.x.max - axes.x.min)) * (width - LEFT - RIGHT);
  const down = (/** @type {number} */ y) => height - BOTTOM - ((y - axes.y.min) / (axes.y.max - axes.y.min)) * (height - BOTTOM - TOP);
  const midAt = (/** @type {number} */ i, at = hovered) => lines[i].find(({ bin }) => bin === at)?.mid ?? NaN;

  function draw() {
    const ticks = [
      ...places(axes.x).map((x) => shape('text', { x: across(x), y: height - 15, 'text-anchor': 'middle' }, power(x))),
      ...places(axes.y).flatMap((y) => [
        shape('path', { class: 'grid', d: `M${LEFT} ${down(y)}H${width - RIGHT}` }),
        shape('text', { x: LEFT - 6, y: down(y) + 4, 'text-anchor': 'end' }, power(y)),
      ]),
    ];
    const drawings = lines.map((points, i) => {
      const { colour, marker, dash } = lanes[i];
      const line = (/** @type {'low' | 'mid' | 'high'} */ level) => points.map((point) => `${across(point.x)} ${down(point[level])}`);
      const mid = `M${line('mid').join('L')}`;
      const marks = shape(
        'text',
        { x: points.map(({ x }) => across(x)).join(), y: points.map((point) => down(point.mid)).join() },
        MARKS[marker].repeat(points.length),
      );
      const shapes = points.length
        ? [
            shape('path', { class: 'band', d: `M${[...line('low'), ...line('high').reverse()].join('L')}` }),
            shape('path', { d: mid, 'stroke-dasharray': dash.join() }),
            marks,
          ]
        : [];
      return shape('g', { 'data-colour': colour }, ...shapes);
    });
    const cursor = Number.isNaN(hovered)
      ? []
      : [shape('path', { class: 'at', d: `M${across(placeOf(hovered))} ${TOP}V${height - BOTTOM}` })];
    picture.replaceChildren(...ticks, ...drawings, ...cursor);
  }

  /** @param {number} bin NaN for none */
  function hover(bin) {
    if (Object.is(bin, hovered)) return;
    hovered = bin;
    read();
    draw();
  }

  function read() {
    const none = Number.isNaN(hovered);
    values.forEach((value, i) => setText(value, none ? (spans[i] ?? '–') : amount(midAt(i))));
    setText(where, none ? resting : `|Δw| at |gradient| ${amount(placeOf(hovered))}`);
    setAttribute(host, 'data-hovered', none ? null : '');
    setAttribute(host, 'data-resting', none ? '' : null);
  }

  plot.addEventListener('keydown', (event) => {
    const last = bins.length - 1;
    const here = bins.indexOf(hovered);
    /** @type {Record<string, number>} */
    const targets = {
      ArrowLeft: here < 0 ? last : here - 1,
      ArrowRight: here < 0 ? last : here + 1,
      Home: 0,
      End: last,
      Escape: NaN,
    };
    if (!(event.key in targets) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    hover(bins[Math.max(0, Math.min(last, targets[event.key]))] ?? NaN);
    if (Number.isNaN(hovered)) return;
    const spell = (/** @type {number} */ place) => (Number.isNaN(place) ? 'no value' : (10 ** place).toExponential(1));
    announce(`Gradient ${spell(placeOf(hovered))}, push: ${lanes.map(({ name }, i) => `${name} ${spell(midAt(i))}`).join(', ')}.`);
  });
  for (const kind of /** @type {const} */ (['pointerdown', 'pointermove'])) {
    plot.addEventListener(kind, ({ offsetX }) => {
      const far = (/** @type {number} */ bin) => Math.abs(across(placeOf(bin)) - offsetX);
      hover([...bins].sort((a, b) => far(a) - far(b))[0] ?? NaN);
    });
  }
  for (const kind of ['pointerleave', 'blur']) plot.addEventListener(kind, () => hover(NaN));
  part(host, 'as-table').addEventListener('click', () => {
    const read = (/** @type {number} */ bin) => [`|gradient| ${amount(placeOf(bin))}`, ...lines.map((_, i) => amount(midAt(i, bin)))];
    openTable(tables, { title: 'Push per weight', lanes: lanes.map(({ name }) => name), places: bins, read });
  });
  new ResizeObserver(([{ contentRect }]) => {
    ({ width, height } = contentRect);
    if (width > 0) draw();
    else hover(NaN);
  }).observe(plot);

  return {
    /** @param {import('../types').Scene} scene */
    update({ lanes: newest, store, state }) {
      const wanted = [newest, store, ...store.lanes.map(({ pushes }) => pushes.count)];
      if (wanted.length !== drawn.length || wanted.some((each, i) => each !== drawn[i])) {
        if (newest !== lanes) {
          lanes = newest;
          spans = [];
          values = fillLegend(host, legend, lanes, () => [element('span', { class: 'value' })]).flat();
        }
        if (store !== drawn[1]) axes = AXES;
        drawn = wanted;
        lines = lanes.map(({ lane }) => pointsOf(store.lanes[lane]?.pushes));
        const all = lines.flat();
        bins = [...new Set(all.map(({ bin }) => bin))].sort((a, b) => a - b);
        axes = {
          x: decades(
            axes.x,
            all.map(({ x }) => x),
          ),
          y: decades(
            axes.y,
            all.map(({ mid }) => mid),
          ),
        };
        read();
        if (width > 0) draw();
        else hover(NaN);
      }
      const now = performance.now();
      // Words that change with every row cannot be read.
      if (state === 'racing' && now - saidAt < WORDS_EVERY_MS) return;
      saidAt = now;
      spans = lines.map((points) => {
        const span = slant(points);
        return span ? span.decades.toFixed(1) : '–';
      });
      read();
      const said = seen(
        lines.map((points, i) => ({ name: lanes[i].name, points })),
        store.lanes.some(({ pushes }) => pushes.count > 0),
      );
      setText(sentence, said);
      setAttribute(
        plot,
        'aria-label',
        `Push per weight: ${said} Spans: ${lanes.map(({ name }, i) => `${name} ${spans[i]}`).join(', ')} decades. Arrow keys read values.`,
      );
    },
  };
}

/** The decades that an axis names. @param {import('../charts/scales.js').Range} range */
function places({ min, max }) {
  const step = max - min > 7 ? 2 : 1;
  return Array.from({ length: Math.floor((max - min) / step) + 1 }, (_, i) => min + i * step);
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
function shape(tag, attributes, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}
