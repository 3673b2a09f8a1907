/** One sweep on its page: how far it is, its pictures, stopping it, its files and its link. */

import { ApiError } from '../link/api.js';
import { addressFor, ownPath } from '../link/root.js';
import { createSweepFeed, isOver } from '../link/sweeps.js';
import { summaryOf } from '../model/choices.js';
import { about, count, ordinal } from '../model/format.js';
import { createAnnouncer } from '../ui/announcer.js';
import { createCopyField } from '../ui/copy-field.js';
import { part, setAttribute, setText } from '../ui/dom.js';
import { createFrameLoop } from '../ui/frame-loop.js';
import { unbroken } from './sweep.js';
import { createSweepView } from './sweep-view.js';

/** @type {Record<RunStatus, string>} */
const WORDS = {
  queued: 'Queued',
  running: 'Training',
  paused: 'Paused',
  stopping: 'Stopping…',
  finished: 'Finished',
  stopped: 'Stopped',
  failed: 'Failed',
  interrupted: 'Interrupted',
};
/** A shorter wait is not worth a word. */
const WORTH_S = 10;

/**
 * @param {string} id
 * @param {SweepsBootstrap} bootstrap
 * @param {ReturnType<typeof import('../ui/notices.js').createNotices>} notices
 * @param {(sweep: Sweep) => void} [shown] hears of every change
 */
export function createSweepPage(id, bootstrap, notices, shown = () => {}) {
  const loop = createFrameLoop(draw);
  const feed = createSweepFeed(id, loop.mark);
  const announce = createAnnouncer(part(document, 'announcer')).say;
  const view = createSweepView(part(document, 'view'), { announce });
  const [headline, what, status, progress] = ['headline', 'what', 'status', 'progress'].map((name) => part(document, name));
  const bar = /** @type {HTMLProgressElement} */ (part(document, 'bar'));
  const stop = part(document, 'stop');
  const link = part(document, 'link');
  /** @type {HTMLInputElement} */ (part(link, 'text')).value = addressFor(ownPath());
  createCopyField(link, part(document, 'said'));
  stop.addEventListener('click', async () => {
    notices.hide('stop');
    try {
      await feed.stop();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      notices.show('stop', error.message, { kind: 'problem', retryAfterS: error.retryAfterS });
    }
  });
  /** What is shown already. @type {Sweep | null} */
  let drawn = null;
  let said = '';

  function draw() {
    const { sweep, link } = feed;
    const lost = !link.alive && !link.over;
    setAttribute(document.body, 'data-state', link.gone ? 'gone' : lost ? 'lost' : (sweep?.status ?? 'starting'));
    tell('lost', lost && (link.problem ?? 'The connection is lost. What is here stays, and the page tries again by itself.'), {
      label: 'Try now',
      run: feed.retry,
    });
    tell('gone', link.gone && 'The server does not have this sweep any more; what you see is what arrived.');
    if (lost || link.gone) setText(status, link.gone ? 'Gone' : 'Connection lost');
    else if (sweep) setText(status, WORDS[sweep.status]);
    if (!sweep || sweep === drawn) return;
    drawn = sweep;
    view.update(sweep);
    shown(sweep);
    // While it trains, what is ahead changes too often for a headline.
    const told = isOver(sweep) ? sweep.sentences[0] : undefined;
    setText(headline, unbroken(told ?? titleOf(sweep)));
    setText(what, [...(told ? [titleOf(sweep)] : []), settingsOf(sweep)].join(' · '));
    if (!bootstrap.experiment) document.title = `Sweep: ${titleOf(sweep)} · Optimizer Playground`;
    setText(progress, progressOf(sweep));
    bar.max = sweep.total;
    bar.value = sweep.done;
    bar.hidden = isOver(sweep);
    stop.hidden = !feed.mine || isOver(sweep);
    setAttribute(stop, 'aria-disabled', sweep.status === 'stopping' ? 'true' : null);
    tell('unsaved', sweep.saved === false && 'This sweep is not saved: it is here until the server restarts.');
    // What it was when the page came, whoever reads the page finds out.
    if (said && said !== sweep.status) announce(`${WORDS[sweep.status]}. ${isOver(sweep) ? sweep.sentences.join(' ') : ''}`);
    said = sweep.status;
  }

  /** @param {string} key @param {string | false | null} text @param {{ label: string, run: () => void }} [action] */
  function tell(key, text, action) {
    if (text) notices.show(key, text, { lasting: true, action });
    else notices.hide(key);
  }

  /** "3 optimizers × 13 learning rates × 3 seeds" @param {Sweep} sweep */
  function titleOf({ axes }) {
    const { settings, lane_settings } = bootstrap;
    // The seeds are said last: they are there for the spread.
    const order = Object.entries(axes).sort(([a], [b]) => Number(a === 'seed') - Number(b === 'seed'));
    const names = order.map(([name, values]) => {
      const label = name === 'optimizer' ? name : (settings[name] ?? lane_settings[name]).label.toLowerCase();
      const one = label.replace(/s$/, '');
      return `${values.length} ${values.length === 1 ? one : `${one}s`}`;
    });
    return names.join(' × ');
  }

  /** @param {Sweep} sweep */
  function settingsOf({ axes, config }) {
    const known = { ...bootstrap.config, ...config, lanes: [{ optimizer: '' }] };
    return summaryOf(known, bootstrap, { length: 'said', wanted: ({ name }) => !(name in axes) && name in config });
  }

  return { close: feed.close };
}

/** @param {Sweep} sweep */
function progressOf({ status, position, wait_s, phase, total, done, remaining_s, stopped_by, cells, fresh }) {
  if (status === 'queued')
    return `${position ? `${ordinal(position)} in the queue` : ''}${wait_s && wait_s > WORTH_S ? `, starts in ${about(wait_s)}` : ''}`;
  const trainings = `${count(done)} of ${count(total)} trainings`;
  const left = remaining_s !== null && remaining_s > WORTH_S ? `, ${about(remaining_s)} left` : '';
  if (status === 'running') return phase === 'grid' ? trainings + left : `the best again from fresh seeds, ${done} of ${total}${left}`;
  if (status === 'finished') return `${count(cells.length + fresh.length)} trainings`;
  const why = { unwatched: ', because nobody watched it', others: ', because others waited', owner: '' }[stopped_by ?? 'owner'];
  return trainings + (status === 'stopped' ? why : '');
}
