/** The visitor's guess at an experiment, which this browser keeps. */

import { load, save } from '../link/storage.js';

const KEPT = /^[a-z0-9-]{1,40}$/;
/** In place of a guess: the visitor wanted to see the answer at once. */
export const SKIPPED = 'skipped';

/** Whether the visitor has guessed, or wanted to see the answer without. @param {string} name of an experiment */
export function hasAnswered(name) {
  return load(`guess.${name}`, KEPT) !== null;
}

/** The key of a guess, SKIPPED, or null before either. @param {ExperimentPage} experiment @returns {string | null} */
export function keptGuess({ name, guesses }) {
  const kept = load(`guess.${name}`, KEPT);
  return kept === SKIPPED || guesses.some(({ key }) => key === kept) ? kept : null;
}

/** @param {ExperimentPage} experiment @param {string | null} guess */
export function keepGuess({ name }, guess) {
  save(`guess.${name}`, guess ?? '');
}
