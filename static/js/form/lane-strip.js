/** The lanes of the next race: one chip each, with its name, which opens the editor, and its own learning rate. */

import { sameConfig } from '../model/address.js';
import { createChangeDetector } from '../model/changes.js';
import { element, part, setAttribute, setText, swatch } from '../ui/dom.js';
import { createField, fieldElement } from './field.js';
import { createLaneEditor } from './lane-editor.js';
import { choicesOf, identify, usualLane } from '../model/lanes.js';
import { laneChoices } from '../model/choices.js';

/**
 * @param {HTMLElement} host
 * @param {Limits} limits
 * @param {() => Config} draft the whole config, with these lanes
 * @param {() => void} changed
 */
export function createLaneStrip(host, limits, draft, changed) {
  const list = part(host, 'chips');
  const add = part(host, 'add');
  const [fewest, most] = limits.settings.lanes.length;
  /** @type {Config['lanes']} */
  let lanes = [];
  /** @type {ReturnType<typeof createChip>[]} */
  let chips = [];
  let identitiesChanged = createChangeDetector();
  let edited = 0;
  const editor = createLaneEditor(/** @type {HTMLDialogElement} */ (part(document, 'lane-editor')), limits, {
    switched(optimizer) {
      take(lanes.with(edited, { ...usualLane(optimizer, limits), schedule: lanes[edited].schedule }));
      editor.fill(identify(draft(), limits)[edited], lanes[edited]);
    },
    chosen: (dial, value) => choose(edited, dial, value),
    removed: () => remove(edited),
    closed: () => chips[edited].button.focus(),
  });

  add.addEventListener('click', () => {
    const names = Object.keys(limits.optimizers);
    const fresh = names.find((name) => lanes.every(({ optimizer }) => optimizer !== name)) ?? names[0];
    take([...lanes, usualLane(fresh, limits)]);
    edit(lanes.length - 1);
  });

  /** @param {Config['lanes']} wanted */
  function take(wanted) {
    lanes = wanted;
    arrange();
    changed();
  }

  /** @param {number} at @param {string} dial @param {any} value */
  function choose(at, dial, value) {
    take(lanes.with(at, { ...lanes[at], [dial]: value }));
  }

  /** @param {number} at */
  function remove(at) {
    chips.splice(at, 1);
    take(lanes.toSpliced(at, 1));
    edited = Math.min(at, lanes.length - 1);
  }

  /** @param {number} at */
  function edit(at) {
    edited = at;
    editor.fill(identify(draft(), limits)[at], lanes[at]);
    editor.open(chips[at].node, lanes.length > fewest);
  }

  function arrange() {
    const config = draft();
    const identities = identify(config, limits);
    if (identitiesChanged(...identities.map(({ key, colour }) => key + colour))) {
      // A new chip keeps a text that is no value yet.
      const texts = chips.map(({ field }) => (field.unsettled ? field.text : ''));
      chips = identities.map(createChip);
      list.replaceChildren(...chips.map(({ node }) => node));
      chips.forEach(({ field }, i) => texts[i] && field.type(texts[i]));
    }
    chips.forEach(({ field, input, choices, removal, rename }, i) => {
      rename(identities[i].name);
      removal.hidden = lanes.length <= fewest;
      if (!field.unsettled) field.set(lanes[i].learning_rate);
      setAttribute(input, 'placeholder', String(config.learning_rate));
      setText(choices, choicesOf(config, lanes[i], limits));
    });
    add.hidden = lanes.length >= most;
  }

  /** @param {Identity} identity */
  function createChip(identity) {
    const [{ choice: rate }] = laneChoices(identity, limits);
    // Without one of its own a lane's field is empty, and shows the shared one faintly.
    const choice = {
      ...rate,
      format: (/** @type {any} */ value) => (value === null ? '' : rate.format(value)),
      presets: rate.presets.slice(1),
    };
    const fieldNode = fieldElement(`rate-${identity.key}`, choice, choice.label);
    const input = part(fieldNode, 'input');
    const label = /** @type {HTMLElement} */ (fieldNode.querySelector('label'));
    setAttribute(input, 'form', 'settings');
    setAttribute(input, 'title', 'Its own learning rate; empty, the shared one');
    const field = createField(fieldNode, choice, () => {
      if (field.value !== undefined) choose(identity.lane, 'learning_rate', field.value);
    });
    const [name, choices] = [element('span'), element('span', { class: 'choices' })];
    const removal = element('button', { type: 'button', class: 'plain icon remove' }, '×');
    const button = element(
      'button',
      { type: 'button', class: 'row', 'aria-haspopup': 'dialog' },
      element('span', { class: 'unseen' }, 'Change'),
      swatch(identity),
      name,
      choices,
    );
    button.addEventListener('click', () => edit(identity.lane));
    removal.addEventListener('click', () => {
      remove(identity.lane);
      chips[edited].button.focus();
    });
    /** Its name says what distinguishes it, and follows that. @param {string} now */
    function rename(now) {
      setText(name, now);
      setAttribute(removal, 'aria-label', `Remove ${now}`);
      choice.label = `${now} ${rate.label.slice(identity.name.length + 1)}`;
      setText(label, choice.label);
    }
    return { node: element('li', { class: 'chip' }, button, fieldNode, removal), field, input, choices, removal, rename, button };
  }

  return {
    /** @param {Config} config */
    load(config) {
      lanes = config.lanes;
      chips = [];
      identitiesChanged = createChangeDetector();
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
      chips.forEach(({ node }, i) => setAttribute(node, 'data-differs', racing && !sameConfig(lanes[i], racing.lanes[i]) ? '' : null));
    },
  };
}
