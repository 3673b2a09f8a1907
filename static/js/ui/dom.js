/** The few things every panel does with elements. Text is written only when it changed, so that a race causes no churn. */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/**
 * The element that the template gave a name.
 * @template {HTMLElement} [E=HTMLElement]
 * @param {ParentNode} host
 * @param {string} name
 * @returns {E}
 */
export function part(host, name) {
  const found = host.querySelector(`[data-part="${name}"]`);
  if (!found) throw new Error(`The template has no data-part="${name}".`);
  return /** @type {E} */ (found);
}

/** What the server has put into the page for its scripts. @returns {any} */
export function bootstrapped() {
  return JSON.parse(document.getElementById('bootstrap')?.textContent ?? '');
}

/** What was last written where: cheaper to ask than the page itself, dozens of times a frame. @type {WeakMap<Node, string>} */
const written = new WeakMap();

/**
 * @param {Node} node whose text only this function writes
 * @param {string} text
 */
export function setText(node, text) {
  if (written.get(node) === text) return;
  written.set(node, text);
  node.textContent = text;
}

/**
 * Sets an attribute; null takes it away.
 * @param {Element} node
 * @param {string} name
 * @param {string | null} value
 */
export function setAttribute(node, name, value) {
  if (node.getAttribute(name) === value) return;
  if (value === null) node.removeAttribute(name);
  else node.setAttribute(name, value);
}

/** @returns {boolean} whether the visitor prefers reduced motion */
export function prefersStillness() {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/**
 * The short sample of a lane's line and marker that stands beside its name.
 * @param {Pick<Identity, 'colour' | 'marker' | 'dash'>} lane
 */
export function swatch(lane) {
  const node = element('span', { class: 'swatch', 'data-colour': lane.colour, 'data-marker': lane.marker, 'aria-hidden': 'true' });
  if (lane.dash.length > 0) node.setAttribute('data-dashed', '');
  return node;
}

/** Lets a click beside a dialog close it. @param {HTMLDialogElement} dialog whose content fills its box */
export function closeOnBackdrop(dialog) {
  // The content fills the box, so a click on the element itself was on the backdrop.
  dialog.addEventListener('click', ({ target }) => target === dialog && dialog.close());
}
