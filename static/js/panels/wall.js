/**
 * The same hundred test digits for every lane, lit up in the lane's colour as it reads them right. A press on one tells what
 * each lane takes it for, and took it for before.
 */

import { fetchWall } from '../link/api.js';
import { withRetries } from '../link/retry.js';
import { createChangeDetector } from '../model/changes.js';
import { aDigit, count, percent } from '../model/format.js';
import { hasFallen } from '../model/result.js';
import { answersOverTime, newestAnswers } from '../model/stream/wall.js';
import { element, part, setAttribute, setText } from '../ui/dom.js';
import { openBelow } from '../ui/menu.js';
import { createSheets, SIDE } from './wall-sheets.js';

/**
 * @param {HTMLElement} host
 * @param {HTMLElement} menu the answers to one digit
 * @param {object} options
 * @param {Digits} options.dataset
 * @param {() => void} options.touched the pictures want to be drawn again
 * @param {(text: string) => void} options.announce
 */
export function createWalls(host, menu, { dataset, touched, announce }) {
  const labels = dataset.wall;
  const sheets = createSheets(labels.length);
  const lanesChanged = createChangeDetector();
  /** @type {ReturnType<typeof createWall>[]} */
  let walls = [];
  /** @type {Scene | null} */
  let seen = null;

  withRetries(fetchWall).then(
    (pixels) => {
      sheets.take(pixels);
      walls.forEach((wall) => wall.forget());
      touched();
    },
    () => {},
  );

  /** @type {(digit: number) => void} -1 for none */
  const mark = (digit) => walls.forEach((wall) => wall.mark(digit));

  menu.addEventListener('toggle', () => {
    if (!menu.matches(':popover-open')) mark(-1);
  });

  /** @param {number} digit @param {HTMLElement} canvas */
  function tell(digit, canvas) {
    if (!seen) return;
    const { lanes, store } = seen;
    const told = lanes.map(({ lane, name, colour }) => {
      const answers = answersOverTime(store.lanes[lane]?.evaluations, digit);
      const words = answers.map(({ step, answer }, i) => `${answer} from ${i ? `batch ${count(step)}` : 'the start'}`);
      const [now = 'no answer yet', ...before] = words.reverse();
      const right = answers.at(-1)?.answer === labels[digit] ? ' ✓ right' : ' ✗ wrong';
      return element(
        'li',
        { 'data-colour': colour },
        element('b', {}, name),
        ` ${now}`,
        element('span', { class: 'muted' }, words.length ? right : '', before.length ? `; before: ${before.join(', ')}` : ''),
      );
    });
    const heading = `This is ${aDigit(labels[digit])}. What each network takes it for:`;
    part(menu, 'digit').textContent = heading;
    part(menu, 'told').replaceChildren(...told);
    sheets.show(/** @type {HTMLCanvasElement} */ (part(menu, 'picture')), digit);
    openBelow(menu, canvas);
    mark(digit);
    // The focus stays on the wall, so that arrow keys lead on to the next digit.
    announce([heading, ...told.map(({ textContent }) => `${textContent?.replace(/[✓✗] /, '').trim()}.`)].join(' '));
  }

  return {
    /** The theme changed. */
    repaint() {
      sheets.forget();
      walls.forEach((wall) => wall.forget());
    },
    /** @param {Scene} scene */
    update(scene) {
      seen = scene;
      // The page comes with a wall for each lane of its run, which is on its way and has other lanes than the settings.
      if (scene.state === 'starting' && walls.length === 0) return;
      if (lanesChanged(scene.lanes)) {
        walls = scene.lanes.map((lane) => createWall(lane, { dataset, sheets, tell }));
        host.replaceChildren(...walls.map(({ node }) => node));
        host.style.setProperty('--lanes', String(walls.length));
      }
      walls.forEach((wall, i) => wall.show(scene.store.lanes[i]?.evaluations, scene.run?.lanes[i]));
    },
  };
}

/**
 * @param {Identity} lane
 * @param {object} walls what all of them share
 * @param {Digits} walls.dataset
 * @param {ReturnType<typeof createSheets>} walls.sheets
 * @param {(digit: number, canvas: HTMLElement) => void} walls.tell
 */
