/** One sweep on its page: how far it is, its pictures, stopping it, its files and its link. */

import { ApiError } from '../link/api.js';
import { addressFor, ownPath } from '../link/root.js';
import { createSweepFeed } from '../link/sweeps.js';
import { isOver } from '../model/page-state.js';
import { createAnnouncer } from '../ui/announcer.js';
import { createCopyField } from '../ui/copy-field.js';
import { part, setAttribute, setText } from '../ui/dom.js';
import { createFrameLoop } from '../ui/frame-loop.js';
import { unbroken } from './sweep.js';
import { createSweepView } from './sweep-view.js';
import { progressOf, settingsOf, titleOf, WORDS } from './words.js';

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
  // On an experiment's page, the answer to its question takes the place of the sweep's sentences.
  const asked = bootstrap.experiment !== null;
  const view = createSweepView(part(document, 'view'), { announce, asked });
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
    const why = link.restarting ? 'The server is restarting.' : 'The connection is lost.';
    tell('lost', lost && (link.problem ?? `${why} What is here stays, and the page tries again by itself.`), {
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
    // While it trains, the leader changes too often for a headline.
    const told = isOver(sweep) && !asked ? sweep.sentences[0] : undefined;
    const title = titleOf(sweep, bootstrap);
    setText(headline, unbroken(told ?? title));
    setText(what, [...(told ? [title] : []), settingsOf(sweep, bootstrap)].join(' · '));
    if (!asked) document.title = `Sweep: ${title} · Optimizer Playground`;
    setText(progress, progressOf(sweep));
    bar.max = sweep.total;
    bar.value = sweep.done;
    bar.hidden = isOver(sweep);
    stop.hidden = !feed.mine || isOver(sweep);
    setAttribute(stop, 'aria-disabled', sweep.status === 'stopping' ? 'true' : null);
    tell('unsaved', sweep.saved === false && 'This sweep is not saved: it is here until the server restarts.');
    // The status at which the page was opened is not announced.
    if (said && said !== sweep.status) announce(`${WORDS[sweep.status]}. ${isOver(sweep) && !asked ? sweep.sentences.join(' ') : ''}`);
    said = sweep.status;
  }

  /** @param {string} key @param {string | false | null} text @param {{ label: string, run: () => void }} [action] */
  function tell(key, text, action) {
    if (text) notices.show(key, text, { lasting: true, action });
    else notices.hide(key);
  }

  return { close: feed.close };
}
