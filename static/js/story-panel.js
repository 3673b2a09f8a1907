/** Shows the story's sentences, and what to do when there is nothing to tell yet. */

import { element } from './dom.js';
import { plainText, story } from './story.js';

/** @typedef {import('./types').Scene} Scene */
/** @typedef {import('./story.js').Piece} Piece */

/** @type {Piece[][]} */
const INVITATION = [
  [{ strong: 'Press play.' }, ' Three networks start from the same weights and read the same handwritten digits in the same order. Only the rule that updates the weights differs.'],
];
/** @type {Piece[][]} */
const OPENING = [[{ strong: 'Opening the run…' }, ' Everything it has measured so far is on its way.']];
/** @type {Piece[][]} */
const NEVER_SEEN = [[{ strong: 'This run is not here any more.' }, ' Runs live as long as the server does. Press play to start a new one.']];

/** @param {HTMLElement} host */
export function createStoryPanel(host) {
  let shown = '';
  let toldFor = '';

  /** @param {Scene} scene */
  function sentences({ state, run, store, lanes }) {
    if (run !== null) {
      return story({ state, run, names: lanes.map(({ name }) => name), evaluations: store.lanes.map(({ evaluations }) => rows(evaluations)) });
    }
    if (state === 'gone') return NEVER_SEEN;
    return state === 'idle' || state === 'starting' ? INVITATION : OPENING;
  }

  return {
    /** The text on show. */
    get text() {
      return shown;
    },
    /** @param {Scene} scene */
    update(scene) {
      // Sentences change with the run, not with every batch.
      const evaluated = scene.store.lanes.map(({ evaluations }) => evaluations.count);
      const key = [scene.state, scene.run?.id, scene.store.runVersion, evaluated].join();
      if (key === toldFor) return;
      toldFor = key;
      const told = sentences(scene);
      const text = plainText(told);
      if (text === shown) return;
      shown = text;
      host.replaceChildren(
        ...told.map((pieces) => {
          const words = pieces.map((piece) => (typeof piece === 'string' ? piece : element('strong', {}, piece.strong)));
          return element('span', { class: 'sentence' }, ...words, ' ');
        }),
      );
    },
  };
}

/** @param {import('./types').Table} table */
function rows(table) {
  const [step, test, loss, train] = ['step', 'test_accuracy', 'test_loss', 'train_accuracy'].map((name) => table.column(name));
  return Array.from({ length: table.count }, (_, i) => ({
    step: step[i],
    test_accuracy: test[i],
    test_loss: loss[i],
    train_accuracy: train[i],
  }));
}
