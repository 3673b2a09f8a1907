/** A lane's name and value at the end of its line, kept apart from those of other lanes. */

import { element, setAttribute, setText } from '../ui/dom.js';

/** Pixels between two of them, one line each or two, in type of the usual size. */
const APART = 18;
const APART_IN_TWO_LINES = 32;
const FONT = { beside: '650 13.5px system-ui, sans-serif', below: '650 11.5px system-ui, sans-serif' };
/** Before and behind them. */
const AROUND = 16;
const LONGEST = '99.99\u202f%';

/** @param {HTMLElement} host the plot */
export function createEndLabels(host) {
  const list = element('div', { class: 'ends', 'aria-hidden': 'true' });
  // Without a style sheet, too, they must not make the plot grow, which the chart would follow for ever.
  list.style.position = 'absolute';
  host.append(list);
  /** @type {{ node: HTMLElement, value: HTMLElement, transform: string }[]} */
  let labels = [];
  let widths = { beside: 0, below: 0 };
  const pen = new OffscreenCanvas(1, 1).getContext('2d');

  /** @param {string} font @param {string[]} texts */
  function widest(font, texts) {
    if (!pen) return 0;
    pen.font = font;
    return Math.ceil(Math.max(0, ...texts.map((text) => pen.measureText(text).width))) + AROUND;
  }

  return {
    /** The room they need at the right; below the stage the legend has their values. @param {boolean} narrow names stand above values */
    width: (narrow) => (host.closest('.grid') ? 0 : narrow ? widths.below : widths.beside),
    /** @param {Identity[]} lanes */
    arrange(lanes) {
      widths = {
        beside: widest(
          FONT.beside,
          lanes.map(({ name }) => `${name} ${LONGEST}`),
        ),
        below: widest(FONT.below, [LONGEST, ...lanes.map(({ name }) => name)]),
      };
      labels = lanes.map(({ name, colour }) => {
        const value = element('span');
        const node = element('p', { hidden: '', 'data-colour': colour }, element('b', {}, name), ' ', value);
        return { node, value, transform: '' };
      });
      list.replaceChildren(...labels.map(({ node }) => node));
    },
    /** @param {number} lane @param {string} text */
    write(lane, text) {
      setText(labels[lane].value, text);
    },
    /**
     * Puts each beside its line's end, or as near as there is room.
     * @param {(number | null)[]} ends how far down each lane's line ends; null for one that is not on show
     * @param {{ left: number, top: number, height: number, narrow: boolean, larger: number }} room and by how much type is larger
     */
    place(ends, { left, top, height, narrow, larger }) {
      if (host.closest('.grid')) return;
      const names = narrow && labels.length * APART_IN_TWO_LINES * larger > height;
      const apart = (narrow && !names ? APART_IN_TWO_LINES : APART) * larger;
      setAttribute(list, 'data-narrow', narrow ? '' : null);
      setAttribute(list, 'data-names', names ? '' : null);
      // Beside the chart, not over its caption nor the numbers below it.
      const [first, bottom] = [top + apart / 2 - 8, top + height - apart / 2 + 4];
      const order = ends.map((at, lane) => ({ at, lane })).filter(({ at }) => at !== null);
      order.sort((a, b) => Number(a.at) - Number(b.at));
      // From above each one is pushed down, and from below up again.
      const places = order.map(({ at }) => Number(at));
      places.forEach((at, i) => (places[i] = Math.max(at, i ? places[i - 1] + apart : first)));
      for (let i = places.length - 1; i >= 0; i--) places[i] = Math.min(places[i], i < places.length - 1 ? places[i + 1] - apart : bottom);
      labels.forEach((label, lane) => {
        const at = order.findIndex((each) => each.lane === lane);
        const transform = at < 0 ? '' : `translate(${Math.round(left)}px, ${Math.round(places[at])}px)`;
        if (transform === label.transform) return;
        label.transform = transform;
        label.node.style.transform = transform;
        label.node.hidden = at < 0;
      });
    },
  };
}

/** @typedef {ReturnType<typeof createEndLabels>} EndLabels */
