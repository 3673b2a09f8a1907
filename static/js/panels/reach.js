/** The table "Batches to reach": the first evaluation at or above each target, in batches or in seconds. */

import { element, part, setAttribute, setText, swatch } from '../ui/dom.js';
import { createChangeDetector } from '../model/changes.js';
import { reachTable, TARGETS } from '../model/result.js';
import { ofSeed } from '../model/series.js';

/** @param {HTMLElement} host @param {() => void} touched the visitor wants other units */
export function createReach(host, touched) {
  const body = part(host, 'rows');
  const title = part(host, 'title');
  const seed = part(host, 'seed');
  const units = /** @type {HTMLInputElement[]} */ ([...host.querySelectorAll('input[name="reach-unit"]')]);
  /** @type {HTMLElement[][]} */
  let cells = [];
  const lanesChanged = createChangeDetector();
  const changed = createChangeDetector();
  units.forEach((unit) => unit.addEventListener('change', touched));

  /** @param {Scene} scene */
  function arrange(scene) {
    if (!lanesChanged(scene.lanes)) return;
    cells = [];
    body.replaceChildren(
      ...scene.lanes.map((lane) => {
        const row = TARGETS.map(() => element('td', {}, '–'));
        cells.push(row);
        const name = element('span', { class: 'lane-name' }, swatch(lane), lane.name);
        return element('tr', { 'data-lane': String(lane.lane), 'data-colour': lane.colour }, element('th', { scope: 'row' }, name), ...row);
      }),
    );
  }

  return {
    /** @param {Scene} scene */
    update(scene) {
      arrange(scene);
      const unit = units.find(({ checked }) => checked)?.value === 'seconds' ? 'seconds' : 'step';
      // Descriptions of the run come far more seldom than its batches.
      if (!changed(scene.lanes, scene.run, scene.series, unit)) return;
      setText(title, unit === 'seconds' ? 'Seconds to reach' : 'Batches to reach');
      setText(seed, ofSeed(scene));
      const table = reachTable(
        scene.lanes.map(({ lane }) => scene.run?.lanes[lane]),
        unit,
      );
      cells.forEach((row, lane) =>
        row.forEach((cell, column) => {
          const { text, best } = table[lane][column];
          setText(cell, text);
          setAttribute(cell, 'data-best', best ? '' : null);
        }),
      );
    },
  };
}
