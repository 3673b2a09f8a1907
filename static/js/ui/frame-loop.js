/**
 * Draws at most once per animation frame, and only when something was marked as changed.
 * @param {() => void} draw
 */
export function createFrameLoop(draw) {
  let requested = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function mark() {
    if (requested) return;
    requested = true;
    requestAnimationFrame(() => {
      requested = false;
      draw();
    });
  }

  return {
    mark,
    /** The same after some milliseconds; null for never mind. @param {number | null} wait */
    markIn(wait) {
      clearTimeout(timer);
      if (wait === 0) mark();
      else if (wait !== null) timer = setTimeout(mark, wait);
    },
  };
}
