/** The lanes of the next race: one chip each, with its name, which opens the editor, and its own learning rate. */

import { sameConfig } from './address.js';
import { element, part, setAttribute, setText, swatch } from './dom.js';
import { createField, fieldElement } from './field.js';
import { createLaneEditor } from './lane-editor.js';
import { choicesOf, identify, usualLane } from './lanes.js';
import { laneProps } from './props.js';

/** @typedef {import('./types').Config} Config */
/** @typedef {import('./types').LaneConfig} LaneConfig */

/**
 * @param {HTMLElement} host
 * @param {object} options
 * @param {import('./types').Limits} options.limits
 * @param {() => Config} options.draft the whole config, with these lanes
 * @param {() => void} options.changed
 */
export function createLaneStrip(host, { limits, draft, changed }) {
  const list = part(host, 'chips');
  const add = part(host, 'add');
  /** @type {LaneConfig[]} */
  let lanes = [];
  /** @type {ReturnType<typeof createChip>[]} */
  let chips = [];
  let madeFor = '';
  let edited = 0;
  const editor = createLaneEditor(/** @type {HTMLDialogElement} */ (part(document, 'lane-editor')), {
    limits,
    switched(optimizer) {
      const { schedule } = lanes[edited];
      replace(edited, { ...usualLane(optimizer, limits.optimizers), schedule });
      editor.fill(identify(draft())[edited], lanes[edited]);
    },
    chosen: (dial, value) => replace(edited, { ...lanes[edited], [dial]: value }),
    removed() {
      lanes = lanes.filter((_, i) => i !== edited);
      chips.splice(edited, 1);
      edited = Math.min(edited, lanes.length - 1);
      arrange();
      changed();
    },
    closed: () => chips[edited]?.focus(),
  });

  add.addEventListener('click', () => {
    const taken = new Set(lanes.map(({ optimizer }) => optimizer));
    const names = /** @type {import('./types').Optimizer[]} */ (Object.keys(limits.optimizers));
    lanes = [...lanes, usualLane(names.find((name) => !taken.has(name)) ?? names[0], limits.optimizers)];
    arrange();
    changed();
    edit(lanes.length - 1);
  });

  /** @param {number} at */
  function edit(at) {
    edited = at;
    editor.open(identify(draft())[at], lanes[at], { removable: lanes.length > limits.ranges.lanes[0], below: chips[at].node });
  }

  /** @param {number} at @param {LaneConfig} lane */
  function replace(at, lane) {
    lanes = lanes.map((each, i) => (i === at ? lane : each));
    arrange();
    changed();
  }

  /** Shows the lanes as they are. */
  function arrange() {
    const config = draft();
    const identities = identify(config);
    const wanted = identities.map(({ key, tint }) => key + tint).join();
    if (wanted !== madeFor) {
      // A text that is no value yet outlives a new chip.
      const texts = chips.map(({ field }) => (field.value === undefined ? field.text : null));
      chips = identities.map((identity, i) => createChip(identity, i));
      list.replaceChildren(...chips.map(({ node }) => node));
      chips.forEach(({ field }, i) => texts[i] != null && madeFor && field.type(texts[i]));
      madeFor = wanted;
    }
    chips.forEach((chip, i) => chip.show(config, i));
    add.hidden = lanes.length >= limits.ranges.lanes[1];
  }

  /** @param {import('./types').Identity} identity @param {number} at */
  function createChip(identity, at) {
    const [{ prop }] = laneProps(identity, limits);
    const format = (/** @type {number | null} */ rate) => (rate === null ? '' : prop.format(rate));
    const own = { ...prop, format, presets: prop.presets.filter((rate) => rate !== null) };
    const fieldNode = fieldElement(`rate-${identity.key}`, own, prop.label);
    const input = part(fieldNode, 'input');
    setAttribute(input, 'form', 'settings');
    setAttribute(input, 'title', 'Its own learning rate; empty, the shared one');
    const field = createField(fieldNode, own, () => {
      if (field.value !== undefined) replace(at, { ...lanes[at], learning_rate: field.value });
    });
    const choices = element('span', { class: 'choices' });
    const button = element('button', { type: 'button', 'aria-haspopup': 'dialog', title: 'Change this lane' }, element('span', { class: 'unseen' }, 'Change'), swatch(identity), identity.name, choices);
    button.addEventListener('click', () => edit(at));
    const node = element('li', { class: 'chip', 'data-tint': identity.tint }, button, fieldNode);
    return {
      node,
      field,
      focus: () => button.focus(),
      /** @param {Config} config @param {number} lane */
      show(config, lane) {
        if (field.value !== undefined) field.set(config.lanes[lane].learning_rate ?? null);
        setAttribute(input, 'placeholder', String(config.learning_rate));
        setText(choices, choicesOf(config, lane, limits.optimizers));
      },
    };
  }

  return {
    /** @param {Config} config */
    load(config) {
      lanes = config.lanes;
      chips = [];
      madeFor = '';
      arrange();
    },
    get lanes() {
      return lanes;
    },
    get fields() {
      return chips.map(({ field }) => field);
    },
    /** @param {Config | null} racing the config of the run on show */
    compare(racing) {
      arrange();
      chips.forEach(({ node }, i) => {
        const now = { ...lanes[i], learning_rate: lanes[i].learning_rate ?? null };
        setAttribute(node, 'data-differs', racing && !(racing.lanes[i] && sameConfig(/** @type {any} */ (now), /** @type {any} */ (racing.lanes[i]))) ? '' : null);
      });
    },
  };
}
