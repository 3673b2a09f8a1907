/** A run inside another site's page: the stage, live or as it ended, as far as the frame has room. It has no commands. */

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
import { together } from './ui/update-queue.js';

/** @type {{ run_id: string, dataset: Digits } & Limits} */
const { run_id, dataset, ...limits } = bootstrapped();

const loop = createFrameLoop(draw);
const announce = createAnnouncer(part(document, 'announcer')).say;
const charts = createCharts(part(document, 'charts'), { mark: loop.mark, announce, tables: part(document, 'tables') });
const walls = createWalls(part(document, 'walls'), part(document, 'wall-digit'), { dataset, touched: loop.mark, announce });
const panels = [createStoryPanel(part(document, 'story')), createStandings(part(document, 'standings'), () => {}), walls];
const readings = together([...panels, ...charts.readouts]);
const moments = createMoments();
const race = createRace({ changed: loop.mark });
const scenes = createScenes(dataset.train, limits);
const wordsChanged = createChangeDetector();
const [status, why] = ['status', 'why'].map((name) => part(document, name));

if (document.body.dataset.followed === 'system') {
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', () => {
    document.documentElement.dataset.theme = system.matches ? 'dark' : 'light';
    charts.repaint();
    walls.repaint();
    loop.mark();
  });
}
race.watch(run_id, null);

function draw() {
  const { store, state, link } = race;
  const { run } = store;
  const problem = (state === 'lost' ? link?.problem : link?.polling && REFRESHED) || '';
  const words = problem || STATUS_WORDS[state];
  const other = wordsChanged(words);
  const look = run && moments.look(scenes.make(race, run.config), performance.now(), state !== 'racing' || other);
  if (look) {
    charts.update(look.seen, look.wait === 0);
    loop.markIn(look.wait);
  }
  // After the axes, as in frame.js.
  queueMicrotask(() => {
    setAttribute(document.body, 'data-state', state);
    setText(status, statusOf({ state, run, recorded: false, link }));
    setText(why, problem);
    if (other) announce(words);
    if (look?.write) readings.update(look.seen);
  });
}
