/** The fields of the next race, read and written as one config. */

import { sameConfig } from '../model/address.js';
import { part, setAttribute, setText } from '../ui/dom.js';
import { createField } from './field.js';
import { createLaneStrip } from './lane-strip.js';
import { list } from '../model/format.js';
import { goalOf, identify } from '../model/lanes.js';
import { configChoices, summaryOf } from '../model/choices.js';

/**
 * @param {HTMLFormElement} form
 * @param {object} options
 * @param {Bootstrap} options.limits
 * @param {() => void} options.changed a choice was made
 * @param {() => void} options.submitted enter was pressed in a field
 */
export function createSettingsForm(form, { limits, changed, submitted }) {
  const note = part(form, 'next-run');
  const disclosure = part(document, 'settings-toggle');
  const verb = part(disclosure, 'settings-verb');
  const fields = Object.fromEntries(
    configChoices(limits).map((choice) => {
      const host = /** @type {HTMLElement} */ (document.querySelector(`[data-field="${choice.name}"]`));
      return [choice.name, createField(host, choice, changed)];
    }),
  );
  const lanes = createLaneStrip(part(document, 'lanes'), limits, draft, changed);
  const moreToggle = part(document, 'more-toggle');
  const more = part(document, 'more');
  const moreSummary = part(moreToggle, 'more-summary');
  const goal = part(more, 'goal');
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
  disclosure.addEventListener('click', toggle);

  moreToggle.addEventListener('click', () => openMore(Boolean(more.hidden)));

  /** @param {boolean} wanted */
  function openMore(wanted) {
    setAttribute(moreToggle, 'aria-expanded', String(wanted));
    more.hidden = !wanted;
  }

  function toggle() {
    open(disclosure.getAttribute('aria-expanded') !== 'true');
  }

  /** @param {boolean} wanted */
  function open(wanted) {
    setAttribute(disclosure, 'aria-expanded', String(wanted));
    part(document, 'drawer').hidden = !wanted;
  }

  /** The fields as a config; where a text is no value, the last one that was. @returns {Config} */
  function draft() {
    const config = { ...base, lanes: lanes.lanes };
    for (const [name, field] of Object.entries(fields)) {
      if (field.value !== undefined) /** @type {any} */ (config)[name] = field.value;
    }
    return config;
  }

  /** Points at a field, wherever it is folded away. @param {import('./field.js').Field} field */
  function pointAt(field) {
    open(true);
    if (limits.settings[field.choice.name]?.more) openMore(true);
    field.focus();
  }

  return {
    /** Opens the drawer, or closes it. */
    toggle,
    /** Makes room for a race that starts; what it returns opens the drawer again, if it was open. */
    makeRoom() {
      const drawer = part(document, 'drawer');
      const opened = !drawer.hidden;
      // What has the focus loses it when it is hidden.
      if (drawer.contains(document.activeElement)) disclosure.focus();
      open(false);
      return () => {
        if (opened) open(true);
      };
    },
    /** @param {Config} config */
    load(config) {
      base = config;
      for (const [name, field] of Object.entries(fields)) field.set(/** @type {any} */ (config)[name]);
      lanes.load(config);
    },
    draft,
    /** The config to start, or null after pointing at the first field that is wrong. @returns {Config | null} */
    read() {
      const wrong = [...Object.values(fields), ...lanes.fields].filter((field) => field.read().problem !== null);
      if (wrong.length === 0) return draft();
      pointAt(wrong[0]);
      return null;
    },
    /**
     * The server refused a field after all.
     * @param {string} message beginning with the field's name
     * @returns {boolean} whether it was about one of the fields
     */
    complain(message) {
      const name = /^[\w.]+/.exec(message)?.[0] ?? '';
      const field = fields[name];
      if (!field) return false;
      field.complain(message);
      pointAt(field);
      return true;
    },
    /** @param {Config | null} racing the config of the run on show @param {boolean} goesOn and could be stopped */
    compare(racing, goesOn) {
      for (const [name, field] of Object.entries(fields)) {
        const { value, choice } = field;
        field.mark(
          racing !== null && value !== undefined && choice.format(value) !== choice.format(/** @type {any} */ (racing)[name] ?? null),
        );
      }
      lanes.compare(racing);
      setText(moreSummary, summaryOf(draft(), limits, { wanted: ({ more }) => more }));
      setText(goal, `Trains ${fields.target_accuracy.value ? '' : 'for '}${goalOf(draft())}.`);
      const same = racing === null || sameConfig(draft(), racing);
      note.hidden = same && !goesOn;
      part(note, 'run-settings').hidden = same;
      setText(verb, goesOn ? 'New race' : 'Change settings');
      setText(part(disclosure, 'settings-verb-more'), goesOn ? ' with other settings' : '');
      const later = `Changes apply to the next run.${goesOn ? ' Run now stops this one.' : ''}`;
      setText(part(note, 'next-run-words'), same ? 'Run now stops this race and starts a new one.' : later);
    },
    /** @param {'said' | 'short'} [length] short where there is little room */
    summary: (length) => `${note.hidden || part(note, 'run-settings').hidden ? '' : 'Next: '}${summaryOf(draft(), limits, { length })}`,
    /** What its lanes are called. */
    lanes: () => list(identify(draft(), limits).map(({ name }) => name)),
  };
}
