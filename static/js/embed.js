/** A run inside somebody else's page: its curves and standings, live or as they ended. It is only looked at. */

import { createAnnouncer } from './announcer.js';
import { createCharts } from './charts.js';
import { part, setAttribute, setText } from './dom.js';
import { createFrameLoop } from './frame-loop.js';
import { identify, planOf } from './lanes.js';
import { REFRESHED } from './link-notices.js';
import { statusOf, WORDS } from './progress.js';
import { DEFAULT_VIEW } from './props.js';
import { createRace } from './race.js';
import { createStandings } from './standings.js';
import { createTurns } from './turns.js';

const TURNS_EVERY_MS = 50;
/** @type {{ run_id: string, examples: number }} */
const { run_id, examples } = JSON.parse(document.getElementById('bootstrap')?.textContent ?? '');

const loop = createFrameLoop(draw);
const announcer = createAnnouncer(part(document, 'announcer'));
const charts = createCharts(part(document, 'charts'), { mark: loop.mark, announce: announcer.say, tables: part(document, 'tables') });
const turns = createTurns([createStandings(part(document, 'standings'), () => {}), ...charts.readouts]);
const race = createRace({
  changed() {
    turns.changed();
    loop.mark();
  },
});
const status = part(document, 'status');
const why = part(document, 'why');
/** What follows from the config; the same objects as long as the run is the same. @type {{ plan: import('./types').Plan, lanes: import('./types').Identity[] } | null} */
let course = null;
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
  const news = words !== told;
  if (news) announcer.say(words);
  told = words;
  if (run === null) return;
  if (course === null) {
    const plan = Object.assign(planOf(run.config, examples), { batchesPerEpoch: run.batches_per_epoch, totalSteps: run.total_steps });
    course = { plan, lanes: identify(run.config) };
  }
  /** @type {import('./types').Scene} */
  const scene = { state, run, mine: false, joined: false, recorded: false, store, whole: store, ghosts: [], series: null, link, ...course, view: DEFAULT_VIEW, speed: null, wait: '', waitInShort: '' };
  charts.update(scene);
  clearTimeout(timer);
  if (turns.update(scene, state !== 'racing' || news)) timer = setTimeout(loop.mark, TURNS_EVERY_MS);
}
