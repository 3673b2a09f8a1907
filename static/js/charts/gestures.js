/**
 * What hands do on a chart, as shares of its width (0 left, 1 right): drag to mark a part, shift and drag to move, two fingers
 * to stretch, a finger that rests or wanders to point. Knows no axis. Hovering with a mouse is uPlot's.
 */

const CLICK_PX = 4;
const FINGER_PX = 8;
const LONG_PRESS_MS = 350;

/**
 * @param {HTMLElement} host of the plot
 * @param {object} on
 * @param {(from: number, to: number, done: boolean) => void} on.mark
 * @param {() => void} on.unmark
 * @param {(by: number) => boolean} on.move whether there was anything to move
 * @param {(before: [number, number], after: [number, number]) => void} on.stretch two places and where they have gone
 * @param {(at: number) => void} on.point
 * @param {() => void} on.reset
 */
export function createGestures(host, on) {
  /** Fingers and mouse buttons that are down, with where they are now. @type {Map<number, number>} */
  const down = new Map();
  /** @type {'press' | 'mark' | 'move' | 'point' | 'stretch' | null} */
  let doing = null;
  let area = { left: 0, width: 1 };
  let startX = 0;
  let timer = 0;

  const share = (/** @type {number} */ x) => (x - area.left) / area.width;

  /** @param {PointerEvent} event */
  function press(event) {
    const over = /** @type {Element} */ (event.target).closest('.u-over');
    if (!over || event.button !== 0 || down.size > 1) return;
    area = over.getBoundingClientRect();
    down.set(event.pointerId, event.clientX);
    over.setPointerCapture(event.pointerId);
    clearTimeout(timer);
    if (down.size === 2) {
      on.unmark();
      doing = 'stretch';
      return;
    }
    startX = event.clientX;
    doing = event.pointerType !== 'touch' && event.shiftKey ? 'move' : 'press';
    if (event.pointerType !== 'touch') return;
    timer = window.setTimeout(() => {
      doing = 'point';
      on.point(share(startX));
    }, LONG_PRESS_MS);
  }

  /** @param {PointerEvent} event */
  function wander(event) {
    const before = down.get(event.pointerId);
    if (before === undefined) return;
    const x = event.clientX;
    const touch = event.pointerType === 'touch';
    if (doing === 'press' && Math.abs(x - startX) > (touch ? FINGER_PX : CLICK_PX)) {
      clearTimeout(timer);
      doing = touch ? (on.move(0) ? 'move' : 'point') : 'mark';
    }
    down.set(event.pointerId, x);
    if (doing === 'mark') on.mark(share(startX), share(x), false);
    else if (doing === 'move') on.move((before - x) / area.width);
    else if (doing === 'point') on.point(share(x));
    else if (doing === 'stretch') {
      const [other] = [...down].flatMap(([id, at]) => (id === event.pointerId ? [] : [share(at)]));
      if (other !== undefined) on.stretch([other, share(before)], [other, share(x)]);
    }
  }

  /** @param {PointerEvent} event */
  function lift(event) {
    if (!down.delete(event.pointerId)) return;
    clearTimeout(timer);
    const cancelled = event.type === 'pointercancel';
    if (doing === 'mark') cancelled ? on.unmark() : on.mark(share(startX), share(event.clientX), true);
    if (doing === 'press' && event.pointerType === 'touch' && !cancelled) on.point(share(startX));
    // When one of two fingers is lifted, the other does nothing more.
    doing = null;
  }

  host.addEventListener('pointerdown', press);
  host.addEventListener('pointermove', wander);
  host.addEventListener('pointerup', lift);
  host.addEventListener('pointercancel', lift);
  host.addEventListener('dblclick', on.reset);
  // A finger that points keeps the page from scrolling, and a long press from opening a menu.
  host.addEventListener('touchmove', (event) => doing === 'point' && event.cancelable && event.preventDefault(), { passive: false });
  host.addEventListener('contextmenu', (event) => down.size > 0 && event.preventDefault());
}

/** What uPlot hears of a mouse: where it hovers, and no presses, of which it would zoom one chart alone. @param {HTMLElement} host */
export function mouseOnly(host) {
  // Browsers emulate a mouse after every touch.
  let touched = false;
  for (const kind of /** @type {const} */ (['pointerdown', 'pointermove'])) {
    host.addEventListener(kind, ({ pointerType }) => (touched = pointerType === 'touch'), true);
  }
  /** @param {uPlot} _u @param {HTMLElement} _target @param {(event: MouseEvent) => null} listener */
  const hover = (_u, _target, listener) => (/** @type {MouseEvent} */ event) => (touched ? null : listener(event));
  const ignore = () => null;
  return { mousemove: hover, mouseleave: hover, mousedown: ignore, mouseup: ignore, dblclick: ignore };
}
