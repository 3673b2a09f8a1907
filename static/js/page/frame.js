/**
 * One animation frame of the page: the race, the replay of it and the visitor's view become one scene, and whatever shows something
 * of it is brought up to date. Curves are drawn in every frame; panels take turns, unless the visitor has just done something.
 */

import { createChangeDetector } from '../model/changes.js';
import { allowedCommands, isOver, paceOf, STATUS_WORDS } from '../model/page-state.js';
import { part, setAttribute, setText } from '../ui/dom.js';
import { createNarration } from './narration.js';

/** @typedef {import('../types').Scene} Scene */
/** @typedef {{ update: (scene: Scene) => void }} Shows */

const TITLE = 'Optimizer Playground';
/** Batches a second of each lane at which every panel can keep up with every frame. */
const SLOW_PACE = 10;

/**
 * @param {object} page
 * @param {ReturnType<typeof import('../model/scene.js').createScenes>} page.scenes
 * @param {ReturnType<typeof import('../link/race.js').createRace>} page.race
 * @param {ReturnType<typeof import('../form/controls.js').createControls>} page.controls
 * @param {ReturnType<typeof import('../model/series.js').createSeries>} page.series
 * @param {ReturnType<typeof import('../link/series-feed.js').createSeriesFeed>} page.seriesFeed
 * @param {ReturnType<typeof import('./ghosts.js').createGhosts>} page.ghosts
 * @param {ReturnType<typeof import('../link/capacity.js').createCapacity>} page.capacity
 * @param {ReturnType<typeof import('./page-address.js').createPageAddress>} page.address
 * @param {ReturnType<typeof import('../panels/replay-bar.js').createReplayBar>} page.replay
 * @param {ReturnType<typeof import('./commands.js').createCommands>} page.commands
 * @param {ReturnType<typeof import('../ui/update-queue.js').createUpdateQueue>} page.updates
 * @param {Shows} page.charts
 * @param {Shows} page.transport
 * @param {ReturnType<typeof import('../ui/notices.js').createNotices>} page.notices
 * @param {(text: string) => void} page.announce
 * @param {() => string} page.story the story on show
 */
export function createFrame(page) {
  const { race, controls, series, seriesFeed, charts, updates } = page;
  const { form, switches, pace, rateMenu } = controls;
  const [summary, caption] = ['settings-summary', 'shown-as'].map((name) => part(document, name));
  const narration = createNarration(page.announce, page.story);
  const heardChanged = createChangeDetector();
  const runChanged = createChangeDetector();
  const stateChanged = createChangeDetector();
  /** The visitor did something, and sees it at once. */
  let touched = true;
  /** The race that the fields ask for. @type {import('../types').Config} */
  let draft;
  /** What was drawn last. @type {Scene | null} */
  let shown = null;

  function sceneNow() {
    const recorded = page.address.isRecording();
    return page.scenes.make(race, race.store.run?.config ?? draft, {
      mine: race.mine || recorded,
      joined: race.joined,
      recorded,
      ghosts: page.ghosts.list(race.id),
      series: series.scene,
      view: switches.view,
      ...page.capacity.forecast(),
    });
  }

  /** What depends on the run's description and the visitor's choices alone. @param {Scene} scene of the race as it is now */
  function updateControls(scene) {
    const { state, run, lanes, recorded } = scene;
    pace.show(paceOf(scene), race.mine || run === null || isOver(run));
    if (!allowedCommands(state, run, race.mine).tune) rateMenu.close();
    form.compare(state === 'idle' ? null : (series.scene?.first ?? run?.config ?? null));
    const settings = form.summary();
    setText(summary, settings);
    const { x, smoothing, loss_scale, seeds } = switches.view;
    setText(caption, `${settings}${seeds > 1 ? ` · ${seeds} seeds` : ''} · by ${x} · ${loss_scale} loss · smoothing ${smoothing}`);
    document.title = state === 'idle' || recorded ? TITLE : `${STATUS_WORDS[state]} · ${titleOf(lanes)}`;
  }

  return {
    /** The visitor did something. */
    touch() {
      touched = true;
    },
    get shown() {
      return shown;
    },
    /** What a link to the page is called. */
    get title() {
      return titleOf(shown?.lanes ?? []);
    },
    draw() {
      const { store, state, link } = race;
      const { run } = store;
      if (run) page.address.runArrived(run);
      if (heardChanged(link?.heard ?? 0)) page.notices.hide('unreachable');
      const earlierSeeds = run && seriesFeed.take(run);
      if (earlierSeeds) {
        series.restore(earlierSeeds);
        touched = true;
      }
      const otherRun = runChanged(state, store, store.runVersion) || touched;
      if (otherRun) draft = form.draft();

      const scene = sceneNow();
      setAttribute(document.body, 'data-state', state);
      setAttribute(document.body, 'data-recorded', scene.recorded ? '' : null);
      page.transport.update(scene);
      const seen = page.replay.view(scene);
      setAttribute(document.body, 'data-replaying', seen.state === 'replaying' ? '' : null);
      charts.update(seen);
      const slow = !['racing', 'replaying'].includes(seen.state) || (state === 'racing' && (paceOf(scene) ?? Infinity) <= SLOW_PACE);
      const other = stateChanged(state, seen.store);
      updates.update(seen, slow || other || touched);
      if (otherRun) {
        updateControls(scene);
        touched = false;
      }
      narration.update(scene);
      const next = run && link?.over ? series.next(run) : null;
      if (next && state === 'finished') page.commands.goOn(next);
      shown = seen;
    },
  };
}

/** @param {import('../types').Identity[]} lanes */
function titleOf(lanes) {
  return `${lanes.map(({ name }) => name).join(', ')} · ${TITLE}`;
}
