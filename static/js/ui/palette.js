/** The theme's colours, and the size of their numbers, for canvases, which cannot read custom properties themselves. */

const NAMES = /** @type {const} */ ([
  'axis',
  'panel',
  'ink',
  'muted',
  'quiet',
  'edge',
  'grid',
  'orange',
  'green',
  'blue',
  'pink',
  'brown',
  'grey',
]);

/** @typedef {Record<typeof NAMES[number], string>} Palette */

/** @returns {Palette} */
export function readPalette() {
  const style = getComputedStyle(document.body);
  return /** @type {Palette} */ (Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])));
}
