/** The page of a student: the question, a button for each guess, and, once it is revealed, the answer. */

import { ApiError } from '../link/api.js';
import { vote } from '../link/lesson-api.js';
import { ROOT } from '../link/root.js';
import { element, part, setAttribute, setText } from '../ui/dom.js';
import { createSentences } from '../ui/sentences.js';
import { pathTo, rightOf } from './words.js';

/**
 * @param {HTMLElement} host
 * @param {Lesson} lesson
 * @param {(lesson: Lesson) => void} voted
 */
export function createBallot(host, { id, guesses }, voted) {
  const [said, problem, verdict, share] = ['said', 'problem', 'verdict', 'share'].map((name) => part(host, name));
  const why = createSentences(part(host, 'why'));
  const buttons = guesses.map(({ key, label }) =>
    element('button', { type: 'button', class: 'guess', 'data-guess': key }, element('span', {}, label)),
  );
  part(host, 'guesses').append(...buttons);
  const link = /** @type {HTMLElement} */ (part(host, 'watch').firstElementChild);
  let open = true;
  /** What was tapped last and has no answer yet. @type {string | null} */
  let tapped = null;
  /** @type {string | null} */
  let own = null;

  for (const button of buttons) button.addEventListener('click', () => choose(button.dataset.guess ?? ''));

  /** @param {string} choice */
  async function choose(choice) {
    if (!open) return;
    tapped = choice;
    mark();
    say('');
    try {
      const lesson = await vote(id, choice);
      // Another tap has come meanwhile.
      if (tapped !== choice) return;
      tapped = null;
      voted(lesson);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (tapped === choice) tapped = null;
      mark();
      say(error.message);
    }
  }

  function mark() {
    const chosen = tapped ?? own;
    for (const button of buttons) setAttribute(button, 'aria-pressed', String(button.dataset.guess === chosen));
  }

  /** @param {string} words */
  function say(words) {
    setText(problem, words);
  }

  return {
    say,
    /** @param {Lesson} lesson */
    update(lesson) {
      const { status, own_vote, result, outcome, experiment } = lesson;
      open = status === 'voting';
      own = own_vote;
      setAttribute(host, 'data-status', status);
      for (const button of buttons) {
        setAttribute(button, 'aria-disabled', open ? null : 'true');
        setAttribute(button, 'data-right', outcome?.choice === button.dataset.guess ? '' : null);
      }
      mark();
      setText(said, sentence(lesson));
      part(host, 'watch').hidden = result === null;
      if (result) setAttribute(link, 'href', ROOT + pathTo(result, experiment));
      const right = outcome?.choice;
      setText(verdict, right && own_vote ? (right === own_vote ? '✓ You were right.' : '✗ You expected something else.') : '');
      setText(share, rightOf(lesson));
      why.show(outcome?.sentences ?? []);
      part(host, 'came-out').hidden = !outcome;
    },
  };
}

/** @param {Lesson} lesson */
function sentence({ status, own_vote, outcome }) {
  if (status === 'voting') return own_vote ? 'Your vote counts. Tap another to change it.' : 'Tap what you expect.';
  if (!outcome) return 'Voting is over. The answer is being measured: watch the screen.';
  return own_vote ? '' : 'Voting is over.';
}
