/** What a lane answers to the digits of the wall: now, and from evaluation to evaluation. Pure. */

import { WALL } from './protocol.js';

/** By the digit's number on the wall. */
const COLUMNS = Array.from({ length: WALL }, (_, digit) => `wall_${digit}`);

/**
 * The answers at the newest evaluation; null before the first, and in a run that an older version has kept.
 * @param {Table | undefined} evaluations
 * @param {number} digits on the wall
 * @returns {number[] | null}
 */
export function newestAnswers(evaluations, digits) {
  const newest = (evaluations?.count ?? 0) - 1;
  if (!evaluations || newest < 0) return null;
  const answers = Array.from({ length: digits }, (_, i) => evaluations.column(COLUMNS[i])[newest]);
  return answers.every(Number.isInteger) ? answers : null;
}

/**
 * The answers to one digit, each with the batch it was first given after.
 * @param {Table | undefined} evaluations
 * @param {number} digit its number on the wall
 * @returns {{ step: number, answer: number }[]}
 */
export function answersOverTime(evaluations, digit) {
  if (!evaluations) return [];
  const answers = evaluations.column(COLUMNS[digit]);
  const steps = evaluations.column('step');
  /** @type {{ step: number, answer: number }[]} */
  const told = [];
  for (let row = 0; row < evaluations.count; row++) {
    if (Number.isInteger(answers[row]) && told.at(-1)?.answer !== answers[row]) told.push({ step: steps[row], answer: answers[row] });
  }
  return told;
}
