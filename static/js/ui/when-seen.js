/** Skips drawing what is out of view: during a race, only what is in the window, or close to it, is drawn. */

/**
 * @param {Element} node
 * @param {() => void} draw
 * @returns {(fresh: boolean, goesOn: boolean) => void} to be called with every update: whether there is something new to draw, and
 *   whether more of it will come soon
 */
export function createWhenSeen(node, draw) {
  let near = true;
  let behind = false;

  function drawNow() {
    behind = false;
    draw();
  }

  new IntersectionObserver(
    (entries) => {
      near = entries[entries.length - 1].isIntersecting;
      if (near && behind) drawNow();
    },
    { rootMargin: '10%' },
  ).observe(node);

  return (fresh, goesOn) => {
    behind ||= fresh;
    if (behind && (near || !goesOn)) drawNow();
  };
}
