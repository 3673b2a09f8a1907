/** Sentences as paragraphs, which are rewritten only when they have changed. */

import { element } from './dom.js';

/** @param {Element} host */
export function createSentences(host) {
  let written = '';
  return {
    /** @param {string[]} sentences */
    show(sentences) {
      const text = sentences.join('\n');
      if (text === written) return;
      written = text;
      host.replaceChildren(...sentences.map((sentence) => element('p', {}, sentence)));
    },
  };
}
