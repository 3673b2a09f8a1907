/** Puts the page together: the address and the fields ask for a race, the race fills the store, the panels draw it. */

import { addressOf, asksForSettings, pathOf, readConfig, readView, runIdOf } from './model/address.js';
import { identifyBrowser } from './link/browser-id.js';
import { createAnnouncer } from './ui/announcer.js';
import { createCapacity } from './link/capacity.js';
import { createCharts } from './charts/charts.js';
import { createCommands } from './page/commands.js';
import { createConfusionPanel } from './panels/confusion-panel.js';
import { part, setAttribute, setText } from './ui/dom.js';
import { createDrawPanel } from './panels/draw-panel.js';
import { createSeriesFeed } from './link/series-feed.js';
import { createExport } from './page/export-menu.js';
import { count } from './model/format.js';
import { createFrameLoop } from './ui/frame-loop.js';
import { createGhosts } from './page/ghosts.js';
import { createHardDigits } from './panels/hard-digits.js';
import { createHelp } from './page/help.js';
import { identify, planOf } from './model/lanes.js';
import { createMeanwhile } from './page/meanwhile.js';
import { createLinkNotices } from './page/link-notices.js';
import { announcement } from './model/announcements.js';
import { createNotices, notLoaded } from './ui/notices.js';
import { takeToken } from './link/owner-keys.js';
import { createPace } from './form/pace.js';
import { isOver, allowedCommands, paceOf } from './model/page-state.js';
import { createPanels } from './page/panels.js';
import { createPresenting } from './page/presenting.js';
import { createProgress, WORDS } from './panels/progress.js';
import { createPushPanel } from './panels/push-panel.js';
import { createRace } from './link/race.js';
import { configChoices } from './model/choices.js';
import { createRateMenu } from './form/rate-menu.js';
import { createReach } from './panels/reach.js';
import { createReplayBar } from './panels/replay-bar.js';
import { ownPath, ROOT } from './link/root.js';
import { load, save } from './link/storage.js';
import { createSeries } from './model/series.js';
import { createSettingsForm } from './form/settings-form.js';
import { createShortcuts } from './ui/shortcuts.js';
import { createSpeed, settled as speedSettled } from './model/speed.js';
import { createStandings } from './panels/standings.js';
import { createStoryPanel } from './panels/story-panel.js';
import { createTheme } from './ui/theme.js';
import { createTransport } from './page/transport.js';
import { createUpdateQueue } from './ui/update-queue.js';
import { createViewSwitches } from './form/view-switches.js';
import { createWeightsPanel } from './panels/weights-panel.js';

/** @type {import('./types').Bootstrap} */
const bootstrap = JSON.parse(document.getElementById('bootstrap')?.textContent ?? '');
identifyBrowser(bootstrap.capacity.classroom);
const TITLE = 'Optimizer Playground';
const UPDATE_EVERY_MS = 50;

const loop = createFrameLoop(draw);
const race = createRace({ changed });
const speed = createSpeed();
const announcer = createAnnouncer(part(document, 'announcer'));
const notices = createNotices(part(document, 'notices'));
const form = createSettingsForm(part(document, 'settings'), { limits: bootstrap, changed: chosen, submitted: () => commands.play() });
const switches = createViewSwitches(part(document, 'view'), chosen);
const panels = createPanels(part(document, 'panels'), part(document, 'panels-open'), {
  changed: (hide) => switches.choose({ hide }),
  announce: announcer.say,
  none: part(document, 'all-closed'),
  view: part(document, 'view'),
});
const presenting = createPresenting({ enter: part(document, 'present'), leave: part(document, 'leave') }, (present) =>
  switches.choose({ present }),
);
const help = createHelp(part(document, 'how'), part(document, 'how-open'), () => setup.lanes);
const story = createStoryPanel(part(document, 'story'));
const whole = /** @type {HTMLButtonElement} */ (part(document, 'whole'));
const charts = createCharts(part(document, 'charts'), {
  mark: loop.mark,
  announce: announcer.say,
  tables: part(document, 'tables'),
  zoomed: (zoomed) => (whole.disabled = !zoomed),
});
whole.addEventListener('click', charts.reset);
const ghosts = createGhosts(part(document, 'ghosts'), part(document, 'ghosts-open'), {
  setupOf: (run) => setupOf(run.config, run),
  chosen: (ids) => switches.choose({ ghosts: ids }),
  changed: loop.mark,
  lost: () => notices.show('ghost', 'An earlier run is not on the server any more, and has left the list.'),
});
const series = createSeries();
const seriesFeed = createSeriesFeed({
  changed: loop.mark,
  lost() {
    switches.choose({ series: [] });
    notices.show(
      'series',
      'The other seeds of this race are not on the server any more: this is one seed alone. Press play to run them again.',
    );
  },
});
const replay = createReplayBar(part(document, 'replay'), part(document, 'replay-now'), changed);
const commands = createCommands({
  race,
  form,
  switches,
  series,
  seriesFeed,
  notices,
  asked,
  began(config) {
    base = config;
  },
  visit() {
    if (base) history.pushState(null, '', address(base));
  },
});
const transport = createTransport(part(document, 'transport'), {
  play: commands.toggle,
  stop: commands.stop,
  step: commands.step,
  again: commands.again,
});
const pace = createPace(part(document, 'pace'), commands.choosePace);
const rateMenu = createRateMenu(part(document, 'rate'), configChoices(bootstrap)[0], commands.setLearningRate);
const updates = createUpdateQueue([
  createProgress(part(document, 'progress')),
  createStandings(part(document, 'standings'), rateMenu.open),
  createReach(part(document, 'reach'), asked),
  createHardDigits(part(document, 'digits'), part(document, 'digits-title')),
  createPushPanel(part(document, 'push'), { tables: part(document, 'tables'), announce: announcer.say }),
  createWeightsPanel(part(document, 'weights')),
  createDrawPanel(part(document, 'draw'), { examples: bootstrap.dataset.examples, announce: announcer.say }),
  createConfusionPanel(part(document, 'confusion')),
  createMeanwhile(part(document, 'meanwhile')),
  createLinkNotices(notices, { retry: race.retry, again: commands.again, mark: changed }),
  story,
  ...charts.readouts,
]);
const capacity = createCapacity(
  bootstrap.capacity,
  form.draft,
  () => allowedCommands(race.state, race.store.run, race.mine).start,
  () => {
    notices.hide('unreachable');
    asked();
  },
);
const summary = part(document, 'settings-summary');
const shownAs = part(document, 'shown-as');

