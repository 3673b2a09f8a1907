/**
 * What the lanes of a race are called: by their optimizer, and where it comes more than once by what differs. Pure.
 * app/report/lane_names.py names the lanes of a run by the same rule; tests/fixtures/lane-names.json holds for both.
 */

/**
 * "Adam", or "SGD 0.1" and "SGD 0.01", or "Adam" and "Adam 2" where nothing differs.
 * @param {{ label: string, choices: string[] }[]} lanes of each its optimizer's label, and what is chosen for it; the same choices
 *   in the same order where the label is the same
 * @returns {string[]}
 */
export function namesOf(lanes) {
  /** @type {string[]} */
  const names = [];
  for (const label of new Set(lanes.map((lane) => lane.label))) {
    const alike = lanes.flatMap((lane, i) => (lane.label === label ? i : []));
    let told = alike.map(() => label);
    for (const at of lanes[alike[0]].choices.keys()) {
      const more = told.map((name, i) => `${name} ${lanes[alike[i]].choices[at]}`);
      // What distinguishes no lanes that the choices before it leave alike would only make names longer.
      if (new Set(more).size > new Set(told).size) told = more;
    }
    told.forEach((name, i) => {
      const nth = told.slice(0, i + 1).filter((other) => other === name).length;
      const number = name === label ? ` ${nth}` : ` (${nth})`;
      names[alike[i]] = nth === 1 ? name : name + number;
    });
  }
  return names;
}
