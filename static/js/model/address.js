/**
 * The page's address, both ways. The path names the run, the query holds what differs from what the path alone would
 * show: from the defaults on the front page, from the run's own config on a run's page.
 */

import { identify, lanesOf } from './lanes.js';
import { configChoices, defaultView, laneChoices, lanesChoice, shortened, understand, viewChoices } from './choices.js';

/** @param {string} path */
export function runIdOf(path) {
  const match = /^\/runs\/([^/]+)\/?$/.exec(path);
  if (!match) return null;
  try {
    return decodeURIComponent(match[1]);
  } catch {
    // A percent sign that encodes nothing: no run has such an id.
    return match[1];
  }
}

/** @param {string | null} runId */
export function pathOf(runId) {
  return runId === null ? '/' : `/runs/${encodeURIComponent(runId)}`;
}

/**
 * Where in a config, its lanes being settled, each choice stands that the query can name.
 * @param {Config} config
 * @param {Limits} limits
 */
function parts(config, limits) {
  const shared = configChoices(limits).map((choice) => ({ choice, name: choice.name, of: (/** @type {any} */ config) => config }));
  const own = identify(config, limits).flatMap(({ lane, ...identity }) =>
    laneChoices(identity, limits).map(({ dial, choice }) => ({ choice, name: dial, of: (/** @type {any} */ { lanes }) => lanes[lane] })),
  );
  return [...shared, ...own];
}

/**
 * Whether a query asks for anything here. What others append to links, to follow those who open them, does not; app/web/pages.py
 * decides alike.
 * @param {string} query
 * @param {Limits} limits
 */
export function asksForSettings(query, limits) {
  return [...new URLSearchParams(query).keys()].some((name) => isKnown(name, limits));
}

/** @param {string} name @param {Limits} limits */
function isKnown(name, limits) {
  return Object.hasOwn(limits.settings, name) || Object.hasOwn(limits.view, name) || isOfLane(name, limits);
}

/** What others append, by its name: to follow those who open a link, or to say where it was shared. */
const TRACKING =
  /^(utm|mc|hsa|ga|gad|pk|piwik|mtm|matomo|vero|oly|wt|at|itm|li|fb|tt|trk)[_.-]|^_|c(l|li|lic|lick|lk)?id\d?$|^[a-z]$|^(feature|guccounter|guce_referrer|guce_referrer_sig)$|^(ref|src|source|si|igsh|igshid|[gw]braid|srsltid|mkt_tok|trk|cmpid|spm|epik|share_id|s_kwcid)$|^ref_/i;

/** What it asks for that is no setting, in a sentence, if it does. @param {string} query @param {Limits} limits */
function unknownNames(query, limits) {
  const names = [...new Set(new URLSearchParams(query).keys())];
  const unknown = names.filter((name) => !isKnown(name, limits) && !TRACKING.test(name));
  if (unknown.length === 0) return [];
  const listed = shortened(unknown.join(', '));
  return [`This link has ${unknown.length === 1 ? 'a setting that is' : 'settings that are'} not known here: ${listed}.`];
}

/** Whether it names a choice of a lane, "adam2.beta1", of this race or another. @param {string} name @param {Limits} limits */
function isOfLane(name, { optimizers }) {
  const key = /^([a-z]+)\d*\./.exec(name);
  return key !== null && Object.hasOwn(optimizers, key[1]);
}

/**
 * The config a query asks for on top of a base. What is not a value is left out, with a problem that says so.
 * @param {string} query
 * @param {Config} base
 * @param {Limits} limits
 * @returns {{ config: Config, problems: string[] }}
 */
export function readConfig(query, base, limits) {
  const params = new URLSearchParams(query);
  const problems = [];
  /** @param {Choice} choice */
  function ask(choice) {
    const text = params.get(choice.name);
    if (text === null) return undefined;
    const { value, problem } = understand(choice, text);
    if (problem !== null) problems.push(problem);
    return value;
  }
  const optimizers = ask(lanesChoice(limits)) ?? optimizersOf(base);
  const config = { ...base, lanes: lanesOf(optimizers, base.lanes, limits).map((lane) => ({ ...lane })) };
  const known = parts(config, limits);
  for (const { choice, name, of } of known) {
    const value = ask(choice);
    if (value !== undefined) of(config)[name] = value;
  }
  for (const name of params.keys()) {
    if (isOfLane(name, limits) && !known.some(({ choice }) => choice.name === name)) problems.push(`There is no ${name} in this race.`);
  }
  return { config, problems };
}

/**
 * @param {string} query
 * @param {Limits} limits
 * @returns {{ view: ViewChoices, problems: string[] }}
 */
export function readView(query, limits) {
  const params = new URLSearchParams(query);
  /** @type {any} */
  const view = defaultView(limits);
  const problems = [];
  for (const choice of viewChoices(limits)) {
    const text = params.get(choice.name);
    if (text === null) continue;
    const { value, problem } = understand(choice, text);
    if (problem === null) view[choice.name] = value;
    else problems.push(problem);
  }
  return { view, problems: [...problems, ...unknownNames(query, limits)] };
}

/** @param {Config} config */
function optimizersOf({ lanes }) {
  return lanes.map(({ optimizer }) => optimizer);
}

/**
 * @param {object} shown
 * @param {string | null} shown.runId
 * @param {Config} shown.base what the path alone would show
 * @param {Config} shown.config
 * @param {ViewChoices} shown.view
 * @param {Limits} limits
 */
export function addressOf({ runId, base, config, view }, limits) {
  /** @type {string[]} */
  const query = [];
  const say = (/** @type {Choice} */ { name, format, write = format }, /** @type {any} */ value) =>
    query.push(`${name}=${encode(write(value))}`);
  const optimizers = optimizersOf(config);
  if (!sameConfig(optimizers, optimizersOf(base))) say(lanesChoice(limits), optimizers);
  const start = { ...base, lanes: lanesOf(optimizers, base.lanes, limits) };
  for (const { choice, name, of } of parts(config, limits)) {
    if (!sameConfig(of(config)[name], of(start)[name])) say(choice, of(config)[name] ?? null);
  }
  for (const choice of viewChoices(limits)) {
    const value = /** @type {any} */ (view)[choice.name];
    if (!sameConfig(value, limits.view[choice.name].default)) say(choice, value);
  }
  return pathOf(runId) + (query.length > 0 ? `?${query.join('&')}` : '');
}

/** Whether two configs, or parts of them, ask for the same race. @param {unknown} a @param {unknown} b @returns {boolean} */
export function sameConfig(a, b) {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return (a ?? null) === (b ?? null);
  const left = /** @type {Record<string, unknown>} */ (a);
  const right = /** @type {Record<string, unknown>} */ (b);
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => sameConfig(left[key], right[key]));
}

/** Commas are fine in a query and easier to read than %2C, and so is + for a space. @param {string} text */
function encode(text) {
  return encodeURIComponent(text).replace(/%2C/g, ',').replace(/%20/g, '+');
}
