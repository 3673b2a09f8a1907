/** The legend of a chart, which is also its values: a lane's line and name, and below them what it reads. */

import { element, setAttribute, swatch } from './dom.js';

/**
 * @template {HTMLElement} V
 * @param {HTMLElement} figure with many lanes its legend has two rows
 * @param {HTMLElement} legend
 * @param {Identity[]} lanes
 * @param {() => V[]} createValues the elements for one lane's values
 * @returns {V[][]} of each lane
 */
export function fillLegend(figure, legend, lanes, createValues) {
  setAttribute(figure, 'data-many', lanes.length > 3 ? '' : null);
  const values = lanes.map(createValues);
  legend.replaceChildren(
    ...lanes.map((lane, i) =>
      element(
        'li',
        { 'data-lane': String(lane.lane), 'data-colour': lane.colour },
        element('span', { class: 'name row muted' }, swatch(lane), lane.name),
        element('span', { class: 'values' }, ...values[i]),
      ),
    ),
  );
  return values;
}
