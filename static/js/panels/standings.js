/** Who is ahead: the lanes by test accuracy, each with its rule, its dials, how far and how fast it is. */

import { element, prefersStillness, setAttribute, setText, swatch } from '../ui/dom.js';
import { createChangeDetector } from '../model/changes.js';
import { createComparison, differenceInFull, differenceText } from '../model/earlier-run.js';
import { count, percent, rate, seconds as spent } from '../model/format.js';
import { allowedCommands } from '../model/page-state.js';
import { ranking } from '../model/result.js';
import { withLiveSteps } from '../model/scene.js';
import { accuracyOverSeeds } from '../model/series.js';

const MOVE_MS = 450;

/**
 * @param {HTMLElement} host an ordered list
 * @param {(lane: Identity, rate: number, button: HTMLElement) => void} changeRate offers another learning rate
 */
export function createStandings(host, changeRate) {
  /** @type {ReturnType<typeof createRow>[]} */
  let rows = [];
  const lanesChanged = createChangeDetector();
  /** @type {number[]} */
  let order = [];
  /** Of a row. Asking for it while writing would make the page lay everything out at once. */
  let height = 0;
  new ResizeObserver(() => (height = rows[0]?.node.offsetHeight ?? 0)).observe(host);
  const comparison = createComparison();

  /** @param {Scene} scene */
  function arrange(scene) {
    if (!lanesChanged(scene.lanes)) return;
    order = [];
    rows = scene.lanes.map((lane) => createRow(lane, changeRate));
    host.replaceChildren(...rows.map(({ node }) => node));
  }

  /** Rows glide to their new places instead of jumping. @param {number[]} ranking lanes, best first */
  function reorder(ranking) {
    const before = order;
    if (ranking.every((lane, i) => lane === before[i])) return;
    order = ranking;
    const focused = /** @type {HTMLElement | null} */ (host.querySelector(':focus'));
    host.append(...ranking.map((lane) => rows[lane].node));
    focused?.focus({ preventScroll: true });
    ranking.forEach((lane, i) => setText(rows[lane].rank, String(i + 1)));
    if (before.length === 0 || prefersStillness()) return;
    ranking.forEach((lane, i) => {
      const moved = (before.indexOf(lane) - i) * height;
      if (moved !== 0) {
        rows[lane].node.animate([{ transform: `translateY(${moved}px)` }, { transform: 'none' }], {
          duration: MOVE_MS,
          easing: 'ease-out',
        });
      }
    });
  }

  return {
    /** @param {Scene} scene */
    update(scene) {
      arrange(scene);
      const { run } = withLiveSteps(scene);
      const { tune } = allowedCommands(scene.state, run, scene.mine);
      const seeds = rows.map((_, i) => accuracyOverSeeds(scene, i));
      rows.forEach((row, i) => row.show(run?.lanes[i] ?? null, scene.state === 'gone', tune, seeds[i]));
      const { found, ghost } = comparison.of(scene);
      rows.forEach((row, i) => row.compare(found.find(({ lane }) => lane.lane === i) ?? null, ghost?.label ?? ''));
      const order = run ? ranking(run) : scene.lanes.map(({ lane }) => lane);
      reorder(order.sort((a, b) => (seeds[b]?.mean ?? 0) - (seeds[a]?.mean ?? 0)));
    },
  };
}

/**
 * @param {Identity} identity
 * @param {(lane: Identity, rate: number, button: HTMLElement) => void} changeRate
 */