function createWall({ lane, name, colour, inShort }, { dataset, sheets, tell }) {
  const labels = dataset.wall;
  const across = Math.ceil(Math.sqrt(labels.length));
  const down = Math.ceil(labels.length / across);
  // One stop for the keyboard: what it tells of a digit is of all lanes.
  const canvas = element('canvas', {
    width: String(across * SIDE),
    height: String(down * SIDE),
    role: 'img',
    tabindex: lane === 0 ? '0' : '-1',
  });
  const right = element('b', {}, '–');
  // Where there is little room it stands without the second part.
  const [share, measured] = [element('span', {}, '\u00a0'), element('span', { class: 'measured' })];
  const node = element(
    'article',
    { class: 'panel wall', 'data-lane': String(lane), 'data-colour': colour },
    canvas,
    element(
      'div',
      {},
      element('h2', {}, name),
      element('p', { class: 'rule muted' }, inShort),
      element('p', { class: 'right' }, right, ' of ', element('span', {}, 'these '), String(labels.length)),
      element('p', { class: 'share muted' }, share, measured),
    ),
  );
  const changed = createChangeDetector();
  const repainted = createChangeDetector();
  /** As they are on show. @type {boolean[]} */
  let lit = [];
  /** How the lane fell out of the race. @type {string[]} */
  let end = [];
  let [chosen, marked] = [0, -1];

  canvas.addEventListener('click', ({ offsetX, offsetY }) => {
    const [x, y] = [offsetX / canvas.clientWidth, offsetY / canvas.clientHeight];
    chosen = Math.min(labels.length - 1, Math.floor(y * down) * across + Math.floor(x * across));
    tell(chosen, canvas);
  });
  canvas.addEventListener('keydown', (event) => {
    const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across, Enter: 0 };
    const move = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (move === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    chosen = Math.max(0, Math.min(labels.length - 1, chosen + move));
    tell(chosen, canvas);
  });

  return {
    node,
    /** It is to be drawn again. */
    forget() {
      changed({});
      repainted({});
    },
    /** Put a frame round a digit, and round no other. @param {number} digit -1 for none */
    mark(digit) {
      const before = lit.map((isLit, i) => (i === digit || i === marked ? !isLit : isLit));
      marked = digit;
      sheets.draw(canvas, colour, { lit, before: end.length > 0 ? [] : before, across, marked, end });
    },
    /** @param {Table | undefined} evaluations @param {Lane | undefined} trained */
    show(evaluations, trained) {
      const rows = evaluations?.count ?? 0;
      end = trained && hasFallen(trained) ? [trained.status, `at batch ${count(trained.ended_at ?? trained.steps)}`] : [];
      if (!changed(evaluations, rows, sheets.ready, ...end)) return;
      const answers = newestAnswers(evaluations, labels.length);
      if (repainted(sheets.ready, ...end) || end.length > 0) lit = [];
      const before = lit;
      lit = labels.map((label, i) => answers?.[i] === label);
      const total = lit.filter(Boolean).length;
      sheets.draw(canvas, colour, { lit, before, across, marked, end });
      setText(right, answers ? String(total) : '–');
      const newest = (/** @type {string} */ name) => evaluations?.column(name)[rows - 1] ?? NaN;
      const quick = newest('quick') === 1 && dataset.test > dataset.quick;
      const of = rows === 0 ? '' : `${percent(newest('test_accuracy'))} of ${quick ? count(dataset.quick) : 'all'}`;
      const which = `${quick ? '' : ` ${count(dataset.test)}`} test digits at batch ${count(newest('step'))}`;
      const read = of && of + which;
      setText(share, of || '\u00a0');
      setText(measured, of && which);
      const here = answers ? `${total} of these ${labels.length} digits` : '';
      const reads = [here, read].filter(Boolean).join(', and ');
      const ended = end.length > 0 ? ` It ${end.join(' ')}.` : '';
      setAttribute(canvas, 'aria-label', `${reads ? `${name} reads ${reads}.` : `${name} has read no digit yet.`}${ended}`);
    },
  };
}
