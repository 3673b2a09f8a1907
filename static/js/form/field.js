/**
 * One choice of the visitor: a text field for any value, a native menu of sensible ones, and a message in words when
 * the text is not a value. What was typed is never taken away.
 */

import { element, part, setAttribute, setText } from '../ui/dom.js';
import { understand } from '../model/choices.js';

/**
 * @param {HTMLElement} host
 * @param {Choice} choice
 * @param {() => void} changed the text was changed for good: the field was left, or a preset was chosen
 */
export function createField(host, choice, changed) {
  const input = /** @type {HTMLInputElement | HTMLSelectElement} */ (part(host, 'input'));
  const problem = part(host, 'problem');
  const menu = /** @type {HTMLSelectElement | null} */ (host.querySelector('[data-part="presets"]'));
  // Since it was last left.
  let typed = false;

  function check() {
    const understood = understand(choice, input.value);
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
    typed = true;
    // A message disappears as soon as the text is right, but appears only when the field is left.
    if (understand(choice, input.value).problem === null) complain(null);
  });
  input.addEventListener('change', () => {
    typed = false;
    const { value, problem } = check();
    // An unusual spelling is replaced by how it was read.
    if (problem === null && value !== null && String(value) !== input.value.trim()) input.value = choice.format(value);
    changed();
  });

  const options = choice.presets.map((preset) =>
    element('option', { value: choice.format(preset) }, choice.words?.[preset] ?? choice.format(preset)),
  );
  if (input instanceof HTMLSelectElement) input.append(...options);
  if (menu) {
    menu.append(element('option', { value: '', hidden: '', disabled: '' }), ...options);
    menu.value = '';
    menu.addEventListener('change', () => {
      input.value = menu.value;
      menu.value = '';
      check();
      changed();
    });
    input.addEventListener('keydown', (/** @type {any} */ event) => {
      if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
      event.preventDefault();
      const texts = choice.presets.map(choice.format);
      const at = texts.indexOf(input.value.trim());
      const next = at < 0 ? 0 : at + (event.key === 'ArrowDown' ? 1 : -1);
      if (texts[next] === undefined) return;
      input.value = texts[next];
      check();
      changed();
    });
  }

  return {
    choice,
    read: check,
    complain,
    get text() {
      return input.value;
    },
    /** Whether there is a text that is not, or not yet, the value chosen. */
    get unsettled() {
      return typed || understand(choice, input.value).value === undefined;
    },
    /** The value, or undefined while the text is none; shows no message. */
    get value() {
      return understand(choice, input.value).value;
    },
    /** @param {any} value */
    set(value) {
      const text = choice.format(value);
      const shown = understand(choice, input.value);
      if (input.value === '' || shown.problem !== null || choice.format(shown.value) !== text) input.value = text;
      typed = false;
      complain(null);
    },
    /** @param {string} text which may be no value */
    type(text) {
      input.value = text;
      check();
    },
    focus() {
      input.focus();
      if (input instanceof HTMLInputElement) input.select();
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
 * @param {string} id
 * @param {Choice} choice
 * @param {string} label
 * @param {string} [help] what it is, in a sentence
 */
export function fieldElement(id, choice, label, help) {
  const told = help ? [element('p', { id: `${id}-help`, class: 'help muted' }, help)] : [];
  const attributes = { id, 'data-part': 'input', 'aria-describedby': `${told.length > 0 ? `${id}-help ` : ''}${id}-problem` };
  const entry = choice.words
    ? [element('select', attributes)]
    : [
        element('input', { ...attributes, inputmode: 'decimal', autocomplete: 'off', spellcheck: 'false' }),
        element('select', { 'data-part': 'presets', 'aria-label': `${choice.label}: usual values`, tabindex: '-1' }),
      ];
  return element(
    'div',
    { class: 'field', 'data-field': choice.name },
    element('label', { for: id }, label),
    element('div', { class: 'entry' }, ...entry),
    ...told,
    element('p', { id: `${id}-problem`, class: 'problem', 'data-part': 'problem' }),
  );
}