function createRow(identity, changeRate) {
  // Beside what was chosen before the race stands what became of it.
  const [before, chosen, after] = identity.dials.split(/(lr [\d.e-]+)/);
  const rateButton = element('button', { type: 'button', class: 'rate' }, chosen);
  const changed = element('span');
  const dials = element('span', { class: 'dials ellipsis' }, before, rateButton, changed, after);
  /** @type {Lane | null} */
  let shown = null;
  rateButton.addEventListener('click', () => {
    if (shown && rateButton.getAttribute('aria-disabled') === null) changeRate(identity, shown.learning_rate, rateButton);
  });
  const rank = element('span', { class: 'rank', 'aria-hidden': 'true' });
  const [accuracy, spread] = [
    element('span', {}, '–'),
    element('small', { title: 'Standard deviation over the seeds that are over; before it, their mean' }),
  ];
  const facts = element('span', { class: 'facts', title: 'Seconds of CPU time this lane has trained, and its batches in each of them' });
  const status = element('span', { class: 'lane-status ellipsis' });
  const reason = element('p', { class: 'reason' });
  const against = element('span', { class: 'against ellipsis' });
  const node = element(
    'li',
    { class: 'standing', 'data-lane': String(identity.lane), 'data-colour': identity.colour, 'data-status': 'waiting' },
    rank,
    element('div', { class: 'who' }, element('h3', { class: 'lane-name' }, swatch(identity), identity.name), status),
    element('span', { class: 'accuracy' }, accuracy, spread),
    element('p', { class: 'rule row' }, element('span', { class: 'ellipsis' }, identity.rule), against),
    element('p', { class: 'line' }, dials, facts),
    reason,
  );
  /** @param {Lane['learning_rate_changes']} changes */
  function writeRates(changes) {
    const last = changes.length - 1;
    const from = last > 0 ? `lr ${changes[last - 1].learning_rate}` : chosen;
    setText(rateButton, last < 0 ? chosen : `${from} → ${changes[last].learning_rate}`);
    const at = last < 0 ? '' : ` at batch ${count(changes[last].step)}`;
    // There is no room for it beside further dials; the chart has it at its mark.
    setText(changed, after ? '' : at);
    setAttribute(dials, 'title', `${before}${rateButton.textContent}${at}${after}`);
  }

  return {
    node,
    rank,
    /** @param {import('../model/earlier-run.js').Difference | null} difference from an earlier run @param {string} label of that */
    compare(difference, label) {
      setText(against, difference ? differenceText(difference, label) : '');
      setAttribute(against, 'title', difference ? differenceInFull(difference, label) : null);
    },
    /**
     * @param {Lane | null} lane
     * @param {boolean} gone the run was lost with its server
     * @param {boolean} tune whether learning rates can be changed
     * @param {ReturnType<typeof accuracyOverSeeds>} seeds
     */
    show(lane, gone, tune, seeds) {
      shown = lane;
      writeRates(lane?.learning_rate_changes ?? []);
      setAttribute(rateButton, 'aria-disabled', tune && lane?.ended_at === null ? null : 'true');
      setAttribute(node, 'data-status', lane?.status ?? 'waiting');
      const share = seeds ? seeds.mean : (lane?.test_accuracy ?? null);
      setText(accuracy, share === null ? '–' : percent(share));
      setText(spread, seeds ? ` ± ${(seeds.deviation * 100).toFixed(2)}` : lane?.quick ? ' quick' : '');
      setAttribute(spread, 'title', !seeds && lane?.quick ? 'Measured on some of the test digits; on all of them from batch 100 on' : null);
      const going = lane?.status === 'running' || lane?.status === 'waiting';
      // Beside a mean and its deviation there is room for a word on what went wrong.
      const word = seeds && (going || lane?.status === 'finished') ? '' : (lane?.status ?? '');
      setText(status, gone && going ? 'gone' : word);
      const crowded = after !== '' && (lane?.learning_rate_changes.length ?? 0) > 0;
      setAttribute(facts, 'data-crowded', crowded ? '' : null);
      setText(facts, lane && lane.steps > 0 ? factsOf(lane, crowded) : '');
      const silence = lane?.silent_s ? `Not answering for ${lane.silent_s} s` : '';
      setText(reason, lane?.status === 'failed' ? (lane.reason ?? '') : silence);
    },
  };
}

/**
 * How long a lane has trained and how fast, or where it ended too early.
 * @param {Lane} lane
 * @param {boolean} crowded the dials beside it need the room
 */
function factsOf({ status, steps, seconds, ended_at }, crowded) {
  if (['stopped', 'diverged', 'failed', 'interrupted'].includes(status)) return `at batch ${count(ended_at ?? steps)}`;
  if (crowded && seconds > 0) return spent(seconds);
  return seconds > 0 ? `${spent(seconds)} · ${rate(steps / seconds)}/s` : `${count(steps)} batches`;
}
