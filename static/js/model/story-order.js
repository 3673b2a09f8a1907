/** The part of the story about the order of the lanes: who leads or won, and how the lead came about. */

import { count, list, percent, points, target } from './format.js';
import { named, needed } from './story-moments.js';

/** @typedef {import('./story.js').Race} Race */
/** @typedef {import('./story.js').Racer} Racer */

const LEVEL = 0.0005;
/** Ten digits: guessing gives 10 %. */
const GUESSING = 0.15;
const CLOSE = 0.02;

/** Who is ahead or has won, or where everybody is. @param {Race} race */
export function headline({ run, over, trained }) {
  const [first, ...others] = trained;
  if (!first) return [];
  const goal = target(run.config.target_accuracy ?? 0);
  const home = trained.filter((racer) => racer.home);
  if (home.length > 0) return arrivals(home, trained.slice(home.length), over, goal);
  const share = `${percent(first.accuracy)} of unseen digits right`;
  if (first.accuracy < GUESSING) {
    const zero = run.config.initialisation === 'zero' && '; all weights began at zero, and nothing tells one hidden unit from another';
    const why = zero || (over ? '; a smaller learning rate may help' : '');
    return [`**${over ? 'Nobody learned to read' : 'Still guessing'}.** ${share} is what guessing gives${why}.`];
  }
  const halted = { stopped: 'Stopped', interrupted: 'Interrupted', paused: 'Paused' }[/** @type {string} */ (run.status)];
  const when = halted ? `${halted} after batch ${count(Math.max(...run.lanes.map(({ steps }) => steps)))}: ` : '';
  const missed = run.status === 'finished' && run.config.target_accuracy ? [`Nobody reached ${goal}.`] : [];
  return [`${when}${order(first, others, share, halted && over ? STOPPED : over ? OVER : NOW)}.`, ...missed];
}

const NOW = { ahead: 'leads', alone: 'has', level: 'are level' };
const STOPPED = { ahead: 'was ahead', alone: 'had', level: 'were level' };
const OVER = { ahead: 'wins', alone: 'ends with', level: 'end level' };

/** @param {Racer} first @param {Racer[]} others best first @param {string} share @param {typeof NOW} tense */
function order(first, others, share, tense) {
  if (others.length === 0) return `**${first.name}** ${tense.alone} ${share}`;
  const equal = others.filter(({ accuracy }) => first.accuracy - accuracy < LEVEL);
  if (equal.length > 0) return `**${named([first, ...equal])} ${tense.level}** at ${share}`;
  const told = tense === NOW ? others.slice(0, 1) : others.filter((_, i) => i === 0 || i === others.length - 1);
  const margins = told.map(({ name, accuracy }) => `${points(first.accuracy - accuracy)} ahead of ${name}`);
  return `**${first.name} ${tense.ahead}** with ${share}, ${list(margins)}`;
}

/** A race to a target: who got there, first to last, and where the others are. @param {Racer[]} home @param {Racer[]} others @param {boolean} over @param {string} goal */
function arrivals(home, others, over, goal) {
  const hits = home.map(({ name, ended_at }) => ({ name, step: ended_at ?? 0 }));
  const were = hits[1]?.step === hits[0].step ? 'were' : 'was';
  const first = needed(hits, (names) => `**${names} ${home.length + others.length > 1 ? `${were} first to` : 'reached'} ${goal}**`);
  if (others.length === 0) return [`${first}.`];
  const where = list(others.map(({ accuracy }) => percent(accuracy)));
  const go = others.length > 1 ? 'go' : 'goes';
  return [`${first}.`, `${named(others)} ${over ? `ended at ${where}, short of it` : `${go} on, at ${where} so far`}.`];
}

/**
 * Who led from which evaluation on, as far as all still in the race have been measured; a lead of a few digits is none.
 * @param {Race} race
 */
function leaders({ racers, trained }) {
  /** @type {{ racer: Racer, step: number }[]} */
  const led = [];
  for (const { step } of trained[0]?.evaluations ?? []) {
    if (step === 0 || trained.some(({ at }) => !at.has(step))) continue;
    const score = (/** @type {Racer | undefined} */ racer) => racer?.at.get(step) ?? 0;
    const best = racers.reduce((most, racer) => (score(racer) > score(most) ? racer : most));
    const last = led.at(-1)?.racer;
    if (best !== last && score(best) >= GUESSING && score(best) - score(last) >= LEVEL) led.push({ racer: best, step });
  }
  return led;
}

/** The winner was not always ahead: where it overtook. @param {Race} race */
export function turn(race) {
  const led = leaders(race);
  const [before, last] = led.slice(-2);
  if (!last || last.racer !== race.trained[0]) return [];
  const [from, to, batch] = [before.racer.name, last.racer.name, `by batch **${count(last.step)}**`];
  if (led.length === 2) return [`${from} led until ${to} overtook it ${batch}.`];
  return [`The lead changed hands ${led.length === 3 ? 'twice' : `${led.length - 1} times`}, last from ${from} to ${to} ${batch}.`];
}

/** The second lane against the first: overtaken just now, or closing in. @param {Race} race */
export function chase(race) {
  const [first, second] = race.trained;
  if (!second || first.home) return [];
  const recent = race.run.batches_per_epoch / 2;
  const [before, last] = leaders(race).slice(-2);
  if (last?.racer === first && (first.evaluations.at(-1)?.step ?? 0) - last.step <= recent) {
    return [`${first.name} took the lead from ${before.racer.name} by batch **${count(last.step)}**.`];
  }
  const now = ahead(first, second, Infinity);
  const then = now && ahead(first, second, now.step - recent);
  // A lane far behind gains all the time: that is learning, not closing in.
  if (!now || !then || then.step === 0 || now.by <= 0 || now.by > CLOSE || then.by - now.by < 0.001) return [];
  const gaps = `${points(now.by)} behind at batch ${count(now.step)}, ${points(then.by)} at batch ${count(then.step)}`;
  return [`Step for step, **${second.name} is closing in**: ${gaps}.`];
}

/** The newest step up to a limit at which both were evaluated, and how far the first was ahead. @param {Racer} one @param {Racer} other @param {number} limit */
function ahead(one, other, limit) {
  const newest = one.evaluations.findLast(({ step }) => step <= limit && other.at.has(step));
  return newest && { step: newest.step, by: newest.test_accuracy - (other.at.get(newest.step) ?? 0) };
}
