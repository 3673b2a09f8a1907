/** The line beside the play button: status, epoch, batch, examples, seconds and speed, with a bar for every lane. */

import { element, part, setAttribute, setText } from '../ui/dom.js';
import { createChangeDetector } from '../model/changes.js';
import { about, count, paceText, rate, seconds } from '../model/format.js';
import { isOver, paceOf, statusOf } from '../model/page-state.js';
import { withLiveSteps } from '../model/scene.js';

const SECONDS = 'Seconds: CPU time for training of the lane that has spent most';

/** Lanes with a pace take turns, and are never so far apart. */
const APART = { batches: 10, share: 0.95 };

/**
 * At full speed lanes train as fast as they can: the first batch and the last at which they are, with whose it is; empty while
 * all are about as far.
 * @param {Scene} scene
 */
function lanesApart({ run, lanes, plan }) {
  // Who fell out, or has reached the target, is behind nobody.
  const racing = (run?.lanes ?? []).flatMap(({ status, steps }, i) =>
    status === 'running' || steps === plan.totalSteps ? [{ steps, name: lanes[i]?.name }] : [],
  );
  const [last, first] = [Math.min, Math.max].map((most) => most(...racing.map(({ steps }) => steps)));
  if (!(first - last > APART.batches && last < first * APART.share)) return '';
  const who = (/** @type {number} */ at) => racing.find(({ steps }) => steps === at)?.name;
  return `batch ${count(last)} (${who(last)}) to ${count(first)} (${who(first)})`;
}

/** @param {HTMLElement} host */
export function createProgress(host) {
  const status = part(host, 'status');
  const headline = part(host, 'headline');
  const detail = part(host, 'detail');
  const [whole, batches] = ['whole-detail', 'batches'].map((name) => part(detail, name));
  const speed = part(host, 'speed');
  const track = part(host, 'track');
  const otherLanes = createChangeDetector();
  /** @type {HTMLElement[]} */
  let bars = [];

  /** @param {Scene} scene */
  function write(scene) {
    const { state, run, plan, speed: perSecond } = scene;
    const pace = paceOf(scene);
    const steps = Math.max(0, ...(run?.lanes.map((lane) => lane.steps) ?? []));
    const spent = Math.max(0, ...(run?.lanes.map((lane) => lane.seconds) ?? []));
    const epoch = Math.min(plan.epochs, Math.floor(Math.max(0, steps - 1) / plan.batchesPerEpoch) + 1);
    setText(status, statusOf(scene));
    const before = state === 'idle' || state === 'queued' || steps === 0;
    setText(headline, before ? plan.goal : `Epoch ${epoch} of ${plan.epochs}`);
    const alone = scene.mine && run !== null && !isOver(run) && run.viewers === 1 ? ' · only you watching' : '';
    const watching = run && run.viewers > 1 ? ` · ${count(run.viewers)} watching` : alone;
    // Before a race the story says what another would wait for, and beside somebody else's the button.
    const wait = run !== null && (scene.mine || isOver(run)) ? scene.waitInShort || scene.wait : '';
    setAttribute(detail, 'title', wait || SECONDS);
    const planned = `${count(plan.totalSteps)} batches of ${count(plan.batchSize)} for each lane`;
    const apart = lanesApart(scene);
    const named = before ? planned : `${apart || `batch ${count(steps)}`} of ${count(plan.totalSteps)}`;
    const seen = watching || (apart ? '' : ` · ${count(steps * plan.batchSize)} examples seen`);
    setText(batches, wait || named.replace(/ \([^)]*\)+/g, ''));
    setText(whole, wait || `${named}${before ? watching : `${seen} · ${seconds(spent)}`}`);
    if (state === 'queued' && run?.wait_s != null) setText(speed, `starts in ${about(run.wait_s)}`);
    else if (state === 'queued' && run?.behind_paused) setText(speed, 'a race before it is paused');
    else if (pace !== null && state !== 'replaying') setText(speed, paceText(pace));
    else setText(speed, state !== 'racing' ? '' : perSecond === null ? 'measuring speed…' : `${rate(perSecond)} batches/s in all`);
  }

  return {
    /** @param {Scene} scene */
    update(scene) {
      if (otherLanes(scene.lanes)) {
        bars = scene.lanes.map((lane) => element('span', { class: 'lane-bar', 'data-colour': lane.colour }));
        track.replaceChildren(...bars);
      }
      const live = withLiveSteps(scene);
      write(live);
      const total = scene.plan.totalSteps;
      const shares = bars.map((_, i) => Math.min(1, (live.run?.lanes[i]?.steps ?? 0) / total));
      bars.forEach((bar, i) => {
        const scale = `scaleX(${shares[i].toFixed(4)})`;
        if (bar.style.transform !== scale) bar.style.transform = scale;
      });
      const percent = Math.round((shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length)) * 100);
      setAttribute(track, 'aria-valuenow', String(percent));
      setAttribute(track, 'aria-valuetext', `${percent} % of all batches`);
    },
  };
}
