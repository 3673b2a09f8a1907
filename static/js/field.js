/**
 * One choice of the visitor: a text field for any value, a native menu of sensible ones, and a message in words when
 * the text is not a value. What was typed is never taken away.
 */

import { element, part, setAttribute, setText } from './dom.js';
import { understand } from './props.js';

/**
 * @param {HTMLElement} host
 * @param {import('./types').Prop} prop
 * @param {() => void} changed the text was changed for good: the field was left, or a preset was chosen
 */
export function createField(host, prop, changed) {
  const input = /** @type {HTMLInputElement} */ (part(host, 'input'));
  const problem = part(host, 'problem');
  const menu = /** @type {HTMLSelectElement | null} */ (host.querySelector('[data-part="presets"]'));

  function check() {
    const understood = understand(prop, input.value);
    complain(understood.problem);
    return understood;
  }

  /** @param {string | null} message */
  function complain(message) {
    setText(problem, message ?? '');
    setAttribute(input, 'aria-invalid', message ? 'true' : null);
    setAttribute(host, 'data-invalid', message ? '' : null);
  }

  input.addEventListener('input', () => {
    // A message goes as soon as the text is right, but comes only when the field is left.
    if (understand(prop, input.value).problem === null) complain(null);
  });
  input.addEventListener('change', () => {
    check();
    changed();
  });

  if (menu) {
    menu.append(
      element('option', { value: '', hidden: '', disabled: '' }),
      ...prop.presets.map((preset) => element('option', { value: prop.format(preset) }, prop.format(preset))),
    );
    menu.value = '';
    menu.addEventListener('change', () => {
      input.value = menu.value;
      menu.value = '';
      check();
      changed();
    });
    input.addEventListener('keydown', (event) => {
      if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
      event.preventDefault();
      const texts = prop.presets.map(prop.format);
      const at = texts.indexOf(input.value.trim());
      const next = at < 0 ? 0 : at + (event.key === 'ArrowDown' ? 1 : -1);
      if (texts[next] === undefined) return;
      input.value = texts[next];
      check();
      changed();
    });
  }

  return {
    prop,
    read: check,
    complain,
    get text() {
      return input.value;
    },
    /** The value, or null while the text is none; shows no message. */
    get value() {
      return understand(prop, input.value).value;
    },
    /** @param {any} value */
    set(value) {
      const text = prop.format(value);
      if (understand(prop, input.value).value === null || prop.format(understand(prop, input.value).value) !== text) input.value = text;
      complain(null);
    },
    focus() {
      input.focus();
      input.select();
    },
    /** Whether the next run will differ here from the one on show. @param {boolean} differs */
    mark(differs) {
      setAttribute(host, 'data-differs', differs ? '' : null);
    },
  };
}

/** @typedef {ReturnType<typeof createField>} Field */

/**
 * The same field as the template's, for lanes, whose number is not known there.
 * @param {import('./types').Identity} lane
 */
export function laneFieldElement(lane) {
  const id = `learning-rate-${lane.key}`;
  return element(
    'div',
    { class: 'field', 'data-field': `${lane.key}.learning_rate`, 'data-tint': lane.tint },
    element('label', { for: id }, lane.name, element('span', { class: 'unseen' }, ' learning rate')),
    element(
      'div',
      { class: 'entry' },
      element('input', { id, 'data-part': 'input', inputmode: 'decimal', autocomplete: 'off', spellcheck: 'false', 'aria-describedby': `${id}-problem` }),
      element('select', { 'data-part': 'presets', 'aria-label': `${lane.name} learning rate: usual values`, tabindex: '-1' }),
    ),
    element('p', { id: `${id}-problem`, class: 'problem', 'data-part': 'problem' }),
  );
}
