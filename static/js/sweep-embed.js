/** A sweep embedded in another page: its picture, live or as it ended, as large as the frame, without controls. */

import { createSweepFeed } from './link/sweeps.js';
import { isOver } from './model/page-state.js';
import { createSweepPictures } from './sweeps/sweep-pictures.js';
import { progressOf, settingsOf, titleOf, WORDS } from './sweeps/words.js';
import { createAnnouncer } from './ui/announcer.js';
import { part, setAttribute, setText } from './ui/dom.js';
import { createFrameLoop } from './ui/frame-loop.js';

/** @type {SweepsBootstrap & { sweep_id: string }} */
const bootstrap = JSON.parse(document.getElementById('bootstrap')?.textContent ?? '');

const loop = createFrameLoop(draw);
const feed = createSweepFeed(bootstrap.sweep_id, loop.mark);
const pictures = createSweepPictures({ announce: createAnnouncer(part(document, 'announcer')).say });
const [headline, what, status, progress] = ['headline', 'what', 'status', 'progress'].map((name) => part(document, name));
part(document, 'view').append(pictures.node);
/** What is shown already. @type {Sweep | null} */
let drawn = null;

function draw() {
  const { sweep, link } = feed;
  const lost = !link.alive && !link.over;
  setAttribute(document.body, 'data-state', link.gone ? 'gone' : lost ? 'lost' : (sweep?.status ?? 'starting'));
  if (lost || link.gone) setText(status, link.gone ? 'Gone' : 'Connection lost');
  else if (sweep) setText(status, WORDS[sweep.status]);
  if (!sweep || sweep === drawn) return;
  drawn = sweep;
  pictures.update(sweep);
  setText(headline, titleOf(sweep, bootstrap));
  setText(what, `· ${settingsOf(sweep, bootstrap)}`);
  setText(progress, isOver(sweep) ? '' : progressOf(sweep));
}
