/** Puts the page together: the address and the fields ask for a race, the race fills the store, charts and panels show it. */

import { createCharts } from './charts/charts.js';
import { createControls } from './form/controls.js';
import { identifyBrowser } from './link/browser-id.js';
import { createCapacity } from './link/capacity.js';
import { createRace } from './link/race.js';
import { about } from './model/format.js';
import { allowedCommands } from './model/page-state.js';
import { createScenes } from './model/scene.js';
import { createBeside } from './page/beside.js';
import { createCommands } from './page/commands.js';
import { createFrame } from './page/frame.js';
import { createHeader } from './page/header.js';
import { createLoader, whenIdle } from './page/loader.js';
import { createPageAddress } from './page/page-address.js';
import { createTransport } from './page/transport.js';
import { createUpdates } from './page/updates.js';
import { createPanels } from './panels/panels.js';
import { createReplayBar } from './panels/replay-bar.js';
import { createAnnouncer } from './ui/announcer.js';
import { bootstrapped, part } from './ui/dom.js';
import { createFrameLoop } from './ui/frame-loop.js';
import { createNotices } from './ui/notices.js';
import { createShortcuts } from './ui/shortcuts.js';

/** @type {Bootstrap} */
const bootstrap = bootstrapped();
identifyBrowser(bootstrap.capacity.classroom);

const loop = createFrameLoop(() => frame.draw());
const announce = createAnnouncer(part(document, 'announcer')).say;
const notices = createNotices(part(document, 'notices'), about);
const tables = /** @type {HTMLDialogElement} */ (part(document, 'tables'));
const race = createRace({ changed });
const scenes = createScenes(bootstrap.dataset.train, bootstrap);

const controls = createControls(bootstrap, {
  chosen,
  submitted: () => commands.play(),
  pace: (pace) => commands.choosePace(pace),
  learningRate: (lane, rate) => commands.setLearningRate(lane, rate),
});
const { form, switches } = controls;
const charts = createCharts(part(document, 'charts'), { mark: loop.mark, announce, tables });
const panels = createPanels({ dataset: bootstrap.dataset, touched, announce });
const replay = createReplayBar(part(document, 'replay'), part(document, 'replay-now'), changed);

const { ghosts, series, seriesFeed } = createBeside(bootstrap, { scenes, switches, notices, changed: loop.mark });
const address = createPageAddress(bootstrap, { race, controls, series, seriesFeed, ghosts, replay, notices, viewChanged, touched });
const commands = createCommands({ race, controls, series, seriesFeed, ghosts, notices, address, touched });
const transport = createTransport(part(document, 'transport'), {
  play: commands.toggle,
  stop: commands.stop,
  step: commands.step,
  again: commands.again,
});
const capacity = createCapacity(bootstrap.capacity, form.draft, () => allowedCommands(race.state, race.store.run, race.mine).start, {
  reached: () => notices.hide('unreachable'),
  changed: touched,
});
const { words, updates } = createUpdates({
  panels: panels.all,
  charts,
  notices,
  link: { retry: race.retry, again: commands.again, mark: changed },
  mark: loop.mark,
});
const frame = createFrame({
  scenes,
  race,
  controls,
  series,
  seriesFeed,
  ghosts,
  capacity,
  address,
  replay,
  commands,
  words,
  updates,
  charts,
  markIn: loop.markIn,
  transport,
  notices,
  announce,
  story: () => panels.story.text,
});
const later = createLoader(
  () => import('./later.js'),
  notices,
  ({ createLater }) => {
    const page = { bootstrap, controls, charts, ghosts, notices, tables, announce, touched, runWith: commands.runWith };
    const parts = createLater({ ...page, scene: () => frame.shown, shared: () => ({ ...address.shared, title: frame.title }) });
    words.add(parts.words);
    updates.add(parts.panels);
    return parts;
  },
);
const open = async (/** @type {import('./later.js').Opener} */ opener) => (await later())?.open[opener]();
const header = createHeader({ switches, staged: bootstrap.view.stage, repaint, announce, open });
createShortcuts({ ...transport.shortcuts, ...controls.shortcuts, ...header.shortcuts });
address.openFirst();
// If play was pressed before now.
dispatchEvent(new Event('playground-ready'));
if (bootstrap.experiment) later();
else whenIdle(later);

/** The race goes on. */
function changed() {
  updates.changed();
  loop.mark();
}

/** The visitor did something. */
function touched() {
  frame.touch();
  loop.mark();
}

/** A field or a switch was changed: the address follows, the race does not. */
function chosen() {
  viewChanged();
  address.replace();
  touched();
}

function viewChanged() {
  header.viewChanged();
  ghosts.show(switches.view.ghosts);
}

/** Canvases have their colours of the theme that there was. */
function repaint(now = false) {
  charts.repaint();
  panels.walls.repaint();
  touched();
  if (now) frame.draw();
}
