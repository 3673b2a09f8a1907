/** The theme's colours, and the size of their numbers, for canvases, which cannot read custom properties themselves. */

/** @typedef {{ axis: string, panel: string, ink: string, muted: string, grid: string, orange: string, green: string, blue: string }} Palette */

/** @returns {Palette} */
export function readPalette() {
  const style = getComputedStyle(document.body);
  const read = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return {
    axis: read('--axis'),
    panel: read('--panel'),
    ink: read('--ink'),
    muted: read('--muted'),
    grid: read('--grid'),
    orange: read('--orange'),
    green: read('--green'),
    blue: read('--blue'),
  };
}
