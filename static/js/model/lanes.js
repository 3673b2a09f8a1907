/** What each lane is called and how it looks, and which lanes there can be: the one place where they get their identity. */

import { dialsOf, written } from './choices.js';
import { target } from './format.js';
import { namesOf } from './lane-names.js';

/** The second three are dashed: not everyone can distinguish so many colours. @type {Pick<Identity, 'colour' | 'marker' | 'dash'>[]} */
export const LOOKS = [
  { colour: 'orange', marker: 'circle', dash: [] },
  { colour: 'green', marker: 'square', dash: [] },
  { colour: 'blue', marker: 'triangle', dash: [] },
  { colour: 'pink', marker: 'diamond', dash: [9, 4] },
  { colour: 'brown', marker: 'plus', dash: [3, 3] },
  { colour: 'grey', marker: 'star', dash: [12, 3, 3, 3] },
];
/** The three of the article keep theirs for themselves as long as others are free. @type {Record<Optimizer, number>} */
const USUAL_LOOK = { sgd: 0, momentum: 1, adam: 2 };
const FREE_LOOKS = [3, 4, 5, 0, 1, 2];

/** The key of every lane: its optimizer, numbered from the second lane of it on. @param {Optimizer[]} optimizers */
function keysOf(optimizers) {
  return optimizers.map((optimizer, i) => {
    const nth = optimizers.slice(0, i + 1).filter((other) => other === optimizer).length;
    return { optimizer, key: nth === 1 ? optimizer : `${optimizer}${nth}` };
  });
}

/** How lanes of these optimizers look; where there are more of them than looks, some look alike. @param {Optimizer[]} optimizers */
export function looksOf(optimizers) {
  /** @type {Set<number | undefined>} */
  const taken = new Set();
  const take = (/** @type {number | undefined} */ look) => (taken.has(look) ? undefined : (taken.add(look), look));
  const usual = optimizers.map((optimizer) => take(USUAL_LOOK[optimizer]));
  return usual.map((look, i) => LOOKS[look ?? take(FREE_LOOKS.find((free) => !taken.has(free))) ?? i % LOOKS.length]);
}

/** @param {Config} config @param {Limits} limits @returns {Identity[]} */
export function identify(config, limits) {
  const looks = looksOf(config.lanes.map(({ optimizer }) => optimizer));
  const names = namesOf(
    config.lanes.map((lane) => ({ label: limits.optimizers[lane.optimizer].label, choices: choicesIn(config, lane, limits) })),
  );
  return keysOf(config.lanes.map(({ optimizer }) => optimizer)).map(({ optimizer, key }, lane) => {
    const { formula, in_short: inShort } = limits.optimizers[optimizer];
    return {
      lane,
      key,
      name: names[lane],
      optimizer,
      rule: formula[formula.length - 1],
      inShort,
      dials: dialsInShort(config, lane, limits),
      ...looks[lane],
    };
  });
}

/**
 * What a lane is set to, in short; first what distinguishes it from other lanes of the same optimizer.
 * @param {Config} config
 * @param {number} at the lane's number
 * @param {Limits} limits
 */
function dialsInShort(config, at, limits) {
  const own = said(config, config.lanes[at], limits);
  const twins = config.lanes.filter(({ optimizer }) => optimizer === config.lanes[at].optimizer).map((lane) => said(config, lane, limits));
  const differs = (/** @type {string} */ name) => Number(twins.some((twin) => twin[name] !== own[name]));
  // What every lane of every optimizer would say.
  const isUsual = (/** @type {string} */ name) =>
    name in limits.lane_settings && own[name] === short(limits, name, limits.lane_settings[name].default);
  const worthIt = Object.keys(own).filter((name) => differs(name) || !(name === 'epsilon' || isUsual(name)));
  return worthIt
    .sort((a, b) => differs(b) - differs(a))
    .map((name) => own[name])
    .join(' · ');
}

/** @param {Limits} limits @param {string} name of a choice for lanes @param {any} value */
function short({ lane_settings }, name, value) {
  return lane_settings[name].short.replace('{}', () => written(lane_settings[name], value));
}

