/**
 * Numbers and words take turns: they need not change with every frame, and no frame should pay for all of them.
 * A race then costs every frame about the same.
 */

/** @typedef {import('../types').Scene} Scene */

/** @param {{ update: (scene: Scene) => void }[]} panels */
export function createUpdateQueue(panels) {
  let next = 0;
  let waiting = panels.length;

  return {
    /** Something has changed that no panel has seen yet. */
    changed() {
      waiting = panels.length;
    },
    /**
     * Updates the panel whose turn it is; whether others still wait for theirs.
     * @param {Scene} scene
     * @param {boolean} all whether everybody has to know at once
     */
    update(scene, all) {
      const now = all ? panels.length : Math.min(1, waiting);
      for (let i = 0; i < now; i++) {
        panels[next].update(scene);
        next = (next + 1) % panels.length;
      }
      waiting = Math.max(0, waiting - now);
      return waiting > 0;
    },
  };
}
