/**
 * Light, dark, or as the system says. The choice is kept on this device; early/theme.js has applied it before the
 * first paint, this keeps it up to date.
 */

import { setAttribute } from './dom.js';

const CHOICES = /** @type {const} */ (['system', 'light', 'dark']);
const NAME = 'theme';

/**
 * @param {HTMLElement} button
 * @param {{ load: (name: string, valid: RegExp) => string | null, save: (name: string, text: string) => void }} storage where the choice is kept
 * @param {() => void} changed
 */
export function createTheme(button, { load, save }, changed) {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const forced = matchMedia('(forced-colors: active)');
  const kept = load(NAME, /^(system|light|dark)$/);
  let choice = CHOICES.find((each) => each === kept) ?? 'system';

  function apply() {
    // Where the system has colours of its own, lanes take the shades for its background.
    const dark = choice === 'system' || forced.matches ? system.matches : choice === 'dark';
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    const next = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
    setAttribute(button, 'data-choice', choice);
    setAttribute(button, 'aria-label', `Theme: ${choice}. Change to ${next}.`);
    setAttribute(button, 'title', `Theme: ${choice}`);
    changed();
  }

  button.addEventListener('click', () => {
    choice = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
    save(NAME, choice);
    apply();
  });
  for (const query of [system, forced]) query.addEventListener('change', apply);
  apply();
  return { apply };
}
