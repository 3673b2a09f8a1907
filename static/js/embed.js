/** A run inside somebody else's page: the stage, live or as it ended, as far as the frame has room. It is only looked at. */

import { createAnnouncer } from './ui/announcer.js';
import { createCharts } from './charts/charts.js';
import { bootstrapped, part, setAttribute, setText } from './ui/dom.js';
import { createFrameLoop } from './ui/frame-loop.js';
import { createChangeDetector } from './model/changes.js';
import { statusOf, STATUS_WORDS } from './model/page-state.js';
import { createMoments } from './model/moment.js';
import { createScenes } from './model/scene.js';
import { REFRESHED } from './page/link-notices.js';
import { createRace } from './link/race.js';
import { createStandings } from './panels/standings.js';
import { createStoryPanel } from './panels/story-panel.js';
import { createWalls } from './panels/wall.js';
import { createUpdateQueue, together } from './ui/update-queue.js';

/** @type {{ run_id: string, dataset: Digits } & Limits} */
const { run_id, dataset, ...limits } = bootstrapped();

const loop = createFrameLoop(draw);
const announce = createAnnouncer(part(document, 'announcer')).say;
const charts = createCharts(part(document, 'charts'), { mark: loop.mark, announce, tables: part(document, 'tables') });
const walls = createWalls(part(document, 'walls'), part(document, 'wall-digit'), { dataset, touched: changed, announce });
const panels = [createStoryPanel(part(document, 'story')), createStandings(part(document, 'standings'), () => {}), walls];
const readings = together([...panels, ...charts.readouts]);
const updates = createUpdateQueue(charts.unseen, loop.mark);
const moments = createMoments();
const race = createRace({ changed });
const scenes = createScenes(dataset.train, limits);
const wordsChanged = createChangeDetector();
const [status, why] = ['status', 'why'].map((name) => part(document, name));

if (document.body.dataset.followed === 'system') {
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', () => {
    document.documentElement.dataset.theme = system.matches ? 'dark' : 'light';
    charts.repaint();
    walls.repaint();
    changed();
  });
}
race.watch(run_id, null);

function changed() {
  updates.changed();
  loop.mark();
}

function draw() {
  const { store, state, link } = race;
  const { run } = store;
  setAttribute(document.body, 'data-state', state);
  setText(status, statusOf({ state, run, recorded: false, link }));
  const problem = (state === 'lost' ? link?.problem : link?.polling && REFRESHED) || '';
  setText(why, problem);
  const words = problem || STATUS_WORDS[state];
  const other = wordsChanged(words);
  if (other) announce(words);
  if (run === null) return;
  const all = state !== 'racing' || other;
  const { seen, write, wait } = moments.look(scenes.make(race, run.config), performance.now(), all);
  charts.update(seen, wait === 0);
  if (write) {
    readings.update(seen);
    updates.update(seen, all);
  }
  loop.markIn(wait);
}
