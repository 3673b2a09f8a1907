/** A canvas context that writes down what is drawn as SVG: as much of one as the charts use, where every arc is a circle. */

const measuring = /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas').getContext('2d'));
const round = (/** @type {number} */ value) => Math.round(value * 100) / 100;

/** @param {string} text */
export function escaped(text) {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** As much of a Path2D as the charts use. */
export class Trace {
  /** @type {[string, number, number][]} */
  points = [];

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    if (Number.isFinite(x + y)) this.points.push([this.points.length ? 'L' : 'M', x, y]);
  }

  /** @param {Trace} other @param {import('./strokes.js').Matrix} to */
  addPath({ points }, { a, d, e, f }) {
    for (const [kind, x, y] of points) this.points.push([kind, e + a * x, f + d * y]);
  }

  toString() {
    return this.points.map(([kind, x, y]) => `${kind}${round(x)} ${round(y)}`).join('');
  }
}

export class Tracing {
  fillStyle = '';
  strokeStyle = '';
  lineWidth = 1;
  globalAlpha = 1;
  font = '';
  textAlign = 'left';
  textBaseline = '';
  dash = '';
  path = '';
  clips = 0;
  /** @type {string[]} */
  written = [];
  /** @type {object[]} */
  saved = [];

  clearRect() {}

  save() {
    this.saved.push({ ...this });
  }

  restore() {
    const { clips } = this;
    Object.assign(this, this.saved.pop());
    this.written.push('</g>'.repeat(clips - this.clips));
  }

  clip() {
    this.clips += 1;
    const id = `plot-${this.written.length}`;
    this.written.push(`<clipPath id="${id}"><path d="${this.path}"/></clipPath><g clip-path="url(#${id})">`);
  }

  /** @param {number[]} lengths */
  setLineDash(lengths) {
    this.dash = lengths.join();
  }

  beginPath() {
    this.path = '';
  }

  closePath() {
    this.path += 'Z';
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.path += `M${round(x)} ${round(y)}`;
  }

  /** @param {number} x @param {number} y */
  lineTo(x, y) {
    this.path += `L${round(x)} ${round(y)}`;
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height */
  rect(x, y, width, height) {
    this.moveTo(x, y);
    this.path += `h${round(width)}v${round(height)}h${round(-width)}Z`;
  }

  /** @param {number} x @param {number} y @param {number} width @param {number} height @param {number} radius */
  roundRect(x, y, width, height, radius) {
    const [r, w, h] = [radius, width - 2 * radius, height - 2 * radius].map(round);
    this.moveTo(x + radius, y);
    this.path += `h${w}a${r} ${r} 0 0 1 ${r} ${r}v${h}a${r} ${r} 0 0 1 -${r} ${r}h-${w}a${r} ${r} 0 0 1 -${r} -${r}v-${h}a${r} ${r} 0 0 1 ${r} -${r}Z`;
  }

  /** @param {number} x @param {number} y @param {number} radius */
  arc(x, y, radius) {
    this.moveTo(x - radius, y);
    for (const way of [2, -2]) this.path += `a${round(radius)} ${round(radius)} 0 1 1 ${round(way * radius)} 0`;
  }

  /** @param {{ toString(): string }} path */
  stroke(path = this.path) {
    this.written.push(`<path d="${path}"${this.pen()}/>`);
  }

  /** @param {{ toString(): string }} path */
  fill(path = this.path) {
    this.written.push(`<path d="${path}"${this.ink()}/>`);
  }

  /** @param {string} text @param {number} x @param {number} y */
  strokeText(text, x, y) {
    this.fillText(text, x, y, this.pen());
  }

  /** @param {string} text @param {number} x @param {number} y */
  fillText(text, x, y, look = this.ink()) {
    const [weight, size] = this.font.split('px')[0].split(' ');
    const anchor = { left: 'start', center: 'middle', right: 'end' }[this.textAlign];
    // Not every viewer supports dominant-baseline.
    const level = this.textBaseline === 'middle' ? y + Number(size) * 0.35 : y;
    this.written.push(
      `<text x="${round(x)}" y="${round(level)}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}"${look}>${escaped(text)}</text>`,
    );
  }

  /** @param {string} text */
  measureText(text) {
    measuring.font = this.font;
    return measuring.measureText(text);
  }

  pen() {
    return ` fill="none" stroke="${this.strokeStyle}" stroke-width="${this.lineWidth}" stroke-opacity="${this.globalAlpha}" stroke-dasharray="${this.dash || 'none'}"`;
  }

  ink() {
    return ` fill="${this.fillStyle}" fill-opacity="${this.globalAlpha}"`;
  }
}
