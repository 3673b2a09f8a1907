/**
 * The page's address, both ways. The path names the run, the query holds what differs from what the path alone would
 * show: from the defaults on the front page, from the run's own config on a run's page.
 */

import { identify } from './lanes.js';
import { configProps, DEFAULT_VIEW, laneProp, understand, VIEW_PROPS } from './props.js';

/** @typedef {import('./types').Config} Config */
/** @typedef {import('./types').ViewChoices} ViewChoices */

/** @param {string} path */
export function runIdOf(path) {
  const match = /^\/runs\/([^/]+)\/?$/.exec(path);
  return match ? decodeURIComponent(match[1]) : null;
}

/** @param {string | null} runId */
export function pathOf(runId) {
  return runId === null ? '/' : `/runs/${encodeURIComponent(runId)}`;
}

/**
 * How each part of a config is read and written under its name in the query.
 * @param {Config} base
 * @param {Record<string, [number, number]>} ranges
 */
function parts(base, ranges) {
  const shared = configProps(ranges).map((prop) => ({
    prop,
    read: (/** @type {any} */ config) => config[prop.name],
    write: (/** @type {any} */ config, /** @type {any} */ value) => {
      config[prop.name] = value;
    },
  }));
  const own = identify(base).map((lane) => ({
    prop: laneProp(lane, ranges),
    read: (/** @type {Config} */ config) => config.lanes[lane.lane]?.learning_rate ?? null,
    write: (/** @type {Config} */ config, /** @type {any} */ value) => {
      config.lanes[lane.lane] = { ...config.lanes[lane.lane], learning_rate: value };
    },
  }));
  return [...shared, ...own];
}

/**
 * The config a query asks for on top of a base. What is not a value is left out and told.
 * @param {string} query
 * @param {Config} base
 * @param {Record<string, [number, number]>} ranges
 * @returns {{ config: Config, problems: string[] }}
 */
export function readConfig(query, base, ranges) {
  const params = new URLSearchParams(query);
  const config = { ...base, lanes: [...base.lanes] };
  const problems = [];
  for (const { prop, write } of parts(base, ranges)) {
    const text = params.get(prop.name);
    if (text === null) continue;
    if (text === SHARED) {
      write(config, null);
      continue;
    }
    const { value, problem } = understand(prop, text);
    if (problem === null) write(config, value);
    else problems.push(problem);
  }
  return { config, problems };
}

/** Takes a lane's own learning rate back, where the run that the path names has one. */
const SHARED = 'shared';

/**
 * @param {string} query
 * @returns {{ view: ViewChoices, problems: string[] }}
 */
export function readView(query) {
  const params = new URLSearchParams(query);
  /** @type {any} */
  const view = { ...DEFAULT_VIEW };
  const problems = [];
  for (const prop of VIEW_PROPS) {
    const text = params.get(prop.name);
    if (text === null) continue;
    const { value, problem } = understand(prop, text);
    if (problem === null) view[prop.name] = value;
    else problems.push(problem);
  }
  return { view, problems };
}

/**
 * @param {object} shown
 * @param {string | null} shown.runId
 * @param {Config} shown.base what the path alone would show
 * @param {Config} shown.config
 * @param {ViewChoices} shown.view
 * @param {Record<string, [number, number]>} ranges
 */
export function addressOf({ runId, base, config, view }, ranges) {
  const query = [];
  for (const { prop, read } of parts(base, ranges)) {
    const value = read(config);
    if (same(value, read(base))) continue;
    query.push(`${prop.name}=${value === null ? SHARED : encode(prop.format(value))}`);
  }
  for (const prop of VIEW_PROPS) {
    const value = /** @type {any} */ (view)[prop.name];
    if (!same(value, /** @type {any} */ (DEFAULT_VIEW)[prop.name])) query.push(`${prop.name}=${encode(prop.format(value))}`);
  }
  return pathOf(runId) + (query.length > 0 ? `?${query.join('&')}` : '');
}

/** Whether two configs ask for the same race. @param {Config} a @param {Config} b */
export function sameConfig(a, b) {
  return same(a, b);
}

/**
 * @param {unknown} a
 * @param {unknown} b
 * @returns {boolean}
 */
function same(a, b) {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return (a ?? null) === (b ?? null);
  const left = /** @type {Record<string, unknown>} */ (a);
  const right = /** @type {Record<string, unknown>} */ (b);
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].every((key) => same(left[key], right[key]));
}

/** Commas are fine in a query and easier to read than %2C. @param {string} text */
function encode(text) {
  return encodeURIComponent(text.replace(/\s/g, '')).replace(/%2C/g, ',');
}
