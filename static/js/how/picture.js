/** What the figures are drawn with: SVG, whose colours come from the style sheet. */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...(Node | string)} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** Whether a place can be drawn: a path takes no infinite numbers, nor such as 1e+38. @param {number} value */
export function isNear(value) {
  return Math.abs(value) < 1e6;
}

/** A line through points, and a gap where one is too far away. @param {(readonly [number, number])[]} points */
export function path(points) {
  let pen = false;
  return points
    .map(([x, y]) => {
      if (!isNear(x) || !isNear(y)) {
        pen = false;
        return '';
      }
      const command = pen ? 'L' : 'M';
      pen = true;
      return `${command}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join('');
}

/**
 * Draws at the size that the host has, and anew when that changes.
 * @param {HTMLElement} host
 * @param {(width: number, height: number) => Node[]} draw
 * @returns {() => void} draws anew
 */
export function createPicture(host, draw) {
  const root = svg('svg', { 'aria-hidden': 'true' });
  host.prepend(root);
  function redraw() {
    const { clientWidth, clientHeight } = host;
    if (clientWidth === 0) return;
    root.setAttribute('viewBox', `0 0 ${clientWidth} ${clientHeight}`);
    root.replaceChildren(...draw(clientWidth, clientHeight));
  }
  new ResizeObserver(redraw).observe(host);
  redraw();
  return redraw;
}
