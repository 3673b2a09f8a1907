/** Which digits a lane takes for which: a table of counts at its last evaluation, and the test digits behind each of them. */

import { ofRun } from '../link/api.js';
import { createLazyFetch, momentOf } from './lazy-fetch.js';
import { SIDE } from './centre-digit.js';
import { paintDigit, pixelsOf } from './digit-canvas.js';
import { part, setAttribute, setText } from '../ui/dom.js';
import { count } from '../model/format.js';
import { createLaneTabs } from './lane-tabs.js';

const PER_ROW = 12;
/** So many digits of a count the server shows. */
const MOST = 60;
/** @type {Record<string, number>} */
const MOVES = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -10, ArrowDown: 10 };

/** @param {HTMLElement} host */
export function createConfusionPanel(host) {
  const [when, chosen] = ['when', 'chosen'].map((name) => part(host, name));
  const tabs = createLaneTabs(part(host, 'tabs'), 'confusion', () => want(true));
  const picture = /** @type {HTMLCanvasElement} */ (host.querySelector('canvas'));
  const cells = /** @type {HTMLElement[]} */ ([...host.querySelectorAll('td button')]);
  /** @type {Scene} */
  let scene;
  /** The run and lane on show. */
  let about = '';
  /** The cell whose digits are on show. */
  let picked = -1;
  /** The digits that should be on show. @type {number[]} */
  let digits = [];

  const lazyFetch = createLazyFetch(host, 200, async () => {
    const [id, mine, cell, path] = [scene.run?.id, about, picked, `lanes/${tabs.lane}/confusion`];
    /** @type {{ step: number, matrix: number[][] }} */
    const { step, matrix } = await ofRun(id, path);
    const counts = matrix.flat();
    if (mine === about) fill(counts, `at batch ${count(step)}`);
    if (cell < 0) return;
    const found = await ofRun(id, `${path}/${Math.floor(cell / 10)}/${cell % 10}`);
    // A new evaluation may have come between the two answers.
    const all = found.digits.length < MOST ? found.digits.length : counts[cell];
    if (mine === about && cell === picked) show(found.digits, all);
  });

  /** @param {number[]} counts @param {string} title */
  function fill(counts, title) {
    setText(when, title);
    const worst = Math.max(1, ...counts.filter((_, i) => i % 11));
    cells.forEach((cell, i) => {
      setText(cell, counts[i] ? String(counts[i]) : '·');
      setAttribute(cell, 'aria-label', `${Math.floor(i / 10)} read as ${i % 10}: ${counts[i] ?? 'not known yet'}`);
      cell.style.setProperty('--share', String(i % 11 && counts[i] ? 0.15 + (0.85 * counts[i]) / worst : 0));
    });
    if (picked < 0)
      setText(chosen, counts.length ? 'Row: true digit. Column: the network’s answer. Click a count to see those digits.' : '');
  }

  /** @param {number[]} indices @param {number} all */
  function show(indices, all) {
    digits = indices;
    if (picked < 0) return;
    const said = `${Math.floor(picked / 10)} read as ${picked % 10}: ${count(all)}${all > digits.length ? `, the ${digits.length} surest` : ''}`;
    setText(chosen, said);
    setAttribute(picture, 'aria-label', said);
    picture.getContext('2d')?.clearRect(0, 0, picture.width, picture.height);
    digits.forEach((index, i) => {
      const paint = (/** @type {Uint8Array} */ grey) =>
        digits === indices && paintDigit(picture, grey, (i % PER_ROW) * SIDE, Math.floor(i / PER_ROW) * SIDE);
      pixelsOf(index).then(paint, () => {});
    });
  }

  /** @param {boolean} [now] */
  function want(now) {
    const { run, store, lanes } = scene;
    const { lane } = tabs;
    const mine = `${run?.id} ${lane}`;
    if (mine !== about) {
      about = mine;
      fill([], '');
      show([], 0);
      setText(chosen, '');
    }
    setAttribute(host, 'data-colour', lanes[lane].colour);
    const evaluated = store.lanes[lane]?.evaluations.count;
    const moment = evaluated ? momentOf(scene, evaluated) : '';
    lazyFetch.want(moment && `${moment} ${lane} ${picked}`, run ? '' : 'Play, and mistakes are counted here.', now);
  }

  /** @param {number} to the cell that the Tab key comes to */
  function rove(to) {
    cells.forEach((cell, i) => setAttribute(cell, 'tabindex', i === to ? '0' : '-1'));
  }

  cells.forEach((cell, i) => {
    cell.addEventListener('click', () => {
      picked = i;
      rove(i);
      picture.hidden = false;
      cells.forEach((each) => setAttribute(each, 'aria-pressed', each === cell ? 'true' : null));
      want(true);
    });
    cell.addEventListener('keydown', (event) => {
      const to = i + MOVES[event.key];
      if (!cells[to] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      rove(to);
      cells[to].focus();
    });
  });

  return {
    /** @param {Scene} newest */
    update(newest) {
      scene = newest;
      tabs.update(newest.lanes);
      want();
    },
  };
}
