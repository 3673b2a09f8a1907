/** Which two panels stand on the stage, by their names from the left; `usual` are the two charts that do when nothing is chosen. Pure. */

/**
 * A panel in a place on the stage; if it was in the other one, what was here goes there.
 * @param {string[]} stage
 * @param {string} name
 * @param {number} place
 */
export function placed(stage, name, place) {
  const before = stage.indexOf(name);
  return stage.map((each, i) => (i === place ? name : i === before ? stage[place] : each));
}

/**
 * Who stands in whose place: charts that have made room stand where the instruments on the stage came from.
 * @param {string[]} stage
 * @param {string[]} usual
 * @returns {Record<string, string>} by the panel whose place it is
 */
export function arrangement(stage, usual) {
  const displaced = usual.filter((name) => !stage.includes(name));
  const instruments = stage.filter((name) => !usual.includes(name));
  const onStage = stage.map((name, i) => [usual[i], name]);
  return Object.fromEntries([...onStage, ...instruments.map((name, i) => [name, displaced[i]])]);
}

/**
 * The stage after a press on a panel's own button: a panel comes onto the stage, in place of the second chart, or of what has
 * taken its own place; an instrument there gives it back. One of the usual charts stays where it is.
 * @param {string[]} stage
 * @param {string[]} usual
 * @param {string} name
 */
export function toggled(stage, usual, name) {
  const place = stage.indexOf(name);
  if (place >= 0) return usual.includes(name) ? stage : placed(stage, arrangement(stage, usual)[name], place);
  if (!usual.includes(name)) return placed(stage, name, 1);
  const instrument = Object.entries(arrangement(stage, usual)).find(([, who]) => who === name)?.[0] ?? '';
  return placed(stage, name, stage.indexOf(instrument));
}
