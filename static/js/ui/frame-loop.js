/**
 * Draws at most once per animation frame, and only when something was marked as changed.
 * @param {() => void} draw
 */
export function createFrameLoop(draw) {
  let asked = false;
  return {
    mark() {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        draw();
      });
    },
  };
}
