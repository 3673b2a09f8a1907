/**
 * What is happening, in one to three sentences computed from the data. Pure: the same run and evaluations give the
 * same sentences. A sentence is a list of pieces; `{ strong }` ones are emphasised.
 */

import { count, list, ordinal, percent, points } from './format.js';

/** @typedef {string | { strong: string }} Piece */
/** @typedef {import('./types').Lane} Lane */
/**
 * @typedef {object} Evaluated one evaluation of a lane
 * @property {number} step
 * @property {number} test_accuracy
 * @property {number} test_loss
 * @property {number} train_accuracy
 */
/** @typedef {{ name: string, lane: Lane, evaluations: Evaluated[] }} Racer */

const LEVEL = 0.0005;
const HONEST_GAP = 0.01;
/** Ten digits: guessing gives 10 %. */
const GUESSING = 0.15;
const MOST_SENTENCES = 3;

/**
 * @param {object} seen
 * @param {import('./types').PageState} seen.state
 * @param {import('./types').Run} seen.run
 * @param {string[]} seen.names of the lanes
 * @param {Evaluated[][]} seen.evaluations of each lane
 * @returns {Piece[][]}
 */
export function story({ state, run, names, evaluations }) {
  if (run.status === 'queued') return [queued(run)];
  const racers = run.lanes.map((lane, i) => ({ name: names[i], lane, evaluations: evaluations[i] ?? [] }));
  const fallen = racers.filter(({ lane }) => lane.status === 'diverged' || lane.status === 'failed');
  const standing = racers.filter((racer) => !fallen.includes(racer) && racer.lane.test_accuracy !== null);
  standing.sort((a, b) => accuracy(b) - accuracy(a));
  const over = ['finished', 'stopped', 'failed'].includes(run.status);

  const sentences = [];
  const trained = standing.filter(({ lane }) => lane.steps > 0);
  if (trained.length > 0) {
    if (accuracy(trained[0]) < GUESSING) sentences.push(guessing(trained[0], over));
    else sentences.push(over ? result(trained, run) : lead(trained));
    if (over) sentences.push(...turn(trained, fallen));
  }
  sentences.push(...falls(fallen, racers.length));
  if (trained.length > 0) {
    sentences.push(...(over ? [] : chase(trained, run)), ...targets(racers, over), ...gap(trained));
  }
  if (sentences.length === 0) sentences.push(opening(state));
  return sentences.slice(0, Math.max(MOST_SENTENCES, fallen.length));
}

/** The sentences as plain text. @param {Piece[][]} sentences */
export function plainText(sentences) {
  return sentences.map((pieces) => pieces.map((piece) => (typeof piece === 'string' ? piece : piece.strong)).join('')).join(' ');
}

/** @param {import('./types').Run} run @returns {Piece[]} */
function queued({ position }) {
  if (position === null || position === 1) return [{ strong: 'This race is next.' }, ' It starts as soon as the one before it ends.'];
  return [{ strong: `This race is ${ordinal(position)} in line.` }, ` ${count(position - 1)} ${position === 2 ? 'other starts' : 'others start'} before it.`];
}

/** @param {import('./types').PageState} state @returns {Piece[]} */
function opening(state) {
  if (state === 'stopped') return [{ strong: 'Stopped before it had begun.' }, ' Press play to race again.'];
  return [{ strong: 'On the line.' }, ' All lanes start from the same weights and read the same batches in the same order.'];
}

/** @param {Racer} racer */
function accuracy({ lane }) {
  return lane.test_accuracy ?? 0;
}

/** @param {Racer} best @param {boolean} over @returns {Piece[]} */
function guessing(best, over) {
  const share = percent(accuracy(best));
  if (over) return [{ strong: 'Nobody learned to read.' }, ` ${share} of unseen digits right is what guessing gives; a smaller learning rate may help.`];
  return [{ strong: 'Still guessing.' }, ` ${share} of unseen digits right is about what chance gives.`];
}

/** @param {Racer[]} trained best first @returns {Piece[]} */
function lead([first, second]) {
  if (!second) return [{ strong: first.name }, ` reads ${percent(accuracy(first))} of the unseen digits right.`];
  const ahead = accuracy(first) - accuracy(second);
  if (ahead < LEVEL) {
    return [{ strong: `${first.name} and ${second.name} are level` }, ` at ${percent(accuracy(first))} of unseen digits.`];
  }
  return [{ strong: `${first.name} leads` }, ` with ${percent(accuracy(first))} of unseen digits right, ${points(ahead)} ahead of ${second.name}.`];
}

