/** A part of the page that is opened and closed, and stays so in this browser. */

/**
 * @param {HTMLDetailsElement} door
 * @param {{ load: (name: string, valid: RegExp) => string | null, save: (name: string, text: string) => void }} storage where that is kept
 * @param {string} name
 */
export function createDoor(door, { load, save }, name) {
  if (load(name, /^(open|closed)$/) === 'open') door.open = true;
  door.addEventListener('toggle', () => save(name, door.open ? 'open' : 'closed'));
}
