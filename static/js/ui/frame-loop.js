/**
 * Draws at most once per animation frame, and only when something was marked as changed.
 * @param {() => void} draw
 */
export function createFrameLoop(draw) {
  let requested = false;
  return {
    mark() {
      if (requested) return;
      requested = true;
      requestAnimationFrame(() => {
        requested = false;
        draw();
      });
    },
  };
}
