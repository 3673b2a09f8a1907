/**
 * The test digits that the lanes disagree on, with each lane's answer. A digit that stays keeps its place, so that
 * only what is new moves.
 */

import { SIDE } from './centre-digit.js';
import { paintDigit, pixelsOf } from './digit-canvas.js';
import { element, setAttribute, setText } from '../ui/dom.js';
import { createChangeDetector } from '../model/changes.js';
import { aDigit, list } from '../model/format.js';
import { goesOn } from '../model/page-state.js';
import { ofSeed } from '../model/series.js';
import { createWhenSeen } from '../ui/when-seen.js';

const SLOTS = 10;

/** @param {HTMLElement} host a list @param {HTMLElement} title */
export function createHardDigits(host, title) {
  const slots = Array.from({ length: SLOTS }, createSlot);
  host.replaceChildren(...slots.map(({ node }) => node));
  const changed = createChangeDetector();
  /** @type {Scene | null} */
  let shown = null;
  const showWhenSeen = createWhenSeen(host, () => {
    const placed = place(shown?.run?.hard_digits.slice(0, SLOTS) ?? []);
    placed.forEach((digit, i) => slots[i].show(digit, shown?.lanes ?? []));
  });

  /** @param {HardDigit[]} digits */
  function place(digits) {
    const staying = new Set(digits.map(({ index }) => index));
    const held = new Set(slots.flatMap(({ index }) => (index !== null && staying.has(index) ? [index] : [])));
    const arriving = digits.filter(({ index }) => !held.has(index));
    return slots.map((slot) => {
      if (slot.index !== null && held.has(slot.index)) return digits.find(({ index }) => index === slot.index) ?? null;
      return arriving.shift() ?? null;
    });
  }

  return {
    /** @param {Scene} scene */
    update(scene) {
      const { run, lanes, store, state } = scene;
      const seed = ofSeed(scene);
      setText(title, seed ? `Hard digits · ${seed}` : 'Hard digits');
      shown = scene;
      showWhenSeen(changed(run?.id, store.runVersion, lanes), goesOn(state));
    },
  };
}

function createSlot() {
  const canvas = element('canvas', { width: String(SIDE), height: String(SIDE), class: 'paper', 'aria-hidden': 'true' });
  const answers = element('span', { class: 'answers', 'aria-hidden': 'true' });
  const words = element('span', { class: 'unseen' });
  const node = element('li', { class: 'digit', 'data-empty': '' }, canvas, answers, words);
  /** @param {Uint8Array} grey */
  function paint(grey) {
    paintDigit(canvas, grey);
    setAttribute(canvas, 'data-inked', '');
  }

  const slot = {
    node,
    /** @type {number | null} */
    index: null,
    /**
     * @param {HardDigit | null} digit
     * @param {Identity[]} lanes
     */
    show(digit, lanes) {
      setAttribute(node, 'data-empty', digit ? null : '');
      if (digit?.index !== slot.index) {
        slot.index = digit?.index ?? null;
        canvas.getContext('2d')?.clearRect(0, 0, SIDE, SIDE);
        setAttribute(canvas, 'data-inked', null);
        const wanted = slot.index;
        if (wanted !== null)
          pixelsOf(wanted).then(
            (grey) => wanted === slot.index && paint(grey),
            () => {},
          );
      }
      while (answers.childElementCount < lanes.length) answers.append(element('span', {}, '·'));
      while (answers.childElementCount > lanes.length) answers.lastElementChild?.remove();
      lanes.forEach((lane, i) => {
        const answer = digit?.answers[i] ?? null;
        const mark = answers.children[i];
        setAttribute(mark, 'data-colour', lane.colour);
        setAttribute(mark, 'data-wrong', digit && answer && answer.digit !== digit.label ? '' : null);
        setText(mark, answer ? String(answer.digit) : '·');
      });
      const said = digit && sentence(digit, lanes);
      setText(words, said ?? 'empty');
      setAttribute(node, 'title', said);
    },
  };
  return slot;
}

/** @param {HardDigit} digit @param {Identity[]} lanes */
function sentence({ label, answers }, lanes) {
  const said = lanes.flatMap(({ name }, i) => {
    const answer = answers[i];
    if (!answer) return [];
    const sure = answer.confidence === null ? '' : ` (${Math.round(answer.confidence * 100)} % sure)`;
    return [`${name} says ${answer.digit}${answer.digit === label ? '' : ', wrongly'}${sure}`];
  });
  return [`This is ${aDigit(label)}.`, ...(said.length > 0 ? [`${list(said)}.`] : [])].join(' ');
}