/** What the path alone would show; null while the run it names is not known yet. @type {import('./types').Config | null} */
let base = null;
/** The visitor did something, and sees it at once. */
let touched = true;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let updateTimer;
/** What follows from the config alone: the same objects until it is another one, so that panels can tell by a look. */
let setup = setupOf(bootstrap.config, null);
/** What was drawn last. @type {{ store: unknown, shown: import('./types').Scene | null, runVersion: number, rowsVersion: number, state: import('./types').PageState, run: import('./types').Run | null, heard: number }} */
let drawn = { store: null, shown: null, runVersion: -1, rowsVersion: -1, state: 'idle', run: null, heard: 0 };

part(document, 'share-open').addEventListener('click', async () => {
  try {
    const { openShare } = await import('./page/share-dialog.js');
    openShare(part(document, 'share'), {
      run: race.id && pathOf(race.id) + (switches.view.series.length > 0 ? `?series=${switches.view.series}` : ''),
      settings: addressOf(
        { runId: null, base: bootstrap.config, config: form.draft(), view: { ...switches.view, ghosts: [], series: [] } },
        bootstrap,
      ),
      title: `${namesOf(setup.lanes)} · ${TITLE}`,
      locked: bootstrap.capacity.passphrase,
    });
  } catch {
    notices.show('unreachable', notLoaded('share-dialog.js'), { kind: 'problem' });
  }
});
createExport(part(document, 'export'), part(document, 'export-open'), {
  scene: () => drawn.shown,
  drawn: charts.shown,
  zoomed: () => !whole.disabled,
  digits: bootstrap.dataset.name,
  notices,
});
createTheme(part(document, 'theme'), { load, save }, charts.repaint);
createShortcuts({
  ' ': commands.toggle,
  s: commands.stop,
  arrowright: commands.step,
  r: commands.again,
  f: presenting.toggle,
  escape: presenting.leave,
  '?': help.open,
});
window.addEventListener('popstate', () => open(runIdOf(ownPath())));
window.addEventListener('hashchange', takeToken);
takeToken();
open(bootstrap.run_id);

/** Shows what the address asks for. @param {string | null} runId */
function open(runId) {
  const { view, problems } = readView(location.search);
  switches.load(view);
  arrangePanels();
  base = null;
  const recording = runId === null && !asksForSettings(location.search, bootstrap) ? bootstrap.recorded : null;
  if (race.id !== (runId ?? recording)) {
    series.clear();
    seriesFeed.follow(runId === null ? [] : view.series);
  }
  if (runId === null) {
    race.leave();
    if (recording !== null) {
      race.watch(recording, null);
      replay.playOnce();
      if (document.activeElement === document.body) part(document, 'play').focus({ preventScroll: true });
    }
    settle(bootstrap.config, problems);
  } else {
    form.load(bootstrap.config);
    if (race.id !== runId) race.watch(runId, null);
    if (race.store.run) settle(race.store.run.config, problems);
    else if (problems.length > 0) tell(problems);
  }
  loop.mark();
}

/**
 * Fills the fields in, now that it is known what the address is relative to.
 * @param {import('./types').Config} config
 * @param {string[]} [problems] found in the address before
 */
function settle(config, problems = []) {
  base = config;
  const asked = readConfig(location.search, config, bootstrap);
  form.load(asked.config);
  touched = true;
  tell([...problems, ...asked.problems]);
}

