/**
 * Everything a visitor can choose, as the server lists it (app/choices.py): fields, the address, messages about wrong entries and
 * summaries are made from it.
 */

import { CHOICE_TYPES, option } from './choice-types.js';
import { count } from './format.js';

/** @typedef {Pick<Bootstrap, 'said' | 'settings' | 'config'>} SaidChoices what is usual, and the rows that are said */

/** @param {ChoiceRow} row @returns {Choice} */
const choiceOf = (row) => CHOICE_TYPES[row.kind](row);

/** The fields of the next race. @param {Limits} limits */
export function configChoices({ settings }) {
  return Object.values(settings)
    .filter(({ kind }) => kind !== 'optimizers')
    .map(choiceOf);
}

/** How a race is shown, and how fast it goes. @param {Limits} limits */
export function viewChoices({ view }) {
  return Object.values(view).map(choiceOf);
}

/** How a race is shown when nothing is chosen. @param {Limits} limits */
export function defaultView({ view }) {
  const defaults = Object.values(view).map((row) => [row.name, row.default]);
  return /** @type {ViewChoices} */ (Object.fromEntries(defaults));
}

/**
 * Which optimizers race, as the address names them.
 * @param {Limits} limits
 * @returns {Choice<Optimizer[]>}
 */
export function lanesChoice({ settings: { lanes }, optimizers }) {
  const [fewest, most] = lanes.length;
  return {
    ...lanes,
    expected: `${fewest} to ${most} of ${Object.values(optimizers)
      .map(({ label }) => label)
      .join(', ')}`,
    parse(text) {
      const names = text
        .trim()
        .toLowerCase()
        .split(/\s*,\s*/)
        .map((typed) => Object.keys(optimizers).find((name) => name === typed || optimizers[name].label.toLowerCase() === typed));
      const fits = names.length >= fewest && names.length <= most && !names.includes(undefined);
      return fits ? /** @type {Optimizer[]} */ (names) : undefined;
    },
    format: (value) => value.join(','),
  };
}

/** The names of all that can be chosen for a lane, in the order in which it is shown. @param {Optimizer} optimizer @param {Limits} limits */
export function dialsOf(optimizer, { lane_settings, optimizers }) {
  const own = Object.keys(optimizers[optimizer].hyperparameters);
  return Object.keys(lane_settings).flatMap((name) => (name === 'weight_decay' ? [...own, name] : [name]));
}

/**
 * Everything that can be chosen for one lane, under its key.
 * @param {Pick<Identity, 'key' | 'name' | 'optimizer'>} lane
 * @param {Limits} limits
 * @returns {{ dial: string, choice: Choice }[]}
 */
export function laneChoices({ key, name, optimizer }, limits) {
  const { lane_settings } = limits;
  const { hyperparameters, weight_decay } = limits.optimizers[optimizer];
  /** @param {number[]} presets @param {number} usual */
  const among = (presets, usual) => [...new Set([usual, ...presets])].sort((a, b) => a - b);
  /** @type {Record<string, Partial<ChoiceRow>>} */
  const others = { learning_rate: { none: 'shared' }, weight_decay: { presets: among(lane_settings.weight_decay.presets, weight_decay) } };
  for (const [dial, { label, help, default: usual, low, high, presets }] of Object.entries(hyperparameters))
    others[dial] = { ...lane_settings.weight_decay, label, help, range: [low, high], presets: among(presets, usual) };
  return dialsOf(optimizer, limits).map((dial) => {
    const row = { ...lane_settings[dial], ...others[dial] };
    return { dial, choice: choiceOf({ ...row, name: `${key}.${dial}`, label: `${name} ${row.label}` }) };
  });
}

/** Which optimizer a lane trains with. @param {Limits} limits */
export function optimizerChoice({ optimizers }) {
  const options = Object.fromEntries(Object.entries(optimizers).map(([name, { label }]) => [name, label]));
  return option({ name: 'optimizer', label: 'Optimizer', options });
}

/** A value as summaries have it. @param {ChoiceRow} row @param {any} value */
export function written(row, value) {
  return Array.isArray(value) ? value.join('-') : (row.options?.[value] ?? choiceOf(row).format(value));
}

/**
 * The settings of a race, as `app/report/caption.py` says them; those that are behind "More settings" only where they are not as usual.
 * @param {Config} config
 * @param {SaidChoices} choices
 * @param {object} [how]
 * @param {'said' | 'short'} [how.length] short where there is little room
 * @param {(row: ChoiceRow) => boolean} [how.wanted]
 */
export function summaryOf(config, { said, settings, config: usual }, { length = 'short', wanted = () => true } = {}) {
  const rates = [...new Set(config.lanes.map((lane) => lane.learning_rate ?? config.learning_rate))].join(' / ');
  const values = /** @type {Record<string, any>} */ ({ ...usual, ...config });
  return said
    .map((name) => settings[name])
    .filter((row) => wanted(row) && !(row.more && String(values[row.name]) === String(/** @type {any} */ (usual)[row.name])))
    .map((row) => {
      const value = row.name === 'learning_rate' ? rates : values[row.name];
      const text = written(row, value);
      const told = row[length].replace('{:,}', () => count(value)).replace('{}', () => text);
      return text === '1' ? told.replace(/s$/, '') : told;
    })
    .join(' · ');
}

/**
 * @template T
 * @param {Choice<T>} choice
 * @param {string} text
 * @returns {{ value: T, problem: null } | { value: undefined, problem: string }}
 */
export function understand(choice, text) {
  const value = choice.parse(text);
  if (value !== undefined) return { value, problem: null };
  const doubt = choice.doubt?.(text);
  if (doubt) return { value: undefined, problem: doubt };
  const got = text.trim() === '' ? 'nothing' : `“${shortened(text.trim())}”`;
  return { value: undefined, problem: `${choice.label}: expected ${choice.expected}, got ${got}.` };
}

/** What a visitor wrote, as messages quote it. @param {string} text */
export function shortened(text) {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