/** @param {Racer[]} trained best first @param {import('./types').Run} run @returns {Piece[]} */
function result(trained, run) {
  const [first, ...others] = trained;
  const stopped = run.status === 'stopped' ? `Stopped after batch ${count(Math.max(...run.lanes.map((lane) => lane.steps)))}: ` : '';
  const verb = stopped ? 'was ahead' : 'wins';
  if (others.length === 0) return [stopped, { strong: first.name }, ` ${stopped ? 'had' : 'ends with'} ${percent(accuracy(first))} of unseen digits right.`];
  if (accuracy(first) - accuracy(others[0]) < LEVEL) {
    return [stopped, { strong: `${first.name} and ${others[0].name} ${stopped ? 'were level' : 'end level'}` }, ` at ${percent(accuracy(first))} of unseen digits right.`];
  }
  const margins = others.map((other) => `${points(accuracy(first) - accuracy(other))} ahead of ${other.name}`);
  return [stopped, { strong: `${first.name} ${verb}` }, ` with ${percent(accuracy(first))} of unseen digits right, ${list(margins)}.`];
}

/**
 * The winner was not always ahead: where it overtook.
 * @param {Racer[]} trained best first
 * @param {Racer[]} fallen
 * @returns {Piece[][]}
 */
function turn(trained, fallen) {
  const [first] = trained;
  const early = earliest([...trained, ...fallen], 0.9);
  if (!early || early.name === first.name) return [];
  const step = overtook(first, early);
  if (step === null) return [];
  return [[`${early.name} led early; ${first.name} overtook it by batch `, { strong: count(step) }, '.']];
}

/** @param {Racer[]} racers @param {number} target */
function earliest(racers, target) {
  const reached = racers.flatMap((racer) => {
    const hit = racer.lane.reached.find((one) => Math.abs(one.accuracy - target) < 1e-9);
    return hit ? [{ ...racer, step: hit.step }] : [];
  });
  return reached.sort((a, b) => a.step - b.step)[0] ?? null;
}

/**
 * The first evaluation from which on `one` was never again behind `other`.
 * @param {Pick<Racer, 'evaluations'>} one
 * @param {Pick<Racer, 'evaluations'>} other
 */
function overtook(one, other) {
  const theirs = new Map(other.evaluations.map((each) => [each.step, each.test_accuracy]));
  let since = null;
  for (const each of one.evaluations) {
    const rival = theirs.get(each.step);
    if (rival === undefined) continue;
    if (each.test_accuracy < rival) since = null;
    else if (since === null) since = each.step;
  }
  return since === 0 ? null : since;
}

/**
 * The second lane against the first: overtaken just now, or closing in.
 * @param {Racer[]} trained best first
 * @param {import('./types').Run} run
 * @returns {Piece[][]}
 */
function chase([first, second], run) {
  if (!second) return [];
  const recent = run.batches_per_epoch;
  const overtaken = overtook(first, second);
  const newest = first.evaluations.at(-1)?.step ?? 0;
  if (overtaken !== null && overtaken > 0 && newest - overtaken <= recent / 2 && hadLed(second, first, overtaken)) {
    return [[`It took the lead from ${second.name} by batch `, { strong: count(overtaken) }, '.']];
  }
  const now = commonStep(first, second, Infinity);
  const before = now === null ? null : commonStep(first, second, now.step - recent / 2);
  if (now === null || before === null || before.step === 0) return [];
  const gapNow = now.ahead;
  const gapBefore = before.ahead;
  // A lane far behind gains all the time: that is learning, not closing in.
  if (gapNow > 0 && gapNow <= 0.02 && gapBefore - gapNow >= 0.001) {
    return [[
      'Step for step, ',
      { strong: `${second.name} is closing in` },
      `: ${points(gapNow)} behind at batch ${count(now.step)}, ${points(gapBefore)} at batch ${count(before.step)}.`,
    ]];
  }
  return [];
}

/** Whether `one` was ahead of `other` at an evaluation before a step. @param {Racer} one @param {Racer} other @param {number} step */
function hadLed(one, other, step) {
  const before = commonStep(one, other, step - 1);
  return before !== null && before.step > 0 && before.ahead > 0;
}

/**
 * The newest step up to a limit at which both were evaluated, and how far the first was ahead.
 * @param {Racer} one
 * @param {Racer} other
 * @param {number} limit
 */
function commonStep(one, other, limit) {
  const theirs = new Map(other.evaluations.map((each) => [each.step, each.test_accuracy]));
  for (let i = one.evaluations.length - 1; i >= 0; i--) {
    const each = one.evaluations[i];
    const rival = theirs.get(each.step);
    if (each.step <= limit && rival !== undefined) return { step: each.step, ahead: each.test_accuracy - rival };
  }
  return null;
}

/**
 * Who passed a target, and when. While the race is on the highest target that anyone passed, afterwards 90 %,
 * which tells the optimizers apart the best.
 * @param {Racer[]} racers
 * @param {boolean} over
 * @returns {Piece[][]}
 */
