/** The line beside the play button: status, epoch, batch, examples, seconds and speed, with a bar for every lane. */

import { element, part, setAttribute, setText } from '../ui/dom.js';
import { createChangeDetector } from '../model/changes.js';
import { about, count, paceText, rate, seconds } from '../model/format.js';
import { isOver, paceOf, statusOf } from '../model/page-state.js';
import { withLiveSteps } from '../model/scene.js';

const GOING_OR_STOPPED = new Set(['running', 'stopped', 'interrupted']);
const SECONDS = 'Seconds: CPU time for training of the lane that has spent most';

/**
 * From the batch of the last lane to that of the first, where they are apart: at full speed each trains as fast as it can, and so far
 * it is when the race is stopped. A lane that has ended does not count as behind.
 * @param {Scene} scene
 * @param {number} first
 */
export function batchesOf(scene, first) {
  const { run, plan } = scene;
  const last = Math.min(first, ...(run?.lanes ?? []).map(({ status, steps }) => (GOING_OR_STOPPED.has(status) ? steps : first)));
  // With a pace they take turns, and all have trained as far as the last one.
  const inTurns = scene.state === 'racing' && paceOf(scene) !== null && first - last === 1;
  return `${last < first && !inTurns ? `${count(last)} to ` : ''}${count(inTurns ? last : first)} of ${count(plan.totalSteps)}`;
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
    // Before a race the story says how long another would wait, and beside another visitor's race the button does.
    const wait = run !== null && (scene.mine || isOver(run)) ? scene.waitInShort || scene.wait : '';
    setAttribute(detail, 'title', wait || SECONDS);
    const planned = `${count(plan.totalSteps)} batches of ${count(plan.batchSize)} for each lane`;
    const short = wait || (before ? planned : `batch ${batchesOf(scene, steps)}`);
    setAttribute(detail, 'data-wait', wait ? '' : null);
    const seen = watching || ` · ${count(steps * plan.batchSize)} examples seen`;
    setText(batches, short);
    setText(whole, wait || `${short}${before ? watching : `${seen} · ${seconds(spent)}`}`);
    if (state === 'queued' && run?.wait_s != null) setText(speed, `starts in ${about(run.wait_s)}`);
    else if (state === 'queued' && run?.behind_paused) setText(speed, 'a race before it is paused');
    else if (pace !== null && state !== 'replaying') setText(speed, paceText(pace));
    else setText(speed, state !== 'racing' ? '' : perSecond === null ? 'measuring speed…' : `${rate(perSecond)} batches/s in all`);
  }

  return {
    /** @param {Scene} scene */
    update(scene) {
      if ((scene.state !== 'starting' || bars.length > 0) && otherLanes(scene.lanes)) {
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
