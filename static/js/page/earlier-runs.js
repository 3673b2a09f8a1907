/** The menu of the runs that were started in this browser: their lanes, settings, result and day; which are laid under the one on show. */

import { ApiError, fetchRun } from '../link/api.js';
import { forgetRun, noteRun, recentRuns } from '../link/recent-runs.js';
import { summaryOf } from '../model/choices.js';
import { resultOf } from '../model/earlier-run.js';
import { dayOf, list } from '../model/format.js';
import { identify } from '../model/lanes.js';
import { isOver } from '../model/page-state.js';
import { element, setText } from '../ui/dom.js';
import { openBelow } from '../ui/menu.js';

/**
 * @param {HTMLElement} menu
 * @param {HTMLElement} opener
 * @param {object} options
 * @param {number} options.most so many can be chosen
 * @param {Bootstrap} options.limits
 * @param {Page['ghosts']} options.ghosts
 */
export function createEarlierRuns(menu, opener, { most, limits, ghosts }) {
  /** @param {import('../link/recent-runs.js').Seen} seen @param {boolean} twin whether another one has the same words to the minute */
  function createRow({ id, label, at, lanes = '', result = '' }, twin) {
    const { laid } = ghosts.runs;
    const box = element('input', { type: 'checkbox', value: id });
    box.checked = laid.includes(id);
    box.disabled = !box.checked && laid.length >= most;
    box.addEventListener('change', () => {
      const { laid } = ghosts.runs;
      ghosts.choose(box.checked ? [...laid, id] : laid.filter((each) => each !== id));
      write();
      /** @type {HTMLElement | null} */ (menu.querySelector(`[value="${id}"]`))?.focus();
    });
    const then = new Date(at);
    const time = then.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', ...(twin ? { second: '2-digit' } : {}) });
    const [names, settings, outcome] = [element('b', {}, lanes), element('span', {}, label), element('span', {}, result || '…')];
    const when = element('time', { datetime: then.toISOString() }, `${dayOf(then, new Date())}, ${time}`);
    const told = element('span', { class: 'run' }, names, settings, element('span', { class: 'muted' }, outcome, ' · ', when));
    return { id, box, known: result !== '', names, settings, outcome, node: element('label', { class: 'row' }, box, told) };
  }

  /** Asks the server how a run stands, if this browser has not heard its end. @param {ReturnType<typeof createRow>} row */
  async function complete({ id, box, known, names, settings, outcome }) {
    if (known) return;
    try {
      const run = await fetchRun(id);
      const told = {
        lanes: list(identify(run.config, limits).map(({ name }) => name)),
        label: summaryOf(run.config, limits, { length: 'said' }),
        result: resultOf(run, limits),
      };
      setText(names, told.lanes);
      setText(settings, told.label);
      setText(outcome, told.result);
      if (isOver(run)) noteRun(id, told);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setText(outcome, error.code === 'not_found' ? 'not on the server any more' : 'result not known now');
      if (error.code !== 'not_found') return;
      box.disabled = !box.checked;
      forgetRun(id);
    }
  }

  function write() {
    const { shown } = ghosts.runs;
    const runs = recentRuns().filter(({ id }) => id !== shown);
    const told = runs.map(({ label, at }) => `${label} ${new Date(at).toISOString().slice(0, 16)}`);
    const rows = runs.map((run, i) => createRow(run, told.filter((other) => other === told[i]).length > 1));
    menu.replaceChildren(
      ...(rows.length > 0 ? rows.map(({ node }) => node) : [element('p', {}, 'Runs that you start in this browser are listed here.')]),
    );
    rows.forEach(complete);
  }

  return {
    open() {
      write();
      openBelow(menu, opener);
    },
  };
}
