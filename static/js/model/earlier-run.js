/** An earlier run beside the one on show: what was different about it, and how much better or worse a lane is now. Pure. */

import { sameConfig } from './address.js';
import { createChangeDetector } from './changes.js';
import { written } from './choices.js';
import { count, list, percent, points } from './format.js';
import { identify } from './lanes.js';
import { isOver, STATUS_WORDS } from './page-state.js';
import { ranking } from './result.js';

/** A label names so many differences. */
const MOST_TOLD = 2;
/** A smaller difference is no story. */
const TELLING = 0.005;

/**
 * What an earlier run had that this one has not, in short: "lr 0.01", "batch 512", "same settings, seed 2", "without Adam".
 * @param {Config} before
 * @param {Config} now
 * @param {Pick<Bootstrap, 'said'> & Limits} limits
 */
export function labelOf(before, now, limits) {
  const differs = (/** @type {string} */ name) => !sameConfig(/** @type {any} */ (before)[name], /** @type {any} */ (now)[name]);
  const settings = limits.said.filter((name) => name !== 'seed' && differs(name)).map((name) => said(before, limits.settings[name]));
  const lanes = lanesOf(before, now, limits);
  const told = [...settings, ...lanes];
  const seed = differs('seed') ? [said(before, limits.settings.seed)] : [];
  if (told.length === 0) return ['same settings', ...seed].join(', ');
  const all = [...told, ...seed];
  const more = all.length - MOST_TOLD;
  return [...all.slice(0, MOST_TOLD), ...(more > 0 ? [`${more} more`] : [])].join(', ');
}

/** @param {Config} config @param {ChoiceRow} row */
function said(config, row) {
  const value = /** @type {any} */ (config)[row.name] ?? null;
  const text = value === null ? (row.none ?? 'none') : written(row, value);
  return row.short.replace('{}', () => text);
}

/** Lanes that came or went since, and choices that were made for them. @param {Config} before @param {Config} now @param {Limits} limits */
function lanesOf(before, now, limits) {
  const [then, here] = [before, now].map((config) => identify(config, limits));
  const missing = here.filter(({ key }) => !then.some((lane) => lane.key === key)).map(({ name }) => name);
  const others = then.filter(({ key }) => !here.some((lane) => lane.key === key)).map(({ name }) => name);
  const changed = then.flatMap(({ lane, key, optimizer }) => {
    const twin = here.find((each) => each.key === key);
    if (!twin) return [];
    const [was, is] = [before.lanes[lane], now.lanes[twin.lane]].map((each) => /** @type {Record<string, any>} */ (each));
    const { label, hyperparameters } = limits.optimizers[optimizer];
    return Object.keys(was).flatMap((name) => {
      if (sameConfig(was[name], is[name])) return [];
      const own = hyperparameters[name];
      const row = limits.lane_settings[name];
      // Without a learning rate of its own a lane has the shared one.
      const value = was[name] ?? before.learning_rate;
      return `${label} ${own ? `${own.symbol} ${value}` : row.short.replace('{}', () => written(row, value))}`;
    });
  });
  return [...(others.length > 0 ? [`with ${list(others)}`] : []), ...(missing.length > 0 ? [`without ${list(missing)}`] : []), ...changed];
}

/** How a run stands or ended, "Adam 97.04 %". @param {Run} run @param {Limits} limits */
export function resultOf(run, limits) {
  const best = ranking(run)[0];
  const share = run.lanes[best].test_accuracy;
  const word = run.status === 'running' ? STATUS_WORDS.racing : STATUS_WORDS[run.status];
  const ahead = share === null ? '' : `${identify(run.config, limits)[best].name} ${percent(share)}`;
  if (!isOver(run) || ahead === '') return word;
  return run.status === 'finished' ? ahead : `${word}, ${ahead}`;
}

/**
 * @typedef {object} Difference of a lane at the newest batch after which both runs measured it alike
 * @property {Identity} lane
 * @property {number} step
 * @property {number} by how much of the test digits it reads more than then
 * @property {number} was what it read then
 */

/**
 * The lanes that an earlier run had too.
 * @param {Pick<Scene, 'store' | 'lanes'>} scene
 * @param {Pick<Ghost, 'store' | 'lanes'>} ghost
 * @returns {Difference[]}
 */
export function differences({ store, lanes }, ghost) {
  return lanes.flatMap((lane) => {
    const twin = ghost.lanes.find(({ key }) => key === lane.key);
    const [now, then] = [store.lanes[lane.lane], twin && ghost.store.lanes[twin.lane]].map((rows) => rows?.evaluations);
    if (!now || !then) return [];
    const [steps, theirs] = [now, then].map((table) => table.column('step'));
    const [quick, alike] = [now, then].map((table) => table.column('quick'));
    let row = then.count - 1;
    for (let i = now.count - 1; i >= 0; i--) {
      while (row >= 0 && theirs[row] > steps[i]) row -= 1;
      if (row < 0 || steps[i] === 0) return [];
      if (theirs[row] !== steps[i] || quick[i] !== alike[row]) continue;
      const was = then.column('test_accuracy')[row];
      return { lane, step: steps[i], by: now.column('test_accuracy')[i] - was, was };
    }
    return [];
  });
}

/** Compares a scene with the first of its earlier runs; repeated only when one of the two was measured again. */
export function createComparison() {
  const changed = createChangeDetector();
  /** @type {{ found: Difference[], ghost: Ghost | null }} */
  let known = { found: [], ghost: null };

  return {
    /** @param {Pick<Scene, 'store' | 'lanes' | 'ghosts'>} scene */
    of(scene) {
      const { store, lanes, ghosts } = scene;
      const [ghost = null] = ghosts;
      const counts = [store, ghost?.store].map((each) => each?.lanes.map(({ evaluations }) => evaluations.count).join());
      if (changed(store, lanes, ghost, ...counts)) known = { found: ghost ? differences(scene, ghost) : [], ghost };
      return known;
    },
  };
}

/** A difference beside a lane's accuracy, "+0.4 points against lr 0.01". @param {Difference} difference @param {string} label */
export function differenceText({ by }, label) {
  return Math.abs(by) < 0.00005 ? `level with ${label}` : `${by < 0 ? '−' : '+'}${points(by)} against ${label}`;
}

/** The same with the values. @param {Difference} difference @param {string} label */
export function differenceInFull({ step, by, was }, label) {
  return `At batch ${count(step)}: ${percent(was + by)} now, ${percent(was)} with ${label}`;
}

/**
 * The sentence about an earlier run, if there is something to tell; **this** is emphasised in it.
 * @param {readonly Difference[]} found
 * @param {Ghost} ghost
 */
export function sentenceBeside(found, { label, last }) {
  const step = Math.max(...found.map((each) => each.step));
  const told = found.filter((each) => each.step === step && Math.abs(each.by) >= TELLING).sort((a, b) => Math.abs(b.by) - Math.abs(a.by));
  if (told.length === 0) return [];
  const said = told.map(({ lane, by }, i) => `${lane.name} ${by < 0 ? '−' : '+'}${i ? points(by).split(' ')[0] : points(by)}`);
  return [`**Against ${last ? 'the last run' : 'an earlier run'}** (${label}) at batch ${count(step)}: ${said.join(', ')}.`];
}
