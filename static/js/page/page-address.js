/** The page and its address: shows what an address asks for, and keeps the address true to what is on show. */

import { addressOf, asksForSettings, pathOf, readConfig, readView, runIdOf } from '../model/address.js';
import { takeToken } from '../link/owner-keys.js';
import { ownPath, ROOT } from '../link/root.js';
import { part } from '../ui/dom.js';
import { keptStage } from './stage.js';

/**
 * @param {Bootstrap} bootstrap
 * @param {Pick<Page, 'race' | 'controls' | 'series' | 'seriesFeed' | 'ghosts' | 'replay' | 'notices' | 'viewChanged' | 'touched'>} page
 */
export function createPageAddress(bootstrap, { race, controls, series, seriesFeed, ghosts, replay, notices, viewChanged, touched }) {
  const { form, switches } = controls;
  const { experiment } = bootstrap;
  /** Where the page is, on its server: the addresses of runs are below. */
  const home = experiment ? `/experiments/${experiment.name}` : '';
  const limits = experiment ? shownAs(bootstrap, experiment.view) : bootstrap;
  const whole = (/** @type {string} */ address) => ROOT + home + (home ? address.replace(/^\/(?=\?|$)/, '') : address);
  const ownRun = () => runIdOf(ownPath().slice(home.length));
  /** What the path alone would show; null while the run it names is not known yet. @type {Config | null} */
  let base = null;

  /** Whether the front page shows its recording. */
  const isRecording = () => race.id !== null && race.id === bootstrap.recorded;

  /** @param {Config} from */
  function current(from) {
    return whole(addressOf({ runId: isRecording() ? null : race.id, base: from, config: form.draft(), view: switches.view }, limits));
  }

  /** Shows what the address asks for. @param {string | null} runId */
  function open(runId) {
    const { view, problems } = readView(location.search, limits);
    if (!experiment && !new URLSearchParams(location.search).has('stage')) view.stage = keptStage(bootstrap);
    switches.load(view);
    ghosts.restore(history.state);
    viewChanged();
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
        if (!experiment) replay.playOnce();
        if (document.activeElement === document.body) part(document, 'play').focus({ preventScroll: true });
      }
      fillIn(bootstrap.config, problems);
    } else {
      form.load(bootstrap.config);
      if (race.id !== runId) race.watch(runId, null);
      if (race.store.run) fillIn(race.store.run.config, problems);
      else report(problems);
    }
    touched();
  }

  /** Fills the fields in, now that it is known what the address is relative to. @param {Config} config @param {string[]} [problems] found in the address before */
  function fillIn(config, problems = []) {
    base = config;
    const found = readConfig(location.search, config, bootstrap);
    form.load(found.config);
    touched();
    report([...problems, ...found.problems]);
  }

  /** @param {string[]} problems */
  function report(problems) {
    if (problems.length > 0) notices.show('link', `Some settings in this link weren’t understood and were ignored: ${problems.join(' ')}`);
  }

  window.addEventListener('popstate', () => open(ownRun()));
  window.addEventListener('hashchange', takeToken);

  return {
    isRecording,
    /** Shows what the address of the page asks for when it has just loaded. */
    openFirst() {
      takeToken();
      open(bootstrap.run_id);
    },
    /** The run that the address names is known. @param {Run} run */
    runArrived({ config }) {
      if (base === null) fillIn(config);
    },
    /** A run of this config was started. @param {Config} config */
    runStarted(config) {
      const before = ownRun();
      // Going back to the previous run shows its own settings, not those of the new one.
      if (before !== null && base)
        history.replaceState(history.state, '', whole(addressOf({ runId: before, base, config: base, view: switches.view }, limits)));
      base = config;
    },
    /** The fields take the settings of the run on show. @param {Config} config */
    takeSettings(config) {
      base = config;
      form.load(config);
      history.replaceState(ghosts.state, '', current(config));
      touched();
    },
    /** The front page as a first visitor finds it, with nothing of what was before. */
    startOver() {
      ghosts.forget();
      history.pushState(null, '', whole('/'));
      open(null);
    },
    /** The run on show gets an entry of its own in the history. */
    push() {
      if (base) history.pushState(ghosts.state, '', current(base));
    },
    /** A choice was made: the address follows. */
    replace() {
      if (base) history.replaceState(ghosts.state, '', current(base));
    },
    /** The paths that the dialog Share hands on: of the run on show, and of the settings in the fields. */
    get shared() {
      const { series: ids } = switches.view;
      const view = { ...switches.view, ghosts: [], series: [] };
      return {
        run: race.id && pathOf(race.id) + (ids.length > 0 ? `?series=${ids}` : ''),
        settings: whole(addressOf({ runId: null, base: bootstrap.config, config: form.draft(), view }, limits)).slice(ROOT.length),
      };
    },
  };
}

/** The view's settings, with other defaults than usual. @param {Bootstrap} limits @param {Record<string, any>} view */
function shownAs(limits, view) {
  const rows = Object.entries(view).map(([name, usual]) => [name, { ...limits.view[name], default: usual }]);
  return { ...limits, view: { ...limits.view, ...Object.fromEntries(rows) } };
}