/** @param {Config} config @param {LaneConfig} lane @param {Limits} limits @returns {Record<string, string>} */
function said(config, lane, limits) {
  const { hyperparameters } = limits.optimizers[lane.optimizer];
  const rate = lane.learning_rate ?? config.learning_rate;
  /** @type {Record<string, any>} */
  const values = { ...usualLane(lane.optimizer, limits), ...lane, learning_rate: rate };
  const texts = dialsOf(lane.optimizer, limits).map((name) => {
    const own = hyperparameters[name];
    return [name, own ? `${own.symbol} ${values[name]}` : short(limits, name, values[name])];
  });
  return Object.fromEntries(texts);
}

/** The same as its name may say it: a learning rate needs no letters there. @param {Config} config @param {LaneConfig} lane @param {Limits} limits */
function choicesIn(config, lane, limits) {
  const { learning_rate: _, ...others } = said(config, lane, limits);
  return [String(lane.learning_rate ?? config.learning_rate), ...Object.values(others)];
}

/** A lane as it is when nothing about it has been chosen. @param {Optimizer} optimizer @param {Limits} limits @returns {LaneConfig} */
export function usualLane(optimizer, { lane_settings, optimizers }) {
  const { learning_rate, weight_decay, hyperparameters } = optimizers[optimizer];
  const usual = Object.entries({ ...lane_settings, ...hyperparameters }).map(([name, dial]) => [name, dial.default]);
  return { optimizer, ...Object.fromEntries(usual), learning_rate, weight_decay };
}

/**
 * What was chosen for a lane beside its learning rate, in short.
 * @param {Config} config
 * @param {LaneConfig} lane
 * @param {Limits} limits
 */
export function choicesOf(config, lane, limits) {
  const usual = said(config, { ...usualLane(lane.optimizer, limits), learning_rate: lane.learning_rate }, limits);
  return Object.entries(said(config, lane, limits))
    .flatMap(([name, text]) => (text === usual[name] ? [] : [text]))
    .join(' · ');
}

/**
 * Lanes of these optimizers: as they are among the `known` ones, or else as usual.
 * @param {Optimizer[]} optimizers
 * @param {LaneConfig[]} known
 * @param {Limits} limits
 */
export function lanesOf(optimizers, known, limits) {
  const keys = keysOf(known.map(({ optimizer }) => optimizer)).map(({ key }) => key);
  return keysOf(optimizers).map(({ optimizer, key }) => known[keys.indexOf(key)] ?? usualLane(optimizer, limits));
}

const NETWORKS = ['One small network learns', ...['Two', 'Three', 'Four', 'Five', 'Six'].map((many) => `${many} small networks learn`)];

/** What a race is, in words. @param {{ length: number }} lanes */
export const networks = ({ length }) => `${NETWORKS[length - 1]} to read handwritten digits`;

/** Where learning rates differ too, or there are two of one optimizer, the lanes' names say what differs. @param {Config} config */
export function onlyRuleDiffers({ learning_rate, lanes }) {
  const [rules, rates] = [lanes.map(({ optimizer }) => optimizer), lanes.map((lane) => lane.learning_rate ?? learning_rate)];
  return lanes.length > 1 && new Set(rules).size === lanes.length && new Set(rates).size === 1;
}

/** How long a race goes on, in words. @param {Pick<Config, 'epochs' | 'target_accuracy'>} config */
export function goalOf({ epochs, target_accuracy }) {
  const most = `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`;
  return target_accuracy ? `until every lane passes ${target(target_accuracy)} or ${most}` : most;
}

/**
 * What follows from a config before anything has run.
 * @param {Config} config
 * @param {number} examples in the training set
 * @returns {Plan}
 */
export function planOf(config, examples) {
  const batchesPerEpoch = Math.max(1, Math.floor(examples / config.batch_size));
  return {
    batchSize: config.batch_size,
    batchesPerEpoch,
    epochs: config.epochs,
    totalSteps: batchesPerEpoch * config.epochs,
    goal: goalOf(config),
  };
}
