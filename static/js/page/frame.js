/**
 * One animation frame of the page: the race, the replay of it and the visitor's view become one scene, and whatever shows something
 * of it is brought up to date. What shows the same numbers does so together; other panels take turns, unless the visitor has
 * just done something.
 */

import { axisName, X_AXES } from '../charts/axes/scales.js';
import { createChangeDetector } from '../model/changes.js';
import { networks, onlyRuleDiffers } from '../model/lanes.js';
import { createMoments } from '../model/moment.js';
import { allowedCommands, goesOn, isOver, paceOf, STATUS_WORDS } from '../model/page-state.js';
import { part, setAttribute, setText } from '../ui/dom.js';
import { createNarration } from './narration.js';

const TITLE = 'Optimizer Playground';
/** Batches a second of each lane at which every panel can keep up with every frame. */
const SLOW_PACE = 10;

/** @param {Omit<Page, 'touched' | 'viewChanged'>} page */
export function createFrame(page) {
  const { race, controls, series, seriesFeed, charts, words, updates } = page;
  const { form, switches, pace, rateMenu } = controls;
  const caption = part(document, 'shown-as');
  /** Of the settings, for each room there is. */
  const summaries = /** @type {const} */ ([
    ['said', [...document.querySelectorAll('.in-words')]],
    ['short', [...document.querySelectorAll('.in-short')]],
  ]);
  const [networkWords, differWords] = ['.networks', '.differs'].map((words) => document.querySelectorAll(`.landing ${words}`));
  const narration = createNarration(page.announce, page.story);
  const heardChanged = createChangeDetector();
  const runChanged = createChangeDetector();
  const stateChanged = createChangeDetector();
  const moments = createMoments();
  /** The visitor did something, and sees it at once. */
  let touched = true;
  /** The race that the fields ask for. @type {Config} */
  let draft;

  function sceneNow() {
    const recorded = page.address.isRecording();
    const config = race.store.run?.config ?? draft;
    return page.scenes.make(race, config, {
      mine: race.mine || recorded,
      joined: race.joined,
      recorded,
      ghosts: page.ghosts.list(race.id, config),
      series: series.scene,
      view: switches.view,
      ...page.capacity.forecast(),
    });
  }

  /** What depends on the run's config, status and pace, and the visitor's choices alone. @param {Scene} scene of the race as it is now */
  function updateControls(scene) {
    const { state, run, plan, lanes, recorded } = scene;
    pace.show(paceOf(scene), race.mine || run === null || isOver(run));
    if (!allowedCommands(state, run, race.mine).tune) rateMenu.close();
    form.compare(state === 'idle' ? null : (series.scene?.first ?? run?.config ?? null), allowedCommands(state, run, race.mine).stop);
    for (const [length, nodes] of summaries)
      nodes.forEach((node) => setText(node, length === 'said' ? inItems(form.summary(length)) : form.summary(length)));
    networkWords.forEach((node) => setText(node, networks(lanes)));
    if (run) differWords.forEach((node) => setText(node, onlyRuleDiffers(run.config) ? '; only the update rule differs' : ''));
    const { x, reach, smoothing, loss_scale, seeds } = switches.view;
    const steps = reach === 'plan' ? plan.totalSteps : Math.max(0, ...(run?.lanes ?? []).map((lane) => lane.steps));
    const across = `across: ${axisName(x, X_AXES[x].of(steps, 0, plan))}`;
    setText(caption, inItems(`${seeds > 1 ? ` · ${seeds} seeds` : ''} · ${across} · loss: ${loss_scale} · smoothing ${smoothing}`));
    document.title = state === 'idle' || recorded ? TITLE : `${STATUS_WORDS[state]} · ${titleOf(lanes)}`;
  }

  const frame = {
    /** What was drawn last. @type {Scene | null} */
    shown: null,
    /** The visitor did something. */
    touch() {
      touched = true;
    },
    /** What a link to the page is called. */
    get title() {
      return titleOf(frame.shown?.lanes ?? []);
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
      const otherRun = runChanged(state, store, run?.config, run?.status, run?.pace) || touched;
      if (otherRun) draft = form.draft();

      const scene = sceneNow();
      const now = page.replay.view(scene);
      const slow = !goesOn(now.state) || (state === 'racing' && (paceOf(scene) ?? Infinity) <= SLOW_PACE);
      const all = stateChanged(state, now.store) || slow || touched;
      const { seen, write, wait } = moments.look(now, performance.now(), all);
      charts.update(seen, wait === 0);
      frame.shown = seen;
      // After the axes, which wait for the end of this callback: text on a canvas makes a browser work out all styles that have
      // changed before it, and once more what is written after it.
      queueMicrotask(() => {
        setAttribute(document.body, 'data-state', state);
        setAttribute(document.body, 'data-run', run ? '' : null);
        setAttribute(document.body, 'data-recorded', scene.recorded ? '' : null);
        setAttribute(document.body, 'data-replaying', now.state === 'replaying' ? '' : null);
        page.transport.update(scene);
        page.replay.write();
        if (write) {
          words.update(seen);
          updates.update(seen, all);
        }
        if (otherRun) updateControls(scene);
        narration.update(scene);
        const next = run && link?.over ? series.next(run) : null;
        if (next && state === 'finished') page.commands.goOn(next);
      });
      if (otherRun) touched = false;
      page.markIn(wait);
    },
  };
  return frame;
}

/** Lines break between settings alone, after the dot; in short they need all the room there is. @param {string} summary */
function inItems(summary) {
  return summary.replaceAll(' ', '\u00a0').replaceAll('\u00a0·\u00a0', '\u00a0· ');
}

/** @param {Identity[]} lanes */
function titleOf(lanes) {
  return `${lanes.map(({ name }) => name).join(', ')} · ${TITLE}`;
}
