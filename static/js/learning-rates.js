/** The learning rate: one for all lanes, or, unlocked, one for each. */

import { part, setAttribute, setText } from './dom.js';
import { createField, laneFieldElement } from './field.js';
import { identify } from './lanes.js';
import { laneProp } from './props.js';

/** @typedef {import('./types').Config} Config */

/**
 * @param {HTMLElement} host
 * @param {object} options
 * @param {import('./field.js').Field} options.shared
 * @param {Record<string, [number, number]>} options.ranges
 * @param {() => void} options.changed
 */
export function createLearningRates(host, { shared, ranges, changed }) {
  const toggle = part(host, 'unlock');
  const sharedHost = part(host, 'shared');
  const own = part(host, 'own');
  /** @type {import('./field.js').Field[]} */
  let fields = [];
  let unlocked = false;
  let madeFor = '';

  /** @param {boolean} open */
  function show(open) {
    unlocked = open;
    setAttribute(toggle, 'aria-pressed', String(open));
    setText(part(toggle, 'words'), open ? 'Same for all' : 'One each');
    sharedHost.hidden = open;
    own.hidden = !open;
  }

  toggle.addEventListener('click', () => {
    show(!unlocked);
    if (unlocked) {
      for (const field of fields) {
        if (field.text === '' && shared.value !== null) field.set(shared.value);
      }
    }
    changed();
  });

  /** @param {Config} config */
  function arrange(config) {
    const lanes = identify(config);
    const wanted = lanes.map(({ key }) => key).join();
    if (wanted === madeFor) return;
    madeFor = wanted;
    const nodes = lanes.map(laneFieldElement);
    own.replaceChildren(...nodes);
    fields = nodes.map((node, i) => createField(node, laneProp(lanes[i], ranges), changed));
  }

  return {
    /** @param {Config} config */
    load(config) {
      arrange(config);
      show(config.lanes.some(({ learning_rate }) => learning_rate != null));
      config.lanes.forEach(({ learning_rate }, i) => {
        if (unlocked) fields[i].set(learning_rate ?? config.learning_rate);
      });
    },
    /** The fields that count at the moment. */
    get active() {
      return unlocked ? fields : [shared];
    },
    /**
     * The config's lanes with the learning rates of the fields; a text that is no value leaves the old one.
     * @param {Config} config
     */
    apply(config) {
      return config.lanes.map((lane, i) => {
        const rate = unlocked ? (fields[i].value ?? lane.learning_rate ?? null) : null;
        return { ...lane, learning_rate: rate === config.learning_rate ? null : rate };
      });
    },
    /** @param {Config | null} racing the config of the run on show */
    mark(racing) {
      fields.forEach((field, i) => {
        const rate = racing && (racing.lanes[i]?.learning_rate ?? racing.learning_rate);
        field.mark(unlocked && rate !== null && field.value !== rate);
      });
    },
    /** @param {string} name */
    field(name) {
      return fields.find(({ prop }) => prop.name === name) ?? null;
    },
  };
}