/** @param {string[]} problems */
function tell(problems) {
  if (problems.length === 0) return;
  notices.show('link', `Part of this link was left out. ${problems.join(' ')}`);
}

function arrangePanels() {
  panels.show(switches.view.hide, switches.view.present);
  ghosts.show(switches.view.ghosts);
  if (presenting.show(switches.view.present)) charts.repaint();
}

/** A field or a switch was changed: the address follows, the race does not. */
function chosen() {
  arrangePanels();
  if (base) history.replaceState(null, '', address(base));
  asked();
}

function asked() {
  touched = true;
  loop.mark();
}

/** The race goes on. */
function changed() {
  updates.changed();
  loop.mark();
}

/** @param {import('./types').Identity[]} lanes */
function namesOf(lanes) {
  return lanes.map(({ name }) => name).join(', ');
}

/** Whether the front page shows its recording. */
function recorded() {
  return race.id !== null && race.id === bootstrap.recorded;
}

/** @param {import('./types').Config} from */
function address(from) {
  return ROOT + addressOf({ runId: recorded() ? null : race.id, base: from, config: form.draft(), view: switches.view }, bootstrap);
}

/**
 * @param {import('./types').Config} config
 * @param {import('./types').Run | null} run
 */
function setupOf(config, run) {
  const plan = planOf(config, bootstrap.dataset.train);
  if (run) Object.assign(plan, { batchesPerEpoch: run.batches_per_epoch, totalSteps: run.total_steps });
  const lanes = identify(config);
  return { key: JSON.stringify([plan, lanes]), plan, lanes };
}

function draw() {
  const { store, state, link, mine } = race;
  const { run } = store;
  if (run && base === null) settle(run.config);
  const before = run && seriesFeed.take(run);
  if (before) {
    series.restore(before);
    touched = true;
  }
  const runChanged = state !== drawn.state || store !== drawn.store || store.runVersion !== drawn.runVersion;
  if (runChanged || touched) {
    const newest = setupOf(run?.config ?? form.draft(), run);
    if (newest.key !== setup.key) setup = newest;
  }
  const { plan, lanes } = setup;

  const heard = link?.heard ?? 0;
  if (heard !== drawn.heard) notices.hide('unreachable');
  if (store !== drawn.store || state !== 'racing' || !speedSettled({ run, store, plan })) speed.reset();
  else if (store.rowsVersion !== drawn.rowsVersion) {
    speed.sample(
      performance.now(),
      store.lanes.reduce((sum, { frames }) => sum + frames.count, 0),
    );
  }
  const now = {
    state,
    run,
    mine: mine || recorded(),
    joined: race.joined,
    recorded: recorded(),
    store,
    whole: store,
    ghosts: ghosts.list(race.id),
    series: series.scene,
    link,
    plan,
    lanes,
    view: switches.view,
    speed: speed.perSecond,
    ...capacity.told(),
  };
  setAttribute(document.body, 'data-state', state);
  setAttribute(document.body, 'data-recorded', now.recorded ? '' : null);
  transport.update(now);
  const scene = replay.view(now);
  setAttribute(document.body, 'data-replaying', scene.state === 'replaying' ? '' : null);
  charts.update(scene);
  // What comes slowly can be told at once.
  const slow = !['racing', 'replaying'].includes(scene.state) || (state === 'racing' && (paceOf(now) ?? Infinity) <= 10);
  const settled = slow || state !== drawn.state || scene.store !== drawn.shown?.store;
  clearTimeout(updateTimer);
  if (updates.update(scene, settled || touched)) updateTimer = setTimeout(loop.mark, UPDATE_EVERY_MS);
  if (state === 'paused' && store.rowsVersion !== drawn.rowsVersion && store === drawn.store) {
    announcer.say(`Batch ${count(Math.max(...store.lanes.map(({ frames }) => frames.count)))}.`);
  }
  if (runChanged || touched) {
    pace.show(paceOf(now), mine || run === null || isOver(run));
    if (!allowedCommands(state, run, mine).tune) rateMenu.close();
    form.compare(state === 'idle' ? null : (series.scene?.first ?? run?.config ?? null));
    setText(summary, form.summary());
    const { x, smoothing, loss_scale, seeds } = switches.view;
    setText(shownAs, `${form.summary()}${seeds > 1 ? ` · ${seeds} seeds` : ''} · by ${x} · ${loss_scale} loss · smoothing ${smoothing}`);
    document.title = state === 'idle' || now.recorded ? TITLE : `${WORDS[state]} · ${namesOf(lanes)} · ${TITLE}`;
    touched = false;
  }
  if (runChanged) {
    const said = now.recorded
      ? ''
      : announcement(
          drawn,
          { state, run },
          lanes.map(({ name }) => name),
        );
    if (said) announcer.say(state === 'finished' ? story.text : said);
  }
  const next = run && link?.over ? series.next(run) : null;
  if (next && state === 'finished') commands.goOn(next);
  drawn = { store, shown: scene, runVersion: store.runVersion, rowsVersion: store.rowsVersion, state, run, heard };
}
