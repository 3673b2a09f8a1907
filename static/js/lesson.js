/** A lesson: a ballot on a phone, and the board to project in the browser that started it. */

import { createBallot } from './lessons/ballot.js';
import { createBoard } from './lessons/board.js';
import { createPolling } from './lessons/polling.js';
import { keyOf } from './link/owner-keys.js';
import { load, save } from './link/storage.js';
import { bootstrapped, part } from './ui/dom.js';
import { createTheme } from './ui/theme.js';

/** @type {{ lesson: Lesson, experiment: LessonExperiment, recorded: string | null }} */
const { lesson, experiment, recorded } = bootstrapped();

createTheme(part(document, 'theme'), { load, save }, () => {});
const asks = keyOf(lesson.id) !== null;
document.body.dataset.role = asks ? 'board' : 'ballot';
const host = part(document, asks ? 'board' : 'ballot');
host.hidden = false;
const polling = createPolling(
  lesson,
  asks ? 1000 : 2000,
  (now) => shown.update(now),
  (said) => shown.say(said),
);
const shown = asks ? createBoard(host, lesson, { experiment, recorded, changed: polling.took }) : createBallot(host, lesson, polling.took);
shown.update(lesson);
polling.start();
