/** The part of the story about the order of the lanes: who leads or won, and how the lead came about. */

import { count, list, percent, points, target as goal } from './format.js';
import { isOver } from './page-state.js';
import { arrived } from './result.js';
import { needed } from './story-moments.js';

/** @typedef {import('./story.js').Racer} Racer */
/** @typedef {import('./types').Run} Run */

const LEVEL = 0.0005;
/** Ten digits: guessing gives 10 %. */
const GUESSING = 0.15;
const CLOSE = 0.02;

const TENSES = {
  now: { ahead: 'leads', alone: 'has', level: 'are level' },
  stopped: { ahead: 'was ahead', alone: 'had', level: 'were level' },
  over: { ahead: 'wins', alone: 'ends with', level: 'end level' },
};

/** @param {Racer} racer */
function accuracy({ lane }) {
  return lane.test_accuracy ?? 0;
}

/** @param {Racer[]} trained best first @param {Run} run */
export function headline(trained, run) {
  if (trained.length === 0) return [];
  const home = trained.filter(({ lane }) => arrived(run, lane));
  if (home.length > 0) return toTarget(home, trained.slice(home.length), run);
  if (accuracy(trained[0]) < GUESSING) return [guessing(trained[0], run)];
  const { target_accuracy } = run.config;
  const missed = run.status === 'finished' && target_accuracy ? [`Nobody reached ${goal(target_accuracy)}.`] : [];
  return [order(trained, run), ...missed];
}

/**
 * A race to a target: who got there, and where the others are.
 * @param {Racer[]} home first to last
 * @param {Racer[]} others
 * @param {Run} run
 */
function toTarget(home, others, run) {
  const hits = home.map(({ name, lane }) => ({ name, step: lane.ended_at ?? lane.steps }));
  const first = hits.filter(({ step }) => step === hits[0].step).length;
  const was = run.lanes.length === 1 ? 'reached' : first > 1 ? 'were first to' : 'was first to';
  const sentences = [`${needed(hits, (names) => `**${names} ${was} ${goal(run.config.target_accuracy ?? 0)}**`)}.`];
  if (others.length > 0) {
    const where = list(others.map((other) => percent(accuracy(other))));
    const [are, their] = others.length > 1 ? ['are', 'their'] : ['is', 'its'];
    const names = list(others.map(({ name }) => name));
    sentences.push(isOver(run) ? `${names} ended at ${where}, short of it.` : `${names} ${are} still on ${their} way with ${where}.`);
  }
  return sentences;
}

/** @param {Racer} best @param {Run} run */
function guessing(best, run) {
  const share = `${percent(accuracy(best))} of unseen digits right`;
  const zero = run.config.initialisation === 'zero';
  const why = zero ? 'all weights began at zero, and nothing tells one hidden unit from another' : 'a smaller learning rate may help';
  if (isOver(run)) return `**Nobody learned to read.** ${share} is what guessing gives; ${why}.`;
  return `**Still guessing.** ${share} is about what chance gives${zero ? `; ${why}` : ''}.`;
}

/** @param {Racer[]} trained best first @param {Run} run */
function order(trained, run) {
  const [first, ...others] = trained;
  const halted = run.status === 'stopped' || run.status === 'paused';
  const batch = count(Math.max(...run.lanes.map(({ steps }) => steps)));
  const when = halted ? `${run.status === 'stopped' ? 'Stopped' : 'Paused'} after batch ${batch}: ` : '';
  const { ahead, alone, level } = TENSES[run.status === 'stopped' ? 'stopped' : isOver(run) ? 'over' : 'now'];
  const share = `${percent(accuracy(first))} of unseen digits right`;
  if (others.length === 0) return `${when}**${first.name}** ${alone} ${share}.`;
  const equal = trained.filter((racer) => accuracy(first) - accuracy(racer) < LEVEL);
  if (equal.length > 1) return `${when}**${list(equal.map(({ name }) => name))} ${level}** at ${share}.`;
  const told = !isOver(run) ? others.slice(0, 1) : others.length > 2 ? [others[0], others[others.length - 1]] : others;
  const margins = told.map((other) => `${points(accuracy(first) - accuracy(other))} ahead of ${other.name}`);
  return `${when}**${first.name} ${ahead}** with ${share}, ${list(margins)}.`;
}

/**
 * Who led from which evaluation on, as far as all that are still in the race have been measured; a lead of a few digits is none.
 * @param {Racer[]} trained
 * @param {Racer[]} racers
 */
function leaders(trained, racers) {
  /** @type {{ racer: Racer, step: number }[]} */
  const led = [];
  const measured = new Map(racers.map((racer) => [racer, new Map(racer.evaluations.map((each) => [each.step, each.test_accuracy]))]));
  for (const { step } of trained[0]?.evaluations ?? []) {
    if (step === 0 || trained.some((racer) => !measured.get(racer)?.has(step))) continue;
    const at = (/** @type {Racer | undefined} */ racer) => (racer && measured.get(racer)?.get(step)) ?? 0;
    const best = racers.reduce((most, racer) => (at(racer) > at(most) ? racer : most));
    const last = led.at(-1)?.racer;
    if (best !== last && at(best) >= GUESSING && at(best) - at(last) >= LEVEL) led.push({ racer: best, step });
  }
  return led;
}

/**
 * The winner was not always ahead: where it overtook.
 * @param {Racer[]} trained best first
 * @param {Racer[]} racers
 */
export function turn(trained, racers) {
  const led = leaders(trained, racers);
  const [before, last] = led.slice(-2);
  if (!last || last.racer !== trained[0]) return [];
  const batch = `by batch **${count(last.step)}**`;
  if (led.length === 2) return [`${before.racer.name} led until ${last.racer.name} overtook it ${batch}.`];
  const times = led.length === 3 ? 'twice' : `${led.length - 1} times`;
  return [`The lead changed hands ${times}, last from ${before.racer.name} to ${last.racer.name} ${batch}.`];
}

/**
 * The second lane against the first: overtaken just now, or closing in.
 * @param {Racer[]} trained best first
 * @param {Racer[]} racers
 * @param {Run} run
 */
export function chase(trained, racers, run) {
  const [first, second] = trained;
  if (!second || arrived(run, first.lane)) return [];
  const recent = run.batches_per_epoch / 2;
  const [before, last] = leaders(trained, racers).slice(-2);
  const newest = first.evaluations.at(-1)?.step ?? 0;
  if (last && last.racer === first && newest - last.step <= recent) {
    return [`${first.name} took the lead from ${before.racer.name} by batch **${count(last.step)}**.`];
  }
  const now = ahead(first, second, Infinity);
  const then = now && ahead(first, second, now.step - recent);
  // A lane far behind gains all the time: that is learning, not closing in.
  if (!now || !then || then.step === 0 || !(now.by > 0 && now.by <= CLOSE && then.by - now.by >= 0.001)) return [];
  const gaps = `${points(now.by)} behind at batch ${count(now.step)}, ${points(then.by)} at batch ${count(then.step)}`;
  return [`Step for step, **${second.name} is closing in**: ${gaps}.`];
}

/**
 * The newest step up to a limit at which both were evaluated, and how far the first was ahead.
 * @param {Racer} one
 * @param {Racer} other
 * @param {number} limit
 */
function ahead(one, other, limit) {
  const theirs = new Map(other.evaluations.map((each) => [each.step, each.test_accuracy]));
  const newest = one.evaluations.findLast(({ step }) => step <= limit && theirs.has(step));
  return newest ? { step: newest.step, by: newest.test_accuracy - (theirs.get(newest.step) ?? 0) } : null;
}
