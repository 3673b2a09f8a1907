/** The page to project: the question, the code to join, the votes as bars, and the run that answers. */

import { ApiError, startRun } from '../link/api.js';
import { reveal, showVotes } from '../link/lesson-api.js';
import { addressFor, ROOT } from '../link/root.js';
import { startSweep } from '../link/sweeps.js';
import { element, part, setAttribute, setText } from '../ui/dom.js';
import { createSentences } from '../ui/sentences.js';
import { createBars } from './bars.js';
import { framePathTo, rightOf, votesIn } from './words.js';

/**
 * @param {HTMLElement} host
 * @param {Lesson} lesson
 * @param {{ experiment: LessonExperiment, recorded: string | null, changed: (lesson: Lesson) => void }} options recorded: the id of a result that there is already
 */
export function createBoard(host, { id, title, guesses }, { experiment, recorded, changed }) {
  const [voters, hidden, verdict, problem, frame] = ['voters', 'hidden', 'verdict', 'problem', 'run'].map((name) => part(host, name));
  const why = createSentences(part(host, 'why'));
  const [votes, live, replay] = ['show', 'live', 'replay'].map((name) => /** @type {HTMLButtonElement} */ (part(host, name)));
  const bars = createBars(part(host, 'bars'), guesses);
  const path = `/lessons/${encodeURIComponent(id)}`;
  part(host, 'code').append(
    element('img', { src: `${ROOT}/api/qr.svg?${new URLSearchParams({ path })}`, alt: 'QR code of the link to vote' }),
    element('p', {}, addressFor(path).replace(/^https?:\/\//, '')),
  );
  let shown = false;
  let busy = false;
  /** The id of what is in the frame. @type {string | null} */
  let framed = null;

  votes.addEventListener('click', () => act(() => showVotes(id, !shown)));
  live.addEventListener('click', () => act(async () => show(await run())));
  replay.addEventListener('click', () => act(() => show(recorded ?? '')));
  replay.hidden = recorded === null;

  /** @param {() => Promise<Lesson>} ask */
  async function act(ask) {
    if (busy) return;
    busy = true;
    say('');
    try {
      changed(await ask());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      say(error.message);
    } finally {
      busy = false;
    }
  }

  /** @param {string} words */
  function say(words) {
    setText(problem, words);
  }

  /** Starts the experiment's race or sweep. */
  async function run() {
    const { config, axes } = experiment;
    const { id } = await (axes ? startSweep(axes, config) : startRun(config, { pace: null, paused: false }));
    return id;
  }

  /** @param {string} result */
  function show(result) {
    return reveal(id, { kind: experiment.axes ? 'sweep' : 'run', id: result });
  }

  /** @param {LessonResult | null} result */
  function look(result) {
    if (result === null || result.id === framed) return;
    framed = result.id;
    frame.replaceChildren(element('iframe', { src: ROOT + framePathTo(result, experiment), title: `What answers: ${title}` }));
  }

  return {
    say,
    /** @param {Lesson} lesson */
    update(lesson) {
      const { status, result, outcome } = lesson;
      shown = lesson.votes !== null;
      setAttribute(host, 'data-status', status);
      setText(voters, votesIn(lesson.voters));
      hidden.hidden = shown;
      bars.update(lesson);
      const voting = status === 'voting';
      votes.hidden = !voting;
      setText(votes, shown ? 'Hide votes' : 'Show votes');
      const going = result !== null && outcome === null;
      live.hidden = going;
      replay.hidden = going || recorded === null || result?.id === recorded;
      setText(live, voting ? 'Run it and reveal' : 'Run it again');
      look(result);
      frame.hidden = result === null;
      part(host, 'join').hidden = !voting;
      setText(verdict, going ? 'Voting is over. The answer is being measured.' : rightOf(lesson));
      why.show(outcome?.sentences ?? []);
    },
  };
}
