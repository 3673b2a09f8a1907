/** The panel "Followed weights": three weights, the same in every lane, and their gradients and steps from batch to batch. */

import { part, setAttribute, setText } from '../ui/dom.js';
import { createChangeDetector } from '../model/changes.js';
import { goesOn } from '../model/page-state.js';
import { createWhenSeen } from '../ui/when-seen.js';
import { createFollowedPicture } from './followed-picture.js';
import { amount, examplesOf, historyOf, INK } from './push-scale.js';

/** @typedef {import('./push-scale.js').History} History */

/** Of these rules the page How it works has the numbers, as `app/training/trace.py` says. */
const NUMBERED = ['sgd', 'momentum', 'adam'];

/** @param {HTMLElement} host */
export function createFollowedPanel(host) {
  const [plot, where, update] = ['plot', 'where', 'one-update'].map((name) => part(host, name));
  const link = /** @type {HTMLAnchorElement} */ (update.firstElementChild);
  const page = link.href;
  const picture = createFollowedPicture(plot);
  const rowsChanged = createChangeDetector();
  /** @type {Scene | null} */
  let shown = null;

  function draw() {
    if (!shown || !picture.visible) return;
    const { lanes, store } = shown;
    picture.draw(lanes.map((lane) => ({ ...lane, histories: INK.map((_, i) => historyOf(store.lanes[lane.lane]?.pushes, i + 1)) })));
  }

  new ResizeObserver(([{ contentRect }]) => {
    picture.resize(contentRect);
    draw();
  }).observe(plot);

  const drawWhenSeen = createWhenSeen(plot, draw);

  /** @param {Scene} scene */
  function write({ lanes, store }) {
    const told = lanes.map(({ lane }) => examplesOf(store.lanes[lane]?.pushes, store.run?.config.hidden[0] ?? NaN));
    const unit = told.find((examples) => examples.length)?.[0].unit;
    setText(where, `of three weights${unit === undefined ? '' : ` to hidden unit ${unit}`}, the same in every network`);
    update.hidden = store.run === null || !lanes.some(({ optimizer }) => NUMBERED.includes(optimizer));
    if (store.run) link.href = `${page}?run=${encodeURIComponent(store.run.id)}#one-update`;
    setAttribute(host, 'data-empty', unit === undefined ? '' : null);
    setAttribute(plot, 'aria-label', `Followed weights: ${lanes.map(({ name }, i) => spoken(name, told[i])).join(' ')}`);
  }

  return {
    /** @param {Scene} scene */
    update(scene) {
      const { lanes, store, state } = scene;
      const fresh = rowsChanged(lanes, store, ...store.lanes.map(({ pushes }) => pushes.count));
      if (fresh) write((shown = scene));
      drawWhenSeen(fresh, goesOn(state));
    },
  };
}

/** @param {string} name @param {ReturnType<typeof examplesOf>} examples */
function spoken(name, examples) {
  if (examples.length === 0) return `${name}: no values yet.`;
  const values = examples.slice(1).map(({ gradient, change }, i) => `${INK[i]}: gradient ${written(gradient)}, step ${written(change)}`);
  return `${name}: ${values.join('; ')}.`;
}

/** @param {number} value */
const written = (value) => (value === 0 ? '0' : amount(Math.log10(value)));
