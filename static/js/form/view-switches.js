/** How the curves are shown: horizontal axis, loss axis, smoothing. They change the picture, never the race. */

import { part, setText } from '../ui/dom.js';

/** Of the slider, for ten times as many batches in the average. */
const STEPS_PER_DECADE = 20;

/** @param {HTMLElement} host @param {number} mostSmoothing @param {(view: ViewChoices) => void} changed */
export function createViewSwitches(host, mostSmoothing, changed) {
  const slider = /** @type {HTMLInputElement} */ (part(host, 'smoothing'));
  const shown = part(host, 'smoothing-value');
  const seeds = /** @type {HTMLSelectElement} */ (part(host, 'seeds'));
  slider.max = String(positionOf(mostSmoothing));

  /** @param {string} name */
  const radios = (name) => /** @type {HTMLInputElement[]} */ ([...host.querySelectorAll(`input[name="${name}"]`)]);

  function write() {
    for (const name of /** @type {const} */ (['x', 'reach', 'loss_scale'])) {
      for (const radio of radios(name)) radio.checked = radio.value === switches.view[name];
    }
    slider.value = String(positionOf(switches.view.smoothing));
    seeds.value = String(switches.view.seeds);
    writeSmoothing();
  }

  function writeSmoothing() {
    const { smoothing } = switches.view;
    const text = smoothing === 0 ? 'off' : String(smoothing);
    setText(shown, text);
    slider.setAttribute('aria-valuetext', text);
  }

  host.addEventListener('change', ({ target }) => {
    const { type, name, value } = /** @type {HTMLInputElement} */ (target);
    if (type === 'radio') switches.choose({ [name]: value });
  });
  slider.addEventListener('input', () => {
    switches.choose({ smoothing: smoothingAt(Number(slider.value)) });
    writeSmoothing();
  });
  seeds.addEventListener('change', () => switches.choose({ seeds: Number(seeds.value) }));

  const switches = {
    view: /** @type {ViewChoices} */ ({}),
    /** @param {ViewChoices} wanted */
    load(wanted) {
      switches.view = wanted;
      write();
    },
    /** Other controls choose too. @param {Partial<ViewChoices>} choice */
    choose(choice) {
      switches.view = { ...switches.view, ...choice };
      changed(switches.view);
    },
  };
  return switches;
}

/** Even steps of the slider are even factors of how many batches are averaged. @param {number} position */
export function smoothingAt(position) {
  const kept = Number((10 ** (-position / STEPS_PER_DECADE)).toPrecision(2));
  return Number((1 - kept).toFixed(4));
}

/** @param {number} smoothing */
export function positionOf(smoothing) {
  return Math.round(-Math.log10(1 - smoothing) * STEPS_PER_DECADE);
}
