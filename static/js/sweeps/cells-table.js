/** All trainings of a sweep as a table, for those who cannot see pictures, or want the numbers: built when it is opened. */

import { count, loss, percent, seconds } from '../model/format.js';
import { element } from '../ui/dom.js';
import { runPath } from './runs-menu.js';

/** The columns after the name of the training. */
const RESULTS = ['Learning rate', 'Status', 'Test accuracy', 'Test loss', 'Batches', 'Seconds', 'Run'];

export function createCellsTable() {
  const table = element('table');
  const box = element('div', { class: 'cells', tabindex: '0', role: 'region', 'aria-label': 'All trainings' }, table);
  const node = element('details', { class: 'panel' }, element('summary', {}, 'All trainings as a table'), box);
  /** @type {Sweep | null} */
  let newest = null;
  let written = '';
  node.addEventListener('toggle', write);

  function write() {
    if (!node.open || !newest) return;
    const { axes, cells, curves } = newest;
    const known = JSON.stringify(cells.map(({ status, steps, run }) => [status, steps, run]));
    if (known === written) return;
    written = known;
    const heads = ['Training', ...('seed' in axes ? ['Seed'] : []), ...RESULTS];
    table.replaceChildren(
      element('thead', {}, element('tr', {}, ...heads.map((text) => element('th', { scope: 'col' }, text)))),
      element(
        'tbody',
        {},
        ...cells.map((cell) => rowOf([curves[cell.curve].name, ...('seed' in axes ? [String(cell.at.seed)] : [])], cell)),
      ),
    );
  }

  return {
    node,
    /** @param {Sweep} sweep */
    update(sweep) {
      newest = sweep;
      write();
    },
  };
}

/** @param {string[]} names of the training and its seed @param {SweepCell} cell */
function rowOf(names, cell) {
  const { learning_rate, status, test_accuracy, test_loss, steps, run } = cell;
  const texts = [
    ...names,
    String(learning_rate),
    status,
    test_accuracy === null ? '–' : percent(test_accuracy),
    test_loss === null ? '–' : loss(test_loss),
    count(steps),
    seconds(cell.seconds),
  ];
  const open =
    run === null
      ? '–'
      : element('a', { href: runPath(cell), 'aria-label': `Open the run: ${texts.slice(0, names.length + 1).join(', ')}` }, 'open');
  return element('tr', {}, ...texts.map((text) => element('td', {}, text)), element('td', {}, open));
}
