/** The panel "Push per weight": for each lane how far a weight is moved against how large its gradient is. */

import { openTable } from '../charts/chart-table.js';
import { fillLegend } from '../ui/legend.js';
import { element, part, setAttribute, setText } from '../ui/dom.js';
import { createChangeDetector } from '../model/changes.js';
import { count } from '../model/format.js';
import { goesOn } from '../model/page-state.js';
import { createWhenSeen } from '../ui/when-seen.js';
import { createPushExamples } from './push-examples.js';
import { createPushPicture } from './push-picture.js';
import { amount, decades, placeOf, pointsOf, ratioOf, seen, timesInShort, timesLess, trendOf } from './push-scale.js';

const AXES = { x: { min: -6, max: -2 }, y: { min: -6, max: -2 } };
const WORDS_EVERY_MS = 2000;

/**
 * @param {HTMLElement} host
 * @param {object} options
 * @param {HTMLDialogElement} options.tables
 * @param {(text: string) => void} options.announce
 */
export function createPushPanel(host, { tables, announce }) {
  const [plot, legend, where, sentence] = ['plot', 'legend', 'where', 'seen'].map((name) => part(host, name));
  const picture = createPushPicture(plot);
  const linesChanged = createChangeDetector();
  const lanesChanged = createChangeDetector();
  const storeChanged = createChangeDetector();
  const table = /** @type {HTMLTableElement} */ (part(host, 'examples'));
  let resting = where.textContent ?? '';
  let examples = createPushExamples(table, []);
  /** @type {Identity[]} */
  let lanes = [];
  /** Of each lane. @type {import('./push-scale.js').Point[][]} */
  let lines = [];
  /** What any lane has weights in, from quiet ones to loud ones. @type {number[]} */
  let bins = [];
  /** @type {HTMLElement[]} */
  let values = [];
  /** How many times smaller the gradient is that the words are about. */
  let ratio = NaN;
  /** How much less a weight moves then, of each lane: what its value is while nothing is hovered. @type {string[]} */
  let less = [];
  let axes = AXES;
  let hovered = NaN;
  let describedAt = -Infinity;

  const midAt = (/** @type {number} */ i, at = hovered) => lines[i].find(({ bin }) => bin === at)?.mid ?? NaN;

  function draw() {
    if (picture.visible) picture.draw({ lanes, lines, examples: examples.places, axes, hovered });
  }

  const drawWhenSeen = createWhenSeen(plot, draw);

  /** @param {number} bin NaN for none */
  function hover(bin) {
    if (Object.is(bin, hovered)) return;
    hovered = bin;
    read();
    draw();
  }

  function read() {
    const none = Number.isNaN(hovered);
    values.forEach((value, i) => setText(value, none ? (less[i] ?? '–') : amount(midAt(i))));
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
      hover(picture.nearest(bins, offsetX));
    });
  }
  for (const kind of ['pointerleave', 'blur']) plot.addEventListener(kind, () => hover(NaN));
  part(host, 'as-table').addEventListener('click', () => {
    const read = (/** @type {number} */ bin) => [`|gradient| ${amount(placeOf(bin))}`, ...lines.map((_, i) => amount(midAt(i, bin)))];
    openTable(tables, { title: 'Push per weight', lanes: lanes.map(({ name }) => name), places: bins, read });
  });
  new ResizeObserver(([{ contentRect }]) => {
    picture.resize(contentRect);
    if (picture.visible) draw();
    else hover(NaN);
  }).observe(plot);

  return {
    /** Draws it in a section that is closed, so that it can be saved. */
    drawUnseen() {
      if (picture.visible) return;
      picture.resize({ width: plot.clientWidth, height: plot.clientHeight });
      draw();
      picture.resize({ width: 0, height: 0 });
    },
    /** @param {Scene} scene */
    update({ lanes: newest, store, state }) {
      const fresh = linesChanged(newest, store, ...store.lanes.map(({ pushes }) => pushes.count));
      if (fresh) {
        if (lanesChanged(newest)) {
          lanes = newest;
          less = [];
          examples = createPushExamples(table, lanes);
          values = fillLegend(host, legend, lanes, () => [element('span', { class: 'value' })]).flat();
        }
        if (storeChanged(store)) [axes, ratio] = [AXES, NaN];
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
        examples.update(store);
        if (!picture.visible) hover(NaN);
      }
      drawWhenSeen(fresh, goesOn(state));
      const now = performance.now();
      // Words that change with every row cannot be read.
      if (state === 'racing' && now - describedAt < WORDS_EVERY_MS) return;
      describedAt = now;
      const trends = lanes.map(({ lane }) => trendOf(store.lanes[lane]?.pushes));
      ratio = ratioOf(trends, ratio);
      less = trends.map((trend) => (trend && !Number.isNaN(ratio) ? timesInShort(timesLess(trend.slope, ratio)) : '–'));
      if (!Number.isNaN(ratio)) resting = `fitted line, with a ${count(ratio)} times smaller gradient`;
      read();
      const still = store.lanes.some(({ pushes }) => pushes.count > 0) && lines.every((points) => points.length === 0);
      const said = seen(
        lanes.map(({ name }, i) => ({ name, trend: trends[i] })),
        ratio,
        still,
      );
      setText(sentence, said);
      setAttribute(plot, 'aria-label', `Push per weight: ${said} Arrow keys read values.`);
    },
  };
}
