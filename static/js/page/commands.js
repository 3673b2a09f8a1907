/** The visitor's commands to the race: play, pause, step, stop, again, a pace, a learning rate. A notice says which one failed, and why. */

import { ApiError } from '../link/api.js';
import { askPassphrase } from './passphrase.js';
import { withPassphrase } from '../link/with-passphrase.js';
import { allowedCommands } from '../model/page-state.js';
import { withRetries } from '../link/retry.js';
import { rememberRun } from '../link/recent-runs.js';
import { part } from '../ui/dom.js';

/** Notices about earlier races, which a new one removes. */
const OF_BEFORE = ['start', 'joined', 'stop', 'command', 'rate', 'link', 'unreachable', 'series'];

/** @param {Pick<Page, 'race' | 'controls' | 'series' | 'seriesFeed' | 'ghosts' | 'notices' | 'address' | 'touched'>} page */
export function createCommands({ race, controls: { form, switches }, series, seriesFeed, ghosts, notices, address, touched }) {
  function allowed() {
    const commands = allowedCommands(race.state, race.store.run, race.mine);
    // A recording is shown without waiting.
    return address.isRecording() ? { ...commands, start: true } : commands;
  }

  let goingOn = false;

  async function play() {
    if (allowed().start) await start();
  }

  async function toggle() {
    const { pause, resume } = allowed();
    if (pause || resume) await attempt('command', race.toggle);
    else await play();
  }

  async function step() {
    const { start: starts, step: steps } = allowed();
    if (!steps || (starts && !(await start(true)))) return;
    // A queued race, too, will wait before its first batch.
    if (race.state !== 'queued') await attempt('command', race.step);
  }

  async function again() {
    if (!allowed().again || !form.read()) return;
    await withRoom(async () => (allowed().start || (await stop())) && start());
  }

  /** At once, so that nothing moves later; if the start fails, the settings are shown again. @param {() => Promise<boolean>} begins */
  async function withRoom(begins) {
    const restore = form.makeRoom();
    const begun = await begins();
    if (!begun) restore();
    return begun;
  }

  function stop() {
    series.end();
    return attempt('stop', race.stop);
  }

  /** Whether a race was started. @param {boolean} [paused] waiting before its first batch */
  async function start(paused = false) {
    const config = form.read();
    if (!config) return false;
    for (const key of OF_BEFORE) notices.hide(key);
    const shown = () => ({ id: race.id, store: race.store, link: race.link });
    // A recording is no run of the page.
    const before = address.isRecording() ? null : shown();
    const starts = async () => {
      if (!(await begin(config, paused))) return;
      if (before?.id !== race.id) ghosts.begin(before, shown());
      series.begin(config, switches.view.seeds);
      seriesFeed.follow([]);
      switches.load({ ...switches.view, series: [] });
      address.push();
    };
    return withRoom(() => attempt('start', starts));
  }

  /** @param {Config} config @param {boolean} paused @param {string} [nth] of a series */
  async function begin(config, paused, nth = '') {
    const [label, lanes] = [form.summary('said') + nth, form.lanes()];
    const run = await race.start(config, { pace: switches.view.pace, paused });
    if (run) {
      address.runStarted(run.config);
      rememberRun(run.id, label, lanes);
      if (race.joined)
        notices.show(
          'joined',
          'You are watching the class’s race with the same settings. For a race of your own, change one of them, the seed for example.',
        );
    }
    return run !== null;
  }

  /**
   * Whether the command was carried out; if not, the page says why.
   * @param {string} key of the notice, should it fail
   * @param {() => Promise<void>} command
   * @returns {Promise<boolean>}
   */
  async function attempt(key, command) {
    try {
      if ((await withPassphrase(command, askPassphrase)) === false) return false;
      for (const over of [key, 'unreachable']) notices.hide(over);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code !== 'invalid_config' || !form.complain(error.message)) {
        notices.hide(key);
        const { retryAfterS } = error;
        notices.show(error.code === 'unreachable' ? error.code : key, error.message, { kind: 'problem', retryAfterS });
      }
      return false;
    }
  }

  async function startOver() {
    if (allowed().stop && !(await stop())) return;
    for (const key of OF_BEFORE) notices.hide(key);
    address.startOver();
  }

  const shownConfig = () => series.scene?.first ?? race.store.run?.config;
  part(document, 'run-now').addEventListener('click', again);
  part(document, 'run-settings').addEventListener('click', () => {
    const config = shownConfig();
    if (config) address.takeSettings(config);
    part(document, 'settings-toggle').focus();
  });
  part(document, 'start-over').addEventListener('click', startOver);

  return {
    play,
    /** Runs these settings, whatever is in the fields. @param {Config} config */
    runWith(config) {
      address.takeSettings(config);
      return allowed().again ? again() : play();
    },
    /** Pause or go on, or else play. */
    toggle,
    step,
    again,
    stop,
    /** The series goes on with its next seed. @param {Config} config */
    async goOn(config) {
      if (goingOn) return;
      goingOn = true;
      const { store } = race;
      const begun = await attempt('start', async () => {
        const next = () => begin(config, false, ` · then seed ${config.seed}`);
        const wanted = () => race.store === store;
        const failed = (/** @type {ApiError} */ { message, retryAfterS }) =>
          notices.show('start', message, { kind: 'problem', retryAfterS });
        // A request that was cut off may have started a race all the same.
        const passes = (/** @type {ApiError} */ { retryAfterS }) => retryAfterS > 0;
        if (!(await withRetries(next, { passes, failed, wanted }))) return;
        series.add(store);
        switches.choose({ series: series.ids });
      });
      goingOn = false;
      if (!begun) series.end();
    },
    /** @param {number | null} pace */
    async choosePace(pace) {
      switches.choose({ pace });
      // A recording has no pace: choosing one starts a race at it.
      if (address.isRecording() && pace !== null) await start();
      else if (race.store.run && !allowed().start) await attempt('command', () => race.setPace(pace));
      touched();
    },
    /** @param {number} lane @param {number} rate */
    setLearningRate: (lane, rate) => attempt('rate', () => race.setLearningRate(lane, rate)),
  };
}