function targets(racers, over) {
  const all = [...new Set(racers.flatMap(({ lane }) => lane.reached.map((hit) => hit.accuracy)))].sort((a, b) => a - b);
  if (all.length === 0) return [];
  const target = over ? all[0] : (all.filter((each) => passed(racers, each).length > 1).at(-1) ?? all[all.length - 1]);
  const hits = passed(racers, target);
  const [first, ...others] = hits;
  const goal = percent(target, 0);
  /** @type {Piece[]} */
  const sentence = [`${first.name} passed ${goal} after `, { strong: count(first.step) }, ` ${first.step === 1 ? 'batch' : 'batches'}`];
  if (others.length === 0) {
    if (racers.length > 1) sentence.push(over ? '; nobody else got there' : '; nobody else has yet');
  } else {
    others.forEach((hit, i) => {
      const join = i === 0 ? '; ' : i === others.length - 1 ? ' and ' : ', ';
      sentence.push(`${join}${hit.name}${i === 0 ? ' needed' : ''} `, { strong: count(hit.step) });
    });
  }
  return [[...sentence, '.']];
}

/** @param {Racer[]} racers @param {number} target */
function passed(racers, target) {
  return racers
    .flatMap(({ name, lane }) => lane.reached.filter((hit) => hit.accuracy === target).map((hit) => ({ name, step: hit.step })))
    .sort((a, b) => a.step - b.step);
}

/**
 * When one thing brings every lane down it is told once.
 * @param {Racer[]} fallen
 * @param {number} width of the race
 * @returns {Piece[][]}
 */
function falls(fallen, width) {
  const reasons = new Set(fallen.map(({ lane }) => `${lane.status} ${lane.reason}`));
  if (width < 2 || fallen.length < width || reasons.size > 1 || fallen[0].lane.status !== 'failed') return fallen.map(fall);
  const last = Math.max(...fallen.map(({ lane }) => lane.steps));
  return [[{ strong: 'Every lane failed' }, ` by batch ${count(last)}. ${full(fallen[0].lane.reason)}`]];
}

/** @param {string | null} reason */
function full(reason) {
  const text = reason ?? 'No reason was given.';
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** @param {Racer} racer @returns {Piece[]} */
function fall({ name, lane }) {
  if (lane.status === 'diverged') {
    return [{ strong: `${name} diverged` }, ` at batch ${count(lane.ended_at ?? lane.steps)}: its loss is no longer a number. A smaller learning rate may hold it.`];
  }
  return [{ strong: `${name} failed` }, ` at batch ${count(lane.steps)}. ${full(lane.reason)}`];
}

/**
 * A lane that knows its training digits much better than unseen ones; first the widest gap.
 * @param {Racer[]} trained
 * @returns {Piece[][]}
 */
function gap(trained) {
  const rising = trained
    .map((racer) => ({ racer, rise: testLossRise(racer.evaluations) }))
    .filter(({ rise }) => rise !== null)
    .sort((a, b) => (b.rise?.factor ?? 0) - (a.rise?.factor ?? 0))[0];
  if (rising?.rise) {
    const { racer, rise } = rising;
    return [[
      { strong: `${racer.name}'s test loss is rising` },
      `: ${rise.lowest.toFixed(3)} at batch ${count(rise.step)}, ${rise.newest.toFixed(3)} now. It is learning the training digits by heart.`,
    ]];
  }
  const widest = trained
    .filter(({ lane }) => lane.train_accuracy !== null)
    .map((racer) => ({ racer, gap: (racer.lane.train_accuracy ?? 0) - accuracy(racer) }))
    .sort((a, b) => b.gap - a.gap)[0];
  if (!widest || widest.gap < HONEST_GAP) return [];
  const { name, lane } = widest.racer;
  return [[`${name} reads its training digits better than unseen ones: ${percent(lane.train_accuracy ?? 0, 1)} against ${percent(accuracy(widest.racer), 1)}.`]];
}

/** @param {Evaluated[]} evaluations */
function testLossRise(evaluations) {
  const measured = evaluations.filter((each) => each.step > 0 && Number.isFinite(each.test_loss));
  if (measured.length < 4) return null;
  const lowest = measured.reduce((best, each) => (each.test_loss < best.test_loss ? each : best));
  const newest = measured[measured.length - 1];
  // One high measurement is noise; the two before it have to agree.
  const factor = Math.min(...measured.slice(-3).map((each) => each.test_loss)) / lowest.test_loss;
  const learning = newest.train_accuracy - newest.test_accuracy >= HONEST_GAP;
  return factor >= 1.15 && learning ? { factor, lowest: lowest.test_loss, step: lowest.step, newest: newest.test_loss } : null;
}
