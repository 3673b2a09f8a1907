/** A run inside somebody else's page: its curves and standings, live or as they ended. It is only looked at. */

import { createAnnouncer } from './ui/announcer.js';
import { createCharts } from './charts/charts.js';
import { part, setAttribute, setText } from './ui/dom.js';
import { createFrameLoop } from './ui/frame-loop.js';
import { identify, planOf } from './model/lanes.js';
import { REFRESHED } from './page/link-notices.js';
import { statusOf, WORDS } from './panels/progress.js';
import { DEFAULT_VIEW } from './model/choices.js';
import { createRace } from './link/race.js';
import { createStandings } from './panels/standings.js';
import { createUpdateQueue } from './ui/update-queue.js';

const UPDATE_EVERY_MS = 50;
/** @type {{ run_id: string, examples: number }} */
const { run_id, examples } = JSON.parse(document.getElementById('bootstrap')?.textContent ?? '');

const loop = createFrameLoop(draw);
const announcer = createAnnouncer(part(document, 'announcer'));
const charts = createCharts(part(document, 'charts'), { mark: loop.mark, announce: announcer.say, tables: part(document, 'tables') });
const updates = createUpdateQueue([createStandings(part(document, 'standings'), () => {}), ...charts.readouts]);
const race = createRace({
  changed() {
    updates.changed();
    loop.mark();
  },
});
const status = part(document, 'status');
const why = part(document, 'why');
/** What follows from the config; the same objects as long as the run is the same. @type {{ plan: import('./types').Plan, lanes: import('./types').Identity[] } | null} */
let setup = null;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let told = '';

if (document.body.dataset.followed === 'system') {
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', () => {
    document.documentElement.dataset.theme = system.matches ? 'dark' : 'light';
    charts.repaint();
  });
}
race.watch(run_id, null);

function draw() {
  const { store, state, link } = race;
  const { run } = store;
  setAttribute(document.body, 'data-state', state);
  setText(status, statusOf({ state, run, recorded: false, link }));
  const problem = (state === 'lost' ? link?.problem : link?.polling && REFRESHED) || '';
  setText(why, problem);
  const words = problem || WORDS[state];
  const changedWords = words !== told;
  if (changedWords) announcer.say(words);
  told = words;
  if (run === null) return;
  if (setup === null) {
    const plan = Object.assign(planOf(run.config, examples), { batchesPerEpoch: run.batches_per_epoch, totalSteps: run.total_steps });
    setup = { plan, lanes: identify(run.config) };
  }
  /** @type {import('./types').Scene} */
  const scene = {
    state,
    run,
    mine: false,
    joined: false,
    recorded: false,
    store,
    whole: store,
    ghosts: [],
    series: null,
    link,
    ...setup,
    view: DEFAULT_VIEW,
    speed: null,
    wait: '',
    waitInShort: '',
  };
  charts.update(scene);
  clearTimeout(timer);
  if (updates.update(scene, state !== 'racing' || changedWords)) timer = setTimeout(loop.mark, UPDATE_EVERY_MS);
}
