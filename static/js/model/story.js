/**
 * What is happening, in one to three sentences computed from the data. Pure: the same run and evaluations give the
 * same sentences, here and in app/report/story.py. In a sentence, **this** is emphasised.
 */

import { count, ordinal } from './format.js';
import { isOver } from './page-state.js';
import { arrived, hasFallen, ranking } from './result.js';
import { byHeart, falls, gap, rateChange, targets } from './story-moments.js';
import { chase, headline, turn } from './story-order.js';

/** @typedef {import('../types').Run} Run */
/** @typedef {{ step: number, test_accuracy: number, test_loss: number, train_accuracy: number }} Evaluated */
/** @typedef {import('../types').Lane & { name: string, accuracy: number, fallen: boolean, home: boolean, evaluations: Evaluated[], at: Map<number, number> }} Racer at: test accuracy by step */
/** @typedef {{ run: Run, over: boolean, racers: Racer[], trained: Racer[] }} Race trained: those still in the race, best first */

const MOST_SENTENCES = 3;
// What matters most comes first.
const RACING = [headline, heldUp, falls, rateChange, chase, byHeart, targets, gap];
const AFTERWARDS = [headline, heldUp, falls, rateChange, turn, targets, byHeart, gap];

/**
 * @param {Run} run
 * @param {string[]} names of the lanes
 * @param {import('../types').Table[]} evaluations of each lane
 */
export function story(run, names, evaluations) {
  if (run.status === 'queued') return queued(run);
  const racers = run.lanes.map((lane, i) => {
    const rows = evaluated(evaluations[i]);
    const at = new Map(rows.map(({ step, test_accuracy }) => [step, test_accuracy]));
    const [fallen, home] = [hasFallen(lane), arrived(run, lane)];
    return { ...lane, name: names[i], accuracy: lane.test_accuracy ?? 0, fallen, home, evaluations: rows, at };
  });
  const standing = ranking(run)
    .map((i) => racers[i])
    .filter(({ fallen, test_accuracy }) => !fallen && test_accuracy !== null);
  const race = { run, racers, over: isOver(run), trained: standing.filter(({ steps }) => steps > 0) };
  const sentences = (race.over ? AFTERWARDS : RACING).flatMap((part) => part(race));
  return sentences.length > 0 ? sentences.slice(0, MOST_SENTENCES) : [opening(run)];
}

/** The sentences as plain text. @param {string[]} sentences */
export function plainText(sentences) {
  return sentences.join(' ').replaceAll('**', '');
}

/** @param {import('../types').Table} [table] */
function evaluated(table) {
  const [step, test, loss, train] = ['step', 'test_accuracy', 'test_loss', 'train_accuracy'].map((name) => table?.column(name) ?? []);
  return Array.from({ length: table?.count ?? 0 }, (_, i) => ({
    step: step[i],
    test_accuracy: test[i],
    test_loss: loss[i],
    train_accuracy: train[i],
  }));
}

/** @param {Run} run */
function queued({ position, behind_paused }) {
  const place =
    position === null || position === 1
      ? '**This race is next.** It starts as soon as the one before it ends.'
      : `**This race is ${ordinal(position)} in line.** ${count(position - 1)} ${position === 2 ? 'other starts' : 'others start'} before it.`;
  return behind_paused ? [place, 'Nobody knows how long that takes: a race before it is paused.'] : [place];
}

/** @param {Race} race */
function heldUp({ run }) {
  if (run.paused_by === 'unwatched') return ['It was paused because nobody watched, and goes on as soon as somebody does.'];
  if (run.stopped_by === 'unwatched') return ['It was stopped because nobody watched it any more.'];
  return run.stopped_by === 'others' ? ['It was stopped because others waited for its place.'] : [];
}

/** @param {Run} run */
function opening({ status }) {
  if (status === 'stopped' || status === 'interrupted')
    return `**${status === 'stopped' ? 'Stopped' : 'Interrupted'} before it had begun.** Press play to race again.`;
  return `**${status === 'paused' ? 'Paused on' : 'On'} the line.** All lanes start from the same weights and read the same batches in the same order.`;
}
