/**
 * Everything a visitor can choose, in one table: what it is called, and which values it can have. The fields, the
 * address and the messages about wrong entries all come from here.
 */

import { choice, ids, names, number, orNone, pace, share, whole, widths } from './choice-types.js';
import { SCHEDULES } from './lanes.js';

/** @typedef {import('../types').Limits} Limits */

const RATES = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0001];

/**
 * @param {Limits} limits
 * @returns {import('../types').Choice[]}
 */
export function configChoices({ ranges }) {
  return [
    number('learning_rate', 'Learning rate', ranges.learning_rate, RATES),
    whole('batch_size', 'Batch size', ranges.batch_size, [1, 8, 32, 64, 128, 256, 1024, 60000]),
    whole('epochs', 'Epochs', ranges.epochs, [1, 2, 3, 5, 10, 20, 30]),
    widths('hidden', 'Hidden units', ranges.hidden, ranges.hidden_layers),
    whole('seed', 'Seed', ranges.seed, []),
    choice('activation', 'Activation', { relu: 'ReLU', tanh: 'tanh', sigmoid: 'sigmoid' }),
    choice('initialisation', 'Initialisation', { he: 'He', xavier: 'Xavier', small: 'small normal', zero: 'zero' }),
    share('target_accuracy', 'Target accuracy', ranges.target_accuracy),
  ];
}

/**
 * Which optimizers race, as the address names them.
 * @param {Limits} limits
 * @returns {import('../types').Choice<import('../types').Optimizer[]>}
 */
export function lanesChoice({
  ranges: {
    lanes: [fewest, most],
  },
  optimizers,
}) {
  return {
    name: 'lanes',
    label: 'Lanes',
    expected: `${fewest} to ${most} of ${Object.values(optimizers)
      .map(({ label }) => label)
      .join(', ')}`,
    presets: [],
    parse(text) {
      const names = text
        .trim()
        .toLowerCase()
        .split(/\s*,\s*/)
        .map((typed) => Object.keys(optimizers).find((name) => name === typed || optimizers[name].label.toLowerCase() === typed));
      const fits = names.length >= fewest && names.length <= most && !names.includes(undefined);
      return fits ? /** @type {import('../types').Optimizer[]} */ (names) : undefined;
    },
    format: (value) => value.join(','),
  };
}

/**
 * Everything that can be chosen for one lane, under its key.
 * @param {Pick<import('../types').Identity, 'key' | 'name' | 'optimizer'>} lane
 * @param {Limits} limits
 * @returns {{ dial: string, choice: import('../types').Choice }[]}
 */
export function laneChoices({ key, name, optimizer }, { ranges, optimizers }) {
  const at = (/** @type {string} */ dial, label = dial.replace('_', ' ')) => /** @type {const} */ ([`${key}.${dial}`, `${name} ${label}`]);
  const { hyperparameters, weight_decay } = optimizers[optimizer];
  const sorted = (/** @type {number[]} */ values) => [...new Set(values)].sort((a, b) => a - b);
  const dials = Object.entries(hyperparameters).map(([dial, { label, default: usual, low, high, presets }]) => ({
    dial,
    choice: number(...at(dial, label), [low, high], sorted([usual, ...presets])),
  }));
  const decays = sorted([weight_decay, 0, 0.0001, 0.001, 0.01, 0.1]);
  return [
    { dial: 'learning_rate', choice: orNone('shared', number(...at('learning_rate'), ranges.learning_rate, RATES)) },
    { dial: 'schedule', choice: choice(...at('schedule'), SCHEDULES) },
    ...dials,
    { dial: 'weight_decay', choice: number(...at('weight_decay', 'weight decay λ'), ranges.weight_decay, decays) },
  ];
}

/** Which optimizer a lane trains with. @param {Limits} limits */
export function optimizerChoice({ optimizers }) {
  return choice('optimizer', 'Optimizer', Object.fromEntries(Object.entries(optimizers).map(([name, { label }]) => [name, label])));
}

export const DEFAULT_VIEW = /** @type {import('../types').ViewChoices} */ ({
  x: 'epoch',
  loss_scale: 'log',
  smoothing: 0.95,
  pace: null,
  hide: [],
  seeds: 1,
  ghosts: [],
  series: [],
  present: false,
});

/** What can be closed, by the template's data-panel. */
export const PANELS = [
  'train-loss',
  'train-accuracy',
  'test-accuracy',
  'test-loss',
  'push',
  'weights',
  'replay',
  'story',
  'standings',
  'reach',
  'digits',
  'draw',
  'confusion',
];

/** Batches a second of each lane, null for as many as go. */
export const PACE = pace([200, 50, 10, 2]);

export const MOST_SMOOTHING = 0.999;
export const MOST_GHOSTS = 3;

/** @type {import('../types').Choice[]} */
export const VIEW_CHOICES = [
  choice('x', 'Horizontal axis', { examples: 'examples', step: 'steps', epoch: 'epochs', seconds: 'seconds' }),
  choice('loss_scale', 'Loss axis', { log: 'log', linear: 'linear' }),
  number('smoothing', 'Smoothing', [0, MOST_SMOOTHING], []),
  PACE,
  names('hide', 'Closed panels', PANELS),
  whole('seeds', 'Seeds', [1, 10], []),
  ids('ghosts', 'Earlier runs', 'at most three', MOST_GHOSTS),
  ids('series', 'Other seeds', 'at most nine', 9),
  {
    name: 'present',
    label: 'Presenting',
    expected: '1 or 0',
    presets: [],
    parse: (text) => ({ 1: true, 0: false })[text],
    format: (value) => (value ? '1' : '0'),
  },
];

/**
 * @template T
 * @param {import('../types').Choice<T>} choice
 * @param {string} text
 * @returns {{ value: T, problem: null } | { value: undefined, problem: string }}
 */
export function understand(choice, text, parse = choice.parse) {
  const value = parse(text);
  if (value !== undefined) return { value, problem: null };
  const doubt = choice.doubt?.(text);
  if (doubt) return { value: undefined, problem: doubt };
  const shown = text.trim().length > 40 ? `${text.trim().slice(0, 40)}…` : text.trim();
  const got = shown === '' ? 'nothing' : `“${shown}”`;
  return { value: undefined, problem: `${choice.label}: expected ${choice.expected}, got ${got}.` };
}
