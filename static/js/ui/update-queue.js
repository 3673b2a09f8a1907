/**
 * Numbers and words take turns: they need not change with every frame, and no frame should pay for all of them.
 * A race then costs every frame about the same.
 */

/** Several panels as one: what they say is always of the same moment. @param {Panel[]} panels */
export function together(panels) {
  return {
    /** Those that are there from now on. @param {Panel[]} more */
    add: (more) => panels.push(...more),
    /** @param {Scene} scene */
    update: (scene) => panels.forEach((panel) => panel.update(scene)),
  };
}

/** Between two turns. */
const TURN_MS = 50;

/** @typedef {{ update: (scene: Scene) => void }} Panel */

/**
 * @param {Panel[]} panels
 * @param {() => void} mark asks for an animation frame
 */
export function createUpdateQueue(panels, mark) {
  let next = 0;
  let waiting = panels.length;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  return {
    /** Those that are there from now on. @param {Panel[]} more */
    add(more) {
      panels.push(...more);
      waiting = panels.length;
      mark();
    },
    /** Something has changed that no panel has seen yet. */
    changed() {
      waiting = panels.length;
    },
    /**
     * Updates the panel whose turn it is, and asks for another frame while others wait for theirs.
     * @param {Scene} scene
     * @param {boolean} all at once, without taking turns
     */
    update(scene, all) {
      const now = all ? panels.length : Math.min(1, waiting);
      for (let i = 0; i < now; i++) {
        panels[next].update(scene);
        next = (next + 1) % panels.length;
      }
      waiting = Math.max(0, waiting - now);
      clearTimeout(timer);
      if (waiting > 0) timer = setTimeout(mark, TURN_MS);
    },
  };
}
