/** The part of the story about single moments: a lane falls, a learning rate changes, a target is passed, a gap opens. */

import { count, list, percent, points, target as goal } from './format.js';
import { isOver } from './page-state.js';
import { arrived, hasFallen } from './result.js';

/** @typedef {import('./story.js').Racer} Racer */
/** @typedef {import('./story.js').Evaluated} Evaluated */
/** @typedef {import('./types').Run} Run */
/** @typedef {{ name: string, step: number }} Hit */

const GAP = 0.01;
const OPENING = 0.005;
const RISE = 1.15;

/**
 * How many batches each needed: "Adam passed 90 % after 60 batches; Momentum after 234 and SGD after 1,640".
 * @param {Hit[]} hits first to last
 * @param {(names: string) => string} did what the first did
 */
export function needed(hits, did) {
  const steps = [...new Set(hits.map(({ step }) => step))];
  const names = steps.map((step) => list(hits.filter((hit) => hit.step === step).map(({ name }) => name)));
  const start = `${did(names[0])} after **${count(steps[0])}** ${steps[0] === 1 ? 'batch' : 'batches'}`;
  if (steps.length === 1) return start;
  const others = steps.map((step, i) => `${names[i]} after **${count(step)}**`).slice(1);
  // A second "and" would leave open who belongs together.
  return `${start}; ${names.slice(1).some((name) => name.includes(' and ')) ? others.join(', ') : list(others)}`;
}

/** Lanes that fell out; what brought several of them down is told once. @param {Racer[]} racers */
export function falls(racers) {
  const reasonOf = (/** @type {Racer} */ { lane }) => (lane.status === 'diverged' ? '' : (lane.reason ?? 'No reason was given.'));
  const fallen = racers.filter(({ lane }) => hasFallen(lane));
  return [...new Set(fallen.map(reasonOf))].map((reason) => {
    const alike = fallen.filter((racer) => reasonOf(racer) === reason);
    const steps = alike.map(({ lane }) => lane.ended_at ?? lane.steps);
    const many = alike.length > 1;
    const every = many && alike.length === racers.length;
    const names = every ? 'Every lane' : list(alike.map(({ name }) => name));
    const where = every ? `by batch ${count(Math.max(...steps))}` : `at ${many ? 'batches' : 'batch'} ${list(steps.map(count))}`;
    if (reason !== '') return `**${names} failed** ${where}. ${/[.!?]$/.test(reason) ? reason : `${reason}.`}`;
    const why = many ? 'their losses are no longer numbers. Smaller learning rates' : 'its loss is no longer a number. A smaller learning rate';
    return `**${names} diverged** ${where}: ${why} may hold ${many ? 'them' : 'it'}.`;
  });
}

/** The newest change of a learning rate while it trained, and what has come of it. @param {Racer[]} racers @param {Run} run */
export function rateChange(racers, run) {
  const changes = racers.flatMap((racer) => {
    const own = run.config.lanes[racer.lane.lane]?.learning_rate ?? run.config.learning_rate;
    return racer.lane.learning_rate_changes.map(({ step, learning_rate }, i, all) => ({
      racer, step, to: learning_rate, from: i === 0 ? own : all[i - 1].learning_rate,
    }));
  });
  if (changes.length === 0) return [];
  const { racer, step, from, to } = changes.reduce((newest, each) => (each.step > newest.step ? each : newest));
  const before = racer.evaluations.findLast((each) => each.step < step);
  const after = racer.evaluations.at(-1);
  const known = before && after && after.step >= step && !hasFallen(racer.lane);
  const effect = known ? `; it read ${percent(before.test_accuracy)} of unseen digits right before, and ${percent(after.test_accuracy)} since` : '';
  return [`At batch **${count(step)}** ${racer.name}'s learning rate went from ${from} to ${to}${effect}.`];
}

/**
 * Who passed a target, and when. While the race is on the highest target that several passed, afterwards 90 %,
 * which tells the optimizers apart the best.
 * @param {Racer[]} racers
 * @param {Run} run
 */
export function targets(racers, run) {
  const reached = [...new Set(racers.flatMap(({ lane }) => lane.reached.map((hit) => hit.accuracy)))].sort((a, b) => a - b);
  if (reached.length === 0 || run.lanes.some((lane) => arrived(run, lane))) return [];
  const passed = (/** @type {number} */ target) =>
    racers
      .flatMap(({ name, lane }) => lane.reached.filter((hit) => hit.accuracy === target).map(({ step }) => ({ name, step })))
      .sort((a, b) => a.step - b.step);
  const over = isOver(run);
  const target = over ? reached[0] : (reached.findLast((each) => passed(each).length > 1) ?? reached[reached.length - 1]);
  const hits = passed(target);
  const alone = hits.length === 1 && racers.length > 1;
  const others = alone ? (over ? '; nobody else got there' : '; nobody else has yet') : '';
  return [`${needed(hits, (names) => `${names} passed ${goal(target)}`)}${others}.`];
}

/** The lane whose test loss rises the most: it learns the training digits by heart. @param {Racer[]} trained @param {boolean} over */
export function byHeart(trained, over) {
  const rising = trained.flatMap(({ name, evaluations }) => {
    const measured = evaluations.filter(({ step, test_loss }) => step > 0 && Number.isFinite(test_loss));
    if (measured.length < 4) return [];
    const lowest = measured.reduce((best, each) => (each.test_loss < best.test_loss ? each : best));
    const newest = measured[measured.length - 1];
    // One high measurement is noise; the two before it have to agree.
    const factor = Math.min(...measured.slice(-3).map((each) => each.test_loss)) / lowest.test_loss;
    const learning = newest.train_accuracy - newest.test_accuracy >= GAP;
    return factor >= RISE && learning ? [{ name, factor, lowest, newest }] : [];
  });
  if (rising.length === 0) return [];
  const { name, lowest, newest } = rising.reduce((most, each) => (each.factor > most.factor ? each : most));
  const [is, now, learns] = over ? ['rose', 'at the end', 'learned'] : ['is rising', 'now', 'is learning'];
  const losses = `${lowest.test_loss.toFixed(3)} at batch ${count(lowest.step)}, ${newest.test_loss.toFixed(3)} ${now}`;
  return [`**${name}'s test loss ${is}**: ${losses}. It ${learns} the training digits by heart.`];
}

/** The lane that knows its training digits much better than unseen ones. @param {Racer[]} trained @param {boolean} over */
export function gap(trained, over) {
  const apart = (/** @type {{ test_accuracy: number | null, train_accuracy: number | null }} */ each) => (each.train_accuracy ?? 0) - (each.test_accuracy ?? 0);
  if (trained.length === 0) return [];
  const { name, lane, evaluations } = trained.reduce((most, each) => (apart(each.lane) > apart(most.lane) ? each : most));
  if (apart(lane) < GAP) return [];
  const shares = `${percent(lane.train_accuracy ?? 0, 1)} of its training digits right and ${percent(lane.test_accuracy ?? 0, 1)} of unseen ones`;
  const then = evaluations.findLast(({ step }) => step > 0 && step <= lane.steps / 2);
  if (!then || apart(lane) - apart(then) < OPENING) return [`${name} reads ${shares}.`];
  return [`**A gap ${over ? 'opened' : 'is opening'}**: ${name} reads ${shares}; at batch ${count(then.step)} the two were ${points(apart(then))} apart.`];
}
