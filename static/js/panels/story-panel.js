/** Shows the sentences that the server tells of a run, and what to do when there is nothing to tell yet. In them, **this** is emphasised. */

import { element } from '../ui/dom.js';
import { createComparison, sentenceBeside } from '../model/earlier-run.js';
import { networks } from '../model/lanes.js';
import { storyOfSeries } from '../model/series.js';

/** As the server tells at most. */
const MOST_SENTENCES = 3;
/** @param {Identity[]} lanes */
const invitation = (lanes) => [
  `**${networks(lanes)}. Press play${lanes.length > 1 ? ' to race them' : ''}.**`,
  ...(new Set(lanes.map(({ optimizer }) => optimizer)).size > 1
    ? ['Same start, same digits in the same order: only the update rule differs.']
    : []),
];
const OUT_OF_REACH = ['**This run is out of reach at the moment,** and is tried again. Press play to start a race of your own.'];
const BEING_LOADED = ['**The race again.** The sentences on each moment are being loaded.'];
const NEVER_SEEN = ['**There is no such run here.** It may have expired, or there’s a typo in the address. Press play to start a new one.'];

/** @param {HTMLElement} host */
export function createStoryPanel(host) {
  const comparison = createComparison();

  /** @param {Scene} scene */
  function sentences(scene) {
    const { state, run } = scene;
    // The last sentences would be of another moment; a recorded race has begun with those of the page.
    if (state === 'replaying' && run?.story.length === 0 && !scene.recorded) return BEING_LOADED;
    if (run !== null) return withEarlier(scene, storyOfSeries(scene, run.story));
    if (state === 'gone') return NEVER_SEEN;
    // What one should know before pressing play; in few words, so that a phone has room for it.
    if (state === 'idle' && scene.wait) return [`**Press play to start ${scene.lanes.length > 1 ? 'a race' : 'training'}.**`, scene.wait];
    return state === 'idle' || state === 'starting' ? invitation(scene.lanes) : OUT_OF_REACH;
  }

  /** The comparison with an earlier run comes second, since that is what the visitor changed the settings for. @param {Scene} scene @param {string[]} told */
  function withEarlier(scene, told) {
    const { found, ghost } = comparison.of(scene);
    const beside = ghost ? sentenceBeside(found, ghost) : [];
    return [...told.slice(0, 1), ...beside, ...told.slice(1)].slice(0, told.length > 0 ? MOST_SENTENCES : 0);
  }

  const panel = {
    /** What is on show. */
    text: '',
    /** @param {Scene} scene */
    update(scene) {
      const told = sentences(scene);
      const text = told.join(' ').replaceAll('**', '');
      // What a replay tells may still be on its way.
      if (text === panel.text || text === '') return;
      panel.text = text;
      host.replaceChildren(
        ...told.map((sentence) => {
          const words = sentence.split('**').map((words, i) => (i % 2 ? element('strong', {}, words) : words));
          return element('span', { class: 'sentence' }, ...words, ' ');
        }),
      );
    },
  };
  return panel;
}
