/** The gallery of the experiments: a page of links, whose theme can be changed. */

import { hasAnswered } from './experiments/guess.js';
import { load, save } from './link/storage.js';
import { part, setAttribute } from './ui/dom.js';
import { createTheme } from './ui/theme.js';

createTheme(part(document, 'theme'), { load, save }, () => {});

// Also when a visitor comes back from an experiment, to the page as it was left.
addEventListener('pageshow', () => {
  for (const card of document.querySelectorAll('.card')) {
    const name = card.getAttribute('data-experiment') ?? '';
    setAttribute(card, 'data-guessed', hasAnswered(name) ? '' : null);
  }
});
