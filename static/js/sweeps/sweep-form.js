/** The form that starts a sweep: its axes, how many trainings these are, and about how long they take. */

import { createField } from '../form/field.js';
import { ApiError } from '../link/api.js';
import { lineOf } from '../link/capacity.js';
import { passphrase } from '../link/owner-keys.js';
import { ROOT } from '../link/root.js';
import { startSweep } from '../link/sweeps.js';
import { withPassphrase } from '../link/with-passphrase.js';
import { CHOICE_TYPES } from '../model/choice-types.js';
import { about, count } from '../model/format.js';
import { part, setAttribute, setText } from '../ui/dom.js';
import { axesOf, trainingsOf, workOf } from './plan.js';

const OF_THE_CONFIG = /** @type {const} */ (['epochs', 'batch_size', 'hidden']);

/**
 * @param {SweepsBootstrap} bootstrap
 * @param {{ notices: ReturnType<typeof import('../ui/notices.js').createNotices>, askPassphrase: (why: string) => Promise<boolean> }} page
 */
export function createSweepForm(bootstrap, { notices, askPassphrase }) {
  const { sweep, settings, config, speed, capacity } = bootstrap;
  const form = /** @type {HTMLFormElement} */ (part(document, 'form'));
  const [button, plan] = [part(document, 'start'), part(document, 'plan')];
  const rows = [...Object.values(sweep), ...OF_THE_CONFIG.map((name) => settings[name])];
  const fields = Object.fromEntries(
    rows.map((row) => {
      const host = /** @type {HTMLElement} */ (form.querySelector(`[data-field="${row.name}"]`));
      return [row.name, createField(host, CHOICE_TYPES[row.kind](row), changed)];
    }),
  );
  const boxes = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll('input[name="optimizer"]')]);
  for (const box of boxes) box.addEventListener('change', changed);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    start();
  });
  setText(part(document, 'capacity'), lineOf(capacity, passphrase() !== ''));
  changed();

  /** The sweep in the fields, or a sentence that says why it cannot be trained. @returns {{ axes: Record<string, any[]>, config: Record<string, any> } | string} */
  function asked() {
    const optimizers = boxes.filter(({ checked }) => checked).map(({ value }) => value);
    const values = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value]));
    const wrong = Object.values(fields).find(({ value }) => value === undefined);
    if (wrong) return `${wrong.choice.label}: expected ${wrong.choice.expected}.`;
    if (optimizers.length === 0) return 'Choose at least one optimizer.';
    const { lowest: low, highest: high, rates, seeds } = values;
    if (low >= high) return `The learning rates should go from a lower to a higher one; these go from ${low} to ${high}.`;
    const axes = axesOf({ optimizers, low, high, rates, seeds, seed: config.seed });
    const different = new Set(axes.learning_rate).size;
    if (different < rates) {
      return `Rounded to three digits, only ${different} of ${rates} learning rates from ${low} to ${high} differ: take fewer, or a wider range.`;
    }
    return {
      axes,
      config: Object.fromEntries(OF_THE_CONFIG.map((name) => [name, values[name]])),
    };
  }

  function changed() {
    const what = asked();
    setAttribute(plan, 'class', typeof what === 'string' ? 'wrong' : null);
    if (typeof what === 'string') setText(plan, what);
    else {
      const { grid, fresh } = trainingsOf(what.axes);
      const s = workOf(what.axes, { ...config, ...what.config }, bootstrap) / speed;
      setText(plan, `${count(grid)} trainings, then up to ${count(fresh)} of the best from fresh seeds: ${about(s)}.`);
    }
  }

  async function start() {
    for (const field of Object.values(fields)) field.read();
    const what = asked();
    if (typeof what === 'string') {
      changed();
      /** @type {HTMLElement} */ (form.querySelector('[aria-invalid]') ?? boxes[0]).focus();
      return;
    }
    setAttribute(button, 'aria-disabled', 'true');
    notices.hide('start');
    try {
      const started = await withPassphrase(() => startSweep(what.axes, what.config), askPassphrase);
      if (started) location.assign(`${ROOT}/sweeps/${encodeURIComponent(started.id)}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      notices.show('start', error.message, { kind: 'problem', retryAfterS: error.retryAfterS });
    } finally {
      setAttribute(button, 'aria-disabled', null);
    }
  }
}
