/** A section of the page that this browser keeps open, or closed, as it was left. */

/**
 * @param {HTMLDetailsElement} details
 * @param {{ load: (name: string, valid: RegExp) => string | null, save: (name: string, text: string) => void }} storage where that is kept
 * @param {string} name
 */
export function keepDisclosure(details, { load, save }, name) {
  if (load(name, /^(open|closed)$/) === 'open') details.open = true;
  details.addEventListener('toggle', () => save(name, details.open ? 'open' : 'closed'));
}
