/** Words and addresses that ballot and board share. */

import { count } from '../model/format.js';

/** @param {number} voters */
export function votesIn(voters) {
  return voters === 1 ? '1 vote' : `${count(voters)} votes`;
}

/** The page of an experiment with this result. @param {LessonResult} result @param {string} experiment */
export function pathTo({ kind, id }, experiment) {
  return `/experiments/${experiment}/${kind}s/${encodeURIComponent(id)}`;
}

/**
 * Its picture, for a frame: a race that its experiment shows by other panels than usual is on the experiment's own page.
 * @param {LessonResult} result
 * @param {Pick<LessonExperiment, 'name' | 'view'>} experiment
 */
export function framePathTo({ kind, id }, { name, view }) {
  if (view.stage) return `${pathTo({ kind, id }, name)}?present=1`;
  return `/embed/${kind === 'run' ? '' : 'sweeps/'}${encodeURIComponent(id)}`;
}

/** "14 of 23 were right", or why that cannot be said; empty before there is an outcome. @param {Lesson} lesson */
export function rightOf({ outcome, right, voters }) {
  if (!outcome) return '';
  if (right === null) return 'This does not settle it.';
  if (voters === 0) return 'No one voted.';
  return `${count(right)} of ${count(voters)} ${right === 1 ? 'was' : 'were'} right.`;
}
