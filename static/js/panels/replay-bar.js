/** The bar under the curves: plays a run that is over again, at any speed, in this page alone. */

import { ApiError, ofRun, unreachable } from '../link/api.js';
import { withRetries } from '../link/retry.js';
import { part, prefersStillness, setAttribute, setText } from '../ui/dom.js';
import { seconds } from '../model/format.js';
import { isOver } from '../model/page-state.js';
import { createReplay, lengthOf } from '../model/replay.js';
import { createStore } from '../model/stream/store.js';

/** How long the recording on the front page takes, and what is replayed without a choice of speed. */
const ONCE_S = 12;
const NOTHING = createStore();

/**
 * @param {HTMLElement} host
 * @param {HTMLElement} hint a button where one looks first: the bar is further down
 * @param {() => void} changed another moment is on show
 */
export function createReplayBar(host, hint, changed) {
  const button = /** @type {HTMLButtonElement} */ (part(host, 'replay-play'));
  const slider = /** @type {HTMLInputElement} */ (part(host, 'replay-at'));
  const [time, note] = [part(host, 'replay-time'), part(host, 'replay-note')];
  /** The moment on show, in seconds of training; null for the end. @type {number | null} */
  let at = null;
  let playing = false;
  let playedAt = 0;
  let length = 0;
  let stale = false;
  /** Not all of it stands there yet. */
  let unwritten = true;
  /** A run that is over can be replayed. */
  let possible = false;
  let recorded = false;
  /** The next finished run is replayed once automatically. */
  let once = false;
  /** Its own speed, until the visitor has chosen one. @type {number | null} */
  let ownSpeed = null;
  /** @type {Store | null} */
  let whole = null;
  /** @type {ReturnType<typeof createReplay> | null} */
  let replay = null;
  /** The replay whose story was requested. @type {ReturnType<typeof createReplay> | null} */
  let told = null;

  /** @param {number | null} moment @param {boolean} plays */
  function move(moment, plays) {
    at = moment === null || moment >= length ? null : moment;
    if (plays && !playing) playedAt = performance.now();
    playing = plays && at !== null;
    stale = true;
    if (at !== null && replay && told !== replay) tell((told = replay));
    changed();
  }

  /** Lets the server tell the story of every moment. @param {NonNullable<typeof replay>} shown */
  async function tell(shown) {
    const wanted = () => replay === shown;
    const take = (/** @type {Moment[]} */ moments) => {
      shown.tell(moments);
      if (wanted()) move(at, playing);
    };
    const failed = (/** @type {Error} */ { message }) =>
      take([{ seconds: 0, sentences: [`**The story of this race could not be loaded.** ${message}`] }]);
    if (!navigator.onLine) failed(unreachable());
    try {
      take((await withRetries(() => ofRun(shown.store.run?.id, 'story/moments'), { failed, wanted })).moments);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failed(error);
    }
  }

  host.addEventListener('change', () => (ownSpeed = null));
  const toggle = () => move(playing ? at : (at ?? 0), !playing);
  button.addEventListener('click', toggle);
  hint.addEventListener('click', () => {
    // A speed that suits short and long races.
    if (at === null) ownSpeed = length / ONCE_S;
    toggle();
  });
  slider.addEventListener('input', () => move((Number(slider.value) / Number(slider.max)) * length, playing));

  function speed() {
    return ownSpeed ?? Number(/** @type {HTMLInputElement} */ (host.querySelector('input:checked')).value);
  }

  function write() {
    if (!unwritten) return;
    unwritten = false;
    const moment = at ?? length;
    button.disabled = slider.disabled = !possible;
    hint.hidden = !possible || recorded;
    setAttribute(button, 'aria-label', playing ? 'Pause the replay' : 'Replay');
    setText(hint, playing ? 'Pause replay' : 'Replay');
    setAttribute(button, 'data-action', playing ? 'pause' : 'play');
    if (document.activeElement !== slider || playing) slider.value = String((moment / (length || 1)) * Number(slider.max));
    setAttribute(slider, 'aria-valuetext', `${seconds(moment)} of ${seconds(length)}`);
    setText(time, length > 0 ? `${seconds(moment)} of ${seconds(length)}` : '');
    setText(note, at === null ? 'Watch a finished race again here.' : 'Hard digits and pictures show the end of the run.');
  }

  return {
    /** Play what is about to arrive, once and quickly; not for those who want less motion. */
    playOnce() {
      once = !prefersStillness();
    },
    write,
    /** What the page shows of a scene: the scene itself, or an earlier moment of it. @param {Scene} scene @returns {Scene} */
    view(scene) {
      const { run, store, link } = scene;
      const over = run !== null && isOver(run) && link?.over === true && store.lanes.some(({ frames }) => frames.count > 0);
      if (!scene.recorded) once = false;
      // Otherwise the whole race would be seen before its replay begins.
      if (once && !over && link?.alive) return { ...scene, state: 'starting', run: null, store: NOTHING, whole: NOTHING };
      if (over ? store !== whole : whole !== null || once) {
        whole = over ? store : null;
        replay = whole && run && createReplay(whole, run);
        length = over ? lengthOf(store) : 0;
        at = null;
        playing = false;
        ownSpeed = null;
        possible = over;
        recorded = scene.recorded;
        unwritten = true;
        if (once) {
          once = false;
          ownSpeed = length / ONCE_S;
          move(0, true);
        }
      }
      if (replay === null || (at === null && !stale)) return scene;
      if (playing && at !== null) {
        const now = performance.now();
        move(at + ((now - playedAt) / 1000) * speed(), true);
        playedAt = now;
      }
      if (stale) {
        stale = false;
        if (at !== null) replay.move(at);
        unwritten = true;
      }
      return at === null
        ? scene
        : { ...scene, state: 'replaying', run: replay.store.run, store: replay.store, whole: store, series: null, speed: null };
    },
  };
}
