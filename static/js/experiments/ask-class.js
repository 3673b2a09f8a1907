/** Asks a class what an experiment will show: the page becomes the board of a lesson, which phones join. */

import { ApiError } from '../link/api.js';
import { startLesson } from '../link/lesson-api.js';
import { ROOT } from '../link/root.js';
import { part, setText } from '../ui/dom.js';

/** @param {HTMLElement} host @param {string} name of the experiment */
export function createAskClass(host, name) {
  const [button, problem] = ['ask-class', 'ask-class-problem'].map((each) => part(host, each));

  button.addEventListener('click', async () => {
    setText(problem, '');
    try {
      const { id } = await startLesson(name);
      location.assign(`${ROOT}/lessons/${encodeURIComponent(id)}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setText(problem, error.message);
    }
  });
}
