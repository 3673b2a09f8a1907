/** The frame of a picture: its title, the switch of what it shows, the list of its curves and their values, the plot, and an explanation. */

import { element, part, swatch } from '../ui/dom.js';

let made = 0;

/**
 * @param {object} what
 * @param {string} what.kind a class for the style sheet
 * @param {string} what.title
 * @param {string} [what.legend] of the switch
 * @param {Record<string, string>} [what.options] what can be shown, and what each is called; the first is chosen
 * @param {() => void} [what.chosen]
 */
export function createFigure({ kind, title, legend = '', options = {}, chosen = () => {} }) {
  const name = `sweep-figure-${(made += 1)}`;
  const radios = Object.keys(options).map((value, i) => {
    const radio = element('input', { type: 'radio', name, value, ...(i === 0 ? { checked: '' } : {}) });
    radio.addEventListener('change', chosen);
    return radio;
  });
  const labels = radios.map((radio) => element('label', {}, radio, element('span', {}, options[radio.value])));
  const choice = element('fieldset', { class: 'switch small' }, element('legend', { class: 'unseen' }, legend), ...labels);
  choice.hidden = labels.length === 0;
  const node = element(
    'figure',
    { class: `panel ${kind}`, 'aria-labelledby': `${name}-title` },
    element('figcaption', {}, element('h2', { id: `${name}-title`, 'data-part': 'title' }, title), choice),
    element('ul', { class: 'curves', 'data-part': 'curves' }),
    element('div', { class: 'sweep-plot', 'data-part': 'plot' }),
    element('p', { class: 'meaning muted', 'data-part': 'meaning' }),
  );
  const curves = part(node, 'curves');

  return {
    node,
    title: part(node, 'title'),
    plot: part(node, 'plot'),
    meaning: part(node, 'meaning'),
    get chosen() {
      return radios.find(({ checked }) => checked)?.value ?? '';
    },
    /** @param {import('./sweep.js').Look[]} looks @param {string[]} readings */
    list(looks, readings) {
      if (curves.children.length !== looks.length || curves.dataset.names !== String(looks.map((look) => look.name))) {
        curves.dataset.names = String(looks.map((look) => look.name));
        curves.replaceChildren(
          ...looks.map((look) =>
            element('li', { 'data-colour': look.colour }, swatch(look), element('b', {}, look.name), element('span', { class: 'muted' })),
          ),
        );
      }
      readings.forEach((text, i) => {
        const reading = curves.children[i].lastElementChild;
        if (reading && reading.textContent !== text) reading.textContent = text;
      });
    },
  };
}
