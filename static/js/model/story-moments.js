/** The part of the story about single moments: a lane falls, a rate changes, a target is passed, a gap opens. */

import { count, list, percent, points, target as goal } from './format.js';

/** @typedef {import('./story.js').Race} Race */

const GAP = 0.01;
const OPENING = 0.005;
const RISE = 1.15;

/** @param {{ name: string }[]} lanes */
export function named(lanes) {
  return list(lanes.map(({ name }) => name));
}

/**
 * How many batches each needed: "Adam passed 90 % after 60 batches; Momentum after 234 and SGD after 1,640".
 * @param {{ name: string, step: number }[]} hits first to last
 * @param {(names: string) => string} did what the first did
 */
export function needed(hits, did) {
  const steps = [...new Set(hits.map(({ step }) => step))];
  const names = steps.map((at) => named(hits.filter(({ step }) => step === at)));
  const start = `${did(names[0])} after **${count(steps[0])}** ${steps[0] === 1 ? 'batch' : 'batches'}`;
  const others = steps.map((step, i) => `${names[i]} after **${count(step)}**`).slice(1);
  if (others.length === 0) return start;
  // A second "and" would leave open who belongs together.
  return `${start}; ${names.slice(1).some((name) => name.includes(' and ')) ? others.join(', ') : list(others)}`;
}

/** Lanes that fell out; what brought several of them down is told once. @param {Race} race */
export function falls({ racers }) {
  const fallen = racers.filter((racer) => racer.fallen).map((racer) => ({ ...racer, why: racer.status === 'failed' ? racer.reason : '' }));
  return [...new Set(fallen.map(({ why }) => why))].map((why) => {
    const alike = fallen.filter((racer) => racer.why === why);
    const steps = alike.map(({ ended_at }) => ended_at ?? 0);
    const many = alike.length > 1;
    const every = many && alike.length === racers.length;
    const where = every ? `by batch ${count(Math.max(...steps))}` : `at ${many ? 'batches' : 'batch'} ${list(steps.map(count))}`;
    const start = `**${every ? 'Every lane' : named(alike)} ${alike[0].status}** ${where}`;
    if (why !== '') return `${start}. ${why ?? 'No reason was given.'}`;
    if (many) return `${start}: their losses are no longer numbers. Smaller learning rates may hold them.`;
    return `${start}: its loss is no longer a number. A smaller learning rate may hold it.`;
  });
}

/** The newest change of a learning rate while it trained, and what has come of it. @param {Race} race */
export function rateChange({ run, racers }) {
  const changes = racers.flatMap((racer) =>
    racer.learning_rate_changes.map(({ step, learning_rate }, i, all) => {
      const first = run.config.lanes[racer.lane].learning_rate ?? run.config.learning_rate;
      return { racer, step, to: learning_rate, from: i === 0 ? first : all[i - 1].learning_rate };
    }),
  );
  if (changes.length === 0) return [];
  const { racer, step, from, to } = changes.reduce((newest, each) => (each.step > newest.step ? each : newest));
  const before = racer.evaluations.findLast((each) => each.step < step);
  const after = racer.evaluations.at(-1);
  const known = !racer.fallen && before && after && after.step >= step;
  const effect = known
    ? `; it read ${percent(before.test_accuracy)} of unseen digits right before, and ${percent(after.test_accuracy)} since`
    : '';
  return [`At batch **${count(step)}** ${racer.name}'s learning rate went from ${from} to ${to}${effect}.`];
}

/**
 * Who passed a target, and when. While the race is on the highest target that several passed, afterwards the lowest,
 * which tells the optimizers apart the best.
 * @param {Race} race
 */
export function targets({ over, racers }) {
  const passed = racers.flatMap(({ name, reached }) => reached.map(({ accuracy, step }) => ({ name, accuracy, step })));
  if (passed.length === 0 || racers.some(({ home }) => home)) return [];
  const all = passed.map(({ accuracy }) => accuracy);
  const shared = all.filter((accuracy, i) => all.indexOf(accuracy) < i);
  const target = over ? Math.min(...all) : Math.max(...(shared.length > 0 ? shared : all));
  const hits = passed.filter(({ accuracy }) => accuracy === target).sort((a, b) => a.step - b.step);
  const alone = hits.length === 1 && racers.length > 1;
  return [
    `${needed(hits, (names) => `${names} passed ${goal(target)}`)}${alone ? `; nobody else ${over ? 'got there' : 'has yet'}` : ''}.`,
  ];
}

/** The lane whose test loss rises the most: it learns the training digits by heart. @param {Race} race */
export function byHeart({ over, trained }) {
  const rises = trained.flatMap(({ name, evaluations }) => {
    const measured = evaluations.filter(({ step, test_loss }) => step > 0 && Number.isFinite(test_loss));
    if (measured.length < 4) return [];
    const lowest = measured.reduce((best, each) => (each.test_loss < best.test_loss ? each : best));
    const newest = measured[measured.length - 1];
    // One high measurement is noise; the two before it have to agree.
    const factor = Math.min(...measured.slice(-3).map(({ test_loss }) => test_loss)) / lowest.test_loss;
    return factor >= RISE && newest.train_accuracy - newest.test_accuracy >= GAP ? [{ name, factor, lowest, newest }] : [];
  });
  if (rises.length === 0) return [];
  const { name, lowest, newest } = rises.reduce((most, each) => (each.factor > most.factor ? each : most));
  const [is, now, learns] = over ? ['rose', 'at the end', 'learned'] : ['is rising', 'now', 'is learning'];
  const losses = `${lowest.test_loss.toFixed(3)} at batch ${count(lowest.step)}, ${newest.test_loss.toFixed(3)} ${now}`;
  return [`**${name}'s test loss ${is}**: ${losses}. It ${learns} the training digits by heart.`];
}

/** The lane that knows its training digits much better than unseen ones. @param {Race} race */
export function gap({ over, trained }) {
  const widest = trained
    .map((racer) => ({ ...racer, apart: (racer.train_accuracy ?? 0) - racer.accuracy }))
    .sort((a, b) => b.apart - a.apart)[0];
  if (!widest || widest.apart < GAP) return [];
  const { name, apart, accuracy, train_accuracy, steps, evaluations } = widest;
  const shares = `${name} reads ${percent(train_accuracy ?? 0, 1)} of its training digits right and ${percent(accuracy, 1)} of unseen ones`;
  const then = evaluations.findLast(({ step }) => step > 0 && step <= steps / 2);
  const was = then ? then.train_accuracy - then.test_accuracy : apart;
  if (!then || apart - was < OPENING) return [`${shares}.`];
  return [`**A gap ${over ? 'opened' : 'is opening'}**: ${shares}; at batch ${count(then.step)} the two were ${points(was)} apart.`];
}
