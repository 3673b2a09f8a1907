/**
 * Reads addresses, and what a browser keeps, as the page does, for tests that generate both: for each line of JSON on standard
 * input one on standard output. tests/fuzz/page_reader.py writes and reads them.
 */

import { createInterface } from 'node:readline';

import { browserId, identifyBrowser, identity } from '../../static/js/link/browser-id.js';
import {
  keepKey,
  keepPassphrase,
  keptPassphrase,
  keyOf,
  passphrase,
  passphraseFailed,
  takeToken,
} from '../../static/js/link/owner-keys.js';
import { forgetRun, recentRuns, rememberRun } from '../../static/js/link/recent-runs.js';
import { load, PREFIX, save } from '../../static/js/link/storage.js';
import { addressOf, asksForSettings, pathOf, readConfig, readView, runIdOf } from '../../static/js/model/address.js';
import { keptStage } from '../../static/js/page/stage.js';
import { limits } from './limits.js';

/** What the page makes of a link whose base is the config that another query asks for. @param {{ link: string, base: string }} input */
function readAddress({ link, base: other }) {
  const { pathname, search } = new URL(`http://playground${link}`);
  const base = readConfig(other, limits.config, limits).config;
  const runId = runIdOf(pathname);
  const [{ config, problems }, { view, problems: more }] = [readConfig(search, base, limits), readView(search, limits)];
  const address = addressOf({ runId, base, config, view }, limits);
  const again = new URL(`http://playground${address}`);
  const [configAgain, viewAgain] = [readConfig(again.search, base, limits), readView(again.search, limits)];
  return {
    search,
    base,
    config,
    view,
    problems: [...problems, ...more],
    asks: asksForSettings(search, limits),
    address,
    same_run: runIdOf(again.pathname) === runId && runIdOf(pathOf(runId)) === runId,
    again: { config: configAgain.config, view: viewAgain.view, problems: [...configAgain.problems, ...viewAgain.problems] },
  };
}

/** @type {Map<string, string>} */
const stored = new Map();
let broken = '';
const storage = {
  getItem: (/** @type {string} */ name) => stored.get(name) ?? null,
  setItem(/** @type {string} */ name, /** @type {string} */ text) {
    if (broken === 'full') throw new DOMException('full', 'QuotaExceededError');
    stored.set(name, text);
  },
  removeItem: (/** @type {string} */ name) => stored.delete(name),
};
Object.defineProperty(globalThis, 'localStorage', {
  get() {
    if (broken === 'forbidden') throw new DOMException('forbidden', 'SecurityError');
    return storage;
  },
});
Object.assign(globalThis, { location: { pathname: '/', search: '', hash: '' }, history: { replaceState() {} } });

/**
 * What a page makes of what it finds in storage, and what is there when it has written.
 * @param {{ kept: Record<string, string>, broken: string, hash: string, classroom: boolean, id: string, key: string, words: string }} input
 */
function readKept({ kept, broken: how, hash, classroom, id, key, words }) {
  broken = '';
  for (const name of ['browser', 'teacher-key', 'passphrase', 'passphrase-offered', 'owner-keys', 'runs', 'theme', 'instruments', 'stage'])
    save(name, '');
  stored.clear();
  for (const [name, text] of Object.entries(kept)) stored.set(name, text);
  broken = how;
  location.hash = new URL(`http://playground/#${hash}`).hash;

  takeToken();
  identifyBrowser(classroom);
  load('theme', /^(system|light|dark)$/);
  load('instruments', /^(open|closed)$/);
  keptStage(limits);
  const read = { headers: { ...identity(), words: passphrase(), kept: keptPassphrase() }, browser: browserId(), runs: recentRuns() };
  keepKey(id, key);
  rememberRun(id, 'SGD');
  const written = { key: keyOf(id), runs: recentRuns().map((run) => run.id) };
  passphraseFailed();
  keepPassphrase(words);
  const said = decodeURIComponent(passphrase());
  const after = Object.fromEntries(stored);
  forgetRun(id);
  return { ...read, ...written, said, after, prefix: PREFIX, forgotten: recentRuns().every((run) => run.id !== id), listed: read.runs };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { of, ...input } = JSON.parse(line);
  let answer;
  try {
    answer = of === 'address' ? readAddress(input) : readKept(input);
  } catch (error) {
    answer = { error: /** @type {Error} */ (error).stack };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
