/** The fields of the next race, read and written as one config. */

import { sameConfig } from './address.js';
import { part, setAttribute } from './dom.js';
import { createField } from './field.js';
import { createLearningRates } from './learning-rates.js';
import { configProps } from './props.js';

/** @typedef {import('./types').Config} Config */

/**
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {Record<string, [number, number]>} options.ranges
 * @param {() => void} options.changed a choice was made
 * @param {() => void} options.submitted enter was pressed in a field
 */
export function createSettingsForm(form, { ranges, changed, submitted }) {
  const note = part(form, 'next-run');
  const disclosure = part(document, 'settings-toggle');
  const fields = Object.fromEntries(
    configProps(ranges).map((prop) => {
      const host = /** @type {HTMLElement} */ (form.querySelector(`[data-field="${prop.name}"]`));
      return [prop.name, createField(host, prop, changed)];
    }),
  );
  const rates = createLearningRates(part(form, 'learning-rates'), { shared: fields.learning_rate, ranges, changed });
  /** What the fields are filled in on top of. @type {Config} */
  let base;

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submitted();
  });
  part(form, 'new-seed').addEventListener('click', () => {
    fields.seed.set(Math.floor(Math.random() * 10_000));
    changed();
  });
  disclosure.addEventListener('click', () => open(disclosure.getAttribute('aria-expanded') !== 'true'));

  /** Only narrow pages fold the fields away. @param {boolean} wanted */
  function open(wanted) {
    setAttribute(disclosure, 'aria-expanded', String(wanted));
    setAttribute(form, 'data-open', wanted ? '' : null);
  }

  /** The fields as a config; where a text is no value, the last one that was. @returns {Config} */
  function draft() {
    const config = { ...base };
    for (const [name, field] of Object.entries(fields)) {
      if (field.value !== null) /** @type {any} */ (config)[name] = field.value;
    }
    return { ...config, lanes: rates.apply(config) };
  }

  function active() {
    const { learning_rate: _, ...others } = fields;
    return [...rates.active, ...Object.values(others)];
  }

  return {
    /** @param {Config} config */
    load(config) {
      base = config;
      for (const [name, field] of Object.entries(fields)) field.set(/** @type {any} */ (config)[name]);
      rates.load(config);
    },
    draft,
    /** The config to start, or null after pointing at the first field that is wrong. @returns {Config | null} */
    read() {
      const wrong = active().filter((field) => field.read().problem !== null);
      if (wrong.length === 0) return draft();
      open(true);
      wrong[0].focus();
      return null;
    },
    /**
     * The server refused a field after all.
     * @param {string} message beginning with the field's name
     * @returns {boolean} whether it was about one of the fields
     */
    complain(message) {
      const name = /^[\w.]+/.exec(message)?.[0] ?? '';
      const field = fields[name] ?? rates.field(name);
      if (!field) return false;
      open(true);
      field.complain(message);
      field.focus();
      return true;
    },
    /** @param {Config | null} racing the config of the run on show */
    compare(racing) {
      for (const [name, field] of Object.entries(fields)) {
        const differs = racing !== null && field.value !== null && field.prop.format(field.value) !== field.prop.format(/** @type {any} */ (racing)[name]);
        field.mark(differs);
      }
      rates.mark(racing);
      note.hidden = racing === null || sameConfig(draft(), racing);
    },
    /** One line for narrow pages, where the fields are folded away. */
    summary() {
      const config = draft();
      const own = config.lanes.map((lane) => lane.learning_rate ?? config.learning_rate);
      const rate = own.every((each) => each === own[0]) ? own[0] : own.join(' / ');
      return `lr ${rate} · batch ${config.batch_size} · ${config.epochs} ep · ${config.hidden.join(', ')} hidden · seed ${config.seed}`;
    },
  };
}
