/** On paper, the page is light, and its charts are drawn as wide as the paper. */

/**
 * @param {object} page
 * @param {ReturnType<typeof import('../ui/theme.js').createTheme>} page.theme
 * @param {(now: boolean) => void} page.repaint
 */
export function createPrinting({ theme, repaint }) {
  const root = document.documentElement;
  addEventListener('beforeprint', () => {
    root.toggleAttribute('data-printing', true);
    root.dataset.theme = 'light';
    // A browser waits for no animation frame before it prints.
    repaint(true);
  });
  addEventListener('afterprint', () => {
    root.toggleAttribute('data-printing', false);
    theme.apply();
  });
}
