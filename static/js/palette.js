/** The theme's colours for canvases, which cannot read custom properties themselves. */

/** @typedef {{ ink: string, muted: string, grid: string, orange: string, green: string, blue: string }} Palette */

/** @returns {Palette} */
export function readPalette() {
  const style = getComputedStyle(document.documentElement);
  const read = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return {
    ink: read('--ink'),
    muted: read('--muted'),
    grid: read('--grid'),
    orange: read('--orange'),
    green: read('--green'),
    blue: read('--blue'),
  };
}
