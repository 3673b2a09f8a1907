/**
 * What is happening, in one to three sentences computed from the data. Pure: the same run and evaluations give the
 * same sentences, here and in app/runs/story.py. In a sentence, **this** is emphasised.
 */

import { count, ordinal } from './format.js';
import { isOver } from './page-state.js';
import { hasFallen, ranking } from './result.js';
import { byHeart, falls, gap, rateChange, targets } from './story-moments.js';
import { chase, headline, turn } from './story-order.js';

/** @typedef {import('./types').Run} Run */
/**
 * @typedef {object} Evaluated one evaluation of a lane
 * @property {number} step
 * @property {number} test_accuracy
 * @property {number} test_loss
 * @property {number} train_accuracy
 */
/** @typedef {{ name: string, lane: import('./types').Lane, evaluations: Evaluated[] }} Racer */

const MOST_SENTENCES = 3;

/**
 * @param {object} seen
 * @param {Run} seen.run
 * @param {string[]} seen.names of the lanes
 * @param {Evaluated[][]} seen.evaluations of each lane
 */
export function story({ run, names, evaluations }) {
  if (run.status === 'queued') return [queued(run)];
  const racers = run.lanes.map((lane, i) => ({ name: names[i], lane, evaluations: evaluations[i] ?? [] }));
  const ranked = ranking(run).map((i) => racers[i]);
  const trained = ranked.filter(({ lane }) => lane.steps > 0 && lane.test_accuracy !== null && !hasFallen(lane));
  const over = isOver(run);
  const sentences = [
    ...headline(trained, run),
    ...falls(racers),
    ...rateChange(racers, run),
    ...(over ? [...turn(trained, racers), ...targets(racers, run)] : chase(trained, racers, run)),
    ...byHeart(trained, over),
    ...(over ? [] : targets(racers, run)),
    ...gap(trained, over),
  ];
  return sentences.length === 0 ? [opening(run)] : sentences.slice(0, MOST_SENTENCES);
}

/** A lane's evaluations, one after another. @param {import('./types').Table} table @returns {Evaluated[]} */
export function evaluatedOf(table) {
  const [step, test, loss, train] = ['step', 'test_accuracy', 'test_loss', 'train_accuracy'].map((name) => table.column(name));
  return Array.from({ length: table.count }, (_, i) => ({
    step: step[i],
    test_accuracy: test[i],
    test_loss: loss[i],
    train_accuracy: train[i],
  }));
}

/** The sentences as plain text. @param {string[]} sentences */
export function plainText(sentences) {
  return sentences.join(' ').replaceAll('**', '');
}

/** @param {Run} run */
function queued({ position }) {
  if (position === null || position === 1) return '**This race is next.** It starts as soon as the one before it ends.';
  return `**This race is ${ordinal(position)} in line.** ${count(position - 1)} ${position === 2 ? 'other starts' : 'others start'} before it.`;
}

/** @param {Run} run */
function opening({ status }) {
  if (status === 'stopped') return '**Stopped before it had begun.** Press play to race again.';
  const where = status === 'paused' ? 'Paused on the line.' : 'On the line.';
  return `**${where}** All lanes start from the same weights and read the same batches in the same order.`;
}
