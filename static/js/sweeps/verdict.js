/** Who wins each comparison: the server's sentences, a table of the figures behind them, and the method. */

import { ROOT } from '../link/root.js';
import { target } from '../model/format.js';
import { isOver } from '../model/page-state.js';
import { element, setText, swatch } from '../ui/dom.js';
import { spreadText, unbroken } from './sweep.js';

/** A summary of docs/method.md. */
const METHOD = [
  'Which optimizer is ahead depends on how much each was tuned, so several questions are answered apart, each with its figures.',
  'As it comes is the learning rate that an optimizer has in the playground when none is chosen. Tuned is the best rate of the grid, trained again from fresh seeds: the best of many trainings was also the luckiest, and its result in the grid is better than it would be next time. It is known only as finely as the grid, and another grid can change who wins.',
  'The plateau is how far the learning rate may move from the best, in decades (factors of ten), with the accuracy no more than one point below it: by the mean over the seeds, and with each seed alone.',
  '± is the standard deviation over the seeds. Two results count as different if they are further apart than their deviations together, and batches or seconds to the target also further than two evaluations are.',
  'Only what is on the axes is tuned: momentum, betas and epsilon stay as they come, and tuning them too would bring the optimizers nearer to each other (Choi et al., 2019; Dahl et al., 2023).',
];

/** @param {boolean} asked whether the sweep belongs to an experiment: its question is answered elsewhere, and other questions here */
export function createVerdict(asked) {
  const title = element('h2');
  const said = element('ul', { class: 'said' });
  const rows = element('tbody');
  const headings = ['Optimizer', 'As it comes', 'Tuned', 'Best rate', '', '', 'Plateau'].map((text) =>
    element('th', { scope: 'col' }, text),
  );
  const table = element('table', {}, element('thead', {}, element('tr', {}, ...headings)), rows);
  const box = element('div', { class: 'verdict-table', tabindex: '0', role: 'region', 'aria-label': 'Each optimizer’s results' }, table);
  const method = element(
    'details',
    {},
    element('summary', {}, 'How this is judged'),
    ...METHOD.map((text) => element('p', {}, text)),
    element(
      'p',
      {},
      'Sources: ',
      link('Choi et al., 2019', '1910.05446'),
      ' and ',
      link('Dahl et al., 2023', '2306.07179'),
      '. ',
      element('a', { href: `${ROOT}/docs/method` }, 'The whole method'),
    ),
  );
  const node = element('section', { class: 'panel verdict', 'aria-label': 'Verdict' }, title, said, box, method);

  return {
    node,
    /** @param {Sweep} sweep @param {import('./sweep.js').Look[]} looks */
    update(sweep, looks) {
      const { sentences, verdicts, target: mark } = sweep;
      // Once it is over, the first sentence is the headline.
      const listed = isOver(sweep) && !asked ? sentences.slice(1) : sentences;
      node.hidden = asked ? verdicts.length === 0 : listed.length + verdicts.length === 0;
      setText(title, asked ? 'Other questions to the same sweep' : titleOf(sweep));
      method.hidden = box.hidden = verdicts.length === 0;
      setText(headings[4], `Batches to ${target(mark)}`);
      setText(headings[5], `Seconds to ${target(mark)}`);
      said.replaceChildren(...listed.map((text) => element('li', {}, unbroken(text))));
      rows.replaceChildren(
        ...verdicts.map(({ name, curve, as_it_comes, tuned, plateau }) => {
          const look = looks[curve];
          const cells = [
            rated(as_it_comes),
            spreadText('accuracy', tuned.accuracy),
            String(tuned.learning_rate),
            spreadText('batches', tuned.batches),
            spreadText('seconds', tuned.seconds),
            plateau?.text ?? '–',
          ];
          return element(
            'tr',
            { 'data-colour': look.colour },
            element('th', { scope: 'row' }, swatch(look), name),
            ...cells.map((text) => element('td', {}, unbroken(text))),
          );
        }),
      );
    },
  };
}

/** @param {Sweep} sweep */
function titleOf(sweep) {
  if (sweep.verdicts.length) return 'A fair verdict';
  return isOver(sweep) ? 'What came out' : 'What came out so far';
}

/** @param {Trial} trial */
function rated({ learning_rate, accuracy }) {
  return `${spreadText('accuracy', accuracy)} (at ${learning_rate})`;
}

/** @param {string} name @param {string} paper on arXiv */
function link(name, paper) {
  return element('a', { href: `https://arxiv.org/abs/${paper}`, target: '_blank', rel: 'noopener' }, name);
}
