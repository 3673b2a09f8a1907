/**
 * The panel of an experiment: first the question and its guesses; then the visitor's guess beside the answer, which the server reads
 * from the numbers of what is on show. Knows nothing of how that is run.
 */

import { ApiError } from '../link/api.js';
import { about } from '../model/format.js';
import { part, setAttribute, setText } from '../ui/dom.js';
import { createSentences } from '../ui/sentences.js';
import { createAskClass } from './ask-class.js';
import { keepGuess, keptGuess, SKIPPED } from './guess.js';

/** Shorter waits are not shown. */
const SHORT_S = 10;

/**
 * @typedef {object} Shown what is on show
 * @property {string | null} id null before anything has been run
 * @property {boolean} recorded
 * @property {boolean} over
 * @property {string} status of what goes on, in words
 * @property {number | null} left how many seconds it will go on
 */

/**
 * @param {HTMLElement} host
 * @param {ExperimentPage} experiment
 * @param {object} options
 * @param {() => void} options.run runs it now
 * @param {(id: string) => Promise<ExperimentAnswer>} options.fetchAnswer raises ApiError
 */
export function createExperimentPanel(host, experiment, { run, fetchAnswer }) {
  const [ask, told, yours, whose, right, match, when, runNow] = ['ask', 'told', 'yours', 'whose', 'right', 'match', 'when', 'run-it'].map(
    (name) => part(host, name),
  );
  const sentences = createSentences(part(host, 'sentences'));
  const recordedWhen = when.textContent ?? '';
  /** By the id of the run or sweep that they are computed from. @type {Map<string, ExperimentAnswer | 'asked'>} */
  const answers = new Map();
  if (experiment.recorded) answers.set(experiment.recorded.id, experiment.recorded.answer);
  // On the board of a lesson, which shows the question itself, only the picture is shown.
  const framed = parent !== window;
  setAttribute(document.body, 'data-framed', framed ? '' : null);
  let guess = framed ? SKIPPED : keptGuess(experiment);
  /** @type {Shown} */
  let shown = { id: null, recorded: false, over: false, status: '', left: null };

  /** @param {string | null} choice */
  function decide(choice) {
    guess = choice;
    keepGuess(experiment, choice);
    write();
    part(host, choice === null ? 'question' : 'told').focus({ preventScroll: true });
    // The rest of the page appears, or is hidden.
    scrollTo({ top: 0 });
  }

  /** @type {HTMLFieldSetElement} */ (ask).disabled = false;
  ask.addEventListener('click', ({ target }) => {
    const button = target instanceof Element ? target.closest('button') : null;
    if (button) decide(button.dataset.guess ?? SKIPPED);
  });
  part(host, 'guess-again').addEventListener('click', () => decide(null));
  runNow.addEventListener('click', run);
  createAskClass(host, experiment.name);

  /** Fetches the answer, once. @param {string} id */
  async function readAnswer(id) {
    answers.set(id, 'asked');
    try {
      answers.set(id, await fetchAnswer(id));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      answers.set(id, { choice: null, label: null, sentences: [`The answer could not be loaded. ${error.message}`] });
    }
    write();
  }

  function write() {
    const asking = guess === null;
    setAttribute(document.body, 'data-asking', asking ? '' : null);
    ask.hidden = !asking;
    told.hidden = asking;
    if (asking) return;
    const { id, recorded, over, status, left } = shown;
    if (over && id !== null && !answers.has(id)) readAnswer(id);
    const found = id === null ? undefined : answers.get(id);
    const answer = over && found !== 'asked' ? (found ?? null) : null;
    const own = experiment.guesses.find(({ key }) => key === guess);
    setText(yours, own?.label ?? 'none');
    setText(whose, recorded ? 'The recorded result' : 'This run');
    setText(right, answer ? (answer.label ?? 'does not tell') : id === null ? 'not run yet' : status);
    setText(match, answer?.choice && own ? (answer.choice === own.key ? '✓ As you expected.' : '✗ Not what you expected.') : '');
    setAttribute(match, 'data-right', answer?.choice === own?.key ? '' : null);
    sentences.show(answer?.sentences ?? []);
    const going = id !== null && !over;
    setText(when, recorded ? recordedWhen : going && left !== null && left > SHORT_S ? `${about(left)} left` : '');
    runNow.hidden = going;
    setText(runNow, recorded || id === null ? 'Run it now' : 'Run it again');
  }
  write();

  return {
    /** @param {Shown} now */
    show(now) {
      const { id, recorded, over, status, left } = shown;
      if (id === now.id && recorded === now.recorded && over === now.over && status === now.status && left === now.left) return;
      shown = now;
      write();
    },
  };
}
