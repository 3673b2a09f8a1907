/**
 * The picture in the panel "Push per weight": a line and a band for each lane between two axes of decades. It is a few shapes that
 * change a few times a second: SVG leaves colours to the style sheet, and costs no frame in between.
 */

import { placeOf, power } from './push-scale.js';

/** @typedef {import('../charts/axes/scales.js').Range} Range */
/** @typedef {{ lanes: Identity[], lines: import('./push-scale.js').Point[][], examples: [number, number][][], axes: { x: Range, y: Range }, hovered: number }} Picture */

const [LEFT, RIGHT, TOP, BOTTOM] = [42, 16, 22, 38];
const MARKERS = { circle: '●', square: '■', triangle: '▲', diamond: '◆', plus: '✚', star: '★' };

/** @param {HTMLElement} plot */
export function createPushPicture(plot) {
  const svg = shape('svg', { class: 'push', 'aria-hidden': 'true' });
  plot.append(svg);
  let [width, height] = [0, 0];
  /** Of the axes drawn last. @type {(x: number) => number} */
  let across = () => 0;

  return {
    get visible() {
      return width > 0;
    },
    /** @param {{ width: number, height: number }} size */
    resize(size) {
      ({ width, height } = size);
    },
    /** The bin nearest to a place, in pixels from the left; NaN of none. @param {number[]} bins @param {number} left */
    nearest(bins, left) {
      const far = (/** @type {number} */ bin) => Math.abs(across(placeOf(bin)) - left);
      return [...bins].sort((a, b) => far(a) - far(b))[0] ?? NaN;
    },
    /** @param {Picture} picture */
    draw({ lanes, lines, examples, axes: { x, y }, hovered }) {
      across = (at) => LEFT + ((at - x.min) / (x.max - x.min)) * (width - LEFT - RIGHT);
      const down = (/** @type {number} */ at) => height - BOTTOM - ((at - y.min) / (y.max - y.min)) * (height - BOTTOM - TOP);
      const middle = (LEFT + width - RIGHT) / 2;
      const ticks = [
        shape('text', { x: 2, y: 12 }, 'typical step, log scale'),
        shape('text', { x: middle, y: height - 4, 'text-anchor': 'middle' }, 'typical gradient of a weight, log scale'),
        ...places(x).map((at) => shape('text', { x: across(at), y: height - 21, 'text-anchor': 'middle' }, power(at))),
        ...places(y).flatMap((at) => [
          shape('path', { class: 'grid', d: `M${LEFT} ${down(at)}H${width - RIGHT}` }),
          shape('text', { x: LEFT - 6, y: down(at) + 4, 'text-anchor': 'end' }, power(at)),
        ]),
      ];
      const drawings = lines.map((points, i) => {
        const { colour, marker, dash } = lanes[i];
        const line = (/** @type {'low' | 'mid' | 'high'} */ level) => points.map((point) => `${across(point.x)} ${down(point[level])}`);
        const [xs, ys] = [points.map((point) => across(point.x)), points.map((point) => down(point.mid))];
        const shapes = points.length
          ? [
              shape('path', { class: 'band', d: `M${[...line('low'), ...line('high').reverse()].join('L')}` }),
              shape('path', { d: `M${line('mid').join('L')}`, 'stroke-dasharray': dash.join() }),
              shape('text', { x: xs.join(), y: ys.join() }, MARKERS[marker].repeat(points.length)),
            ]
          : [];
        const rings = examples[i].flatMap(([at, by], k) => {
          const kind = k === 0 ? 'bias' : 'weight';
          return at >= x.min && at <= x.max ? [shape('circle', { class: kind, cx: across(at), cy: down(by), r: 4.5 })] : [];
        });
        return shape('g', { 'data-colour': colour }, ...shapes, ...rings);
      });
      const at = across(placeOf(hovered));
      const cursor = Number.isNaN(hovered) ? [] : [shape('path', { class: 'at', d: `M${at} ${TOP}V${height - BOTTOM}` })];
      svg.replaceChildren(...ticks, ...drawings, ...cursor);
    },
  };
}

/** The decades that an axis names. @param {Range} range */
export function places({ min, max }) {
  const step = max - min > 7 ? 2 : 1;
  return Array.from({ length: Math.floor((max - min) / step) + 1 }, (_, i) => min + i * step);
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
export function shape(tag, attributes, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}
