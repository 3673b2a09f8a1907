/**
 * The stage: any instrument can stand there in place of a chart, which stands in the instrument's place meanwhile. Panels are moved
 * as they are, so that what they show and what was chosen in them stays.
 */

import { load, save } from '../link/storage.js';
import { readView } from '../model/address.js';
import { placed, arrangement, toggled } from '../model/stage.js';
import { element, part, setAttribute } from '../ui/dom.js';

const KEPT = /^[a-z-]+,[a-z-]+$/;

/** What stood there last in this browser. @param {Limits} limits @returns {string[]} */
export function keptStage(limits) {
  return readView(`stage=${load('stage', KEPT) ?? limits.view.stage.default}`, limits).view.stage;
}

/**
 * @param {HTMLElement} menu of panels
 * @param {ChoiceRow} row of the choice
 * @param {object} options
 * @param {(stage: string[], opened: string) => void} options.changed a panel that comes onto the stage is opened
 * @param {(text: string) => void} options.announce
 */
export function createStage(menu, { options, default: usual }, { changed, announce }) {
  /** @type {string[]} */
  let stage = usual;
  const template = /** @type {HTMLTemplateElement} */ (part(document, 'to-stage'));

  const panels = Object.keys(options).map((name) => {
    const node = /** @type {HTMLElement} */ (document.querySelector(`[data-panel="${name}"]`));
    const place = document.createComment(name);
    const button = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    node.before(place);
    node.append(button);
    button.addEventListener('click', () => press(name));
    return { name, node, place, button };
  });
  const of = (/** @type {string} */ name) => /** @type {typeof panels[number]} */ (panels.find((panel) => panel.name === name));

  const selects = usual.map((/** @type {string} */ _, /** @type {number} */ place) => {
    const choices = Object.entries(options).map(([value, label]) => element('option', { value }, label));
    const select = element('select', { 'aria-label': place === 0 ? 'First on the stage' : 'Second on the stage' }, ...choices);
    select.addEventListener('change', () => choose(placed(stage, select.value, place), select.value));
    return select;
  });
  menu.append(element('p', { class: 'on-stage' }, 'On the stage', ...selects));

  /** @param {string[]} wanted @param {string} opened */
  function choose(wanted, opened) {
    save('stage', String(wanted) === String(usual) ? '' : String(wanted));
    changed(wanted, opened);
  }

  /** @param {string} name */
  function press(name) {
    const wanted = toggled(stage, usual, name);
    const come = wanted.find((each) => !stage.includes(each)) ?? name;
    choose(wanted, come);
    announce(`${options[come]} is on the stage.`);
    const { node, button } = of(come);
    // What has the focus loses it when it is moved.
    const next = usual.includes(come) ? part(node, 'plot') : button;
    next.focus({ preventScroll: true });
    node.scrollIntoView({ block: 'nearest' });
  }

  return {
    /** Whether that changed anything. @param {string[]} wanted */
    show(wanted) {
      const other = String(wanted) !== String(stage);
      stage = wanted;
      const standing = arrangement(stage, usual);
      for (const { name, node, place, button } of panels) {
        const there = of(standing[name] ?? name).node;
        if (place.nextSibling !== there) place.after(there);
        const back = stage.includes(name) && standing[name];
        const words = back ? `Bring ${options[standing[name]]} back to the stage` : `Show ${options[name]} on the stage`;
        button.hidden = stage.includes(name) && usual.includes(name);
        for (const attribute of ['aria-label', 'title']) setAttribute(button, attribute, words);
        setAttribute(node, 'data-staged', back ? '' : null);
      }
      selects.forEach((/** @type {HTMLSelectElement} */ select, /** @type {number} */ i) => (select.value = stage[i]));
      return other;
    },
  };
}
