/** Presenting: the stage alone, in larger type, on the full screen where the browser allows it. */

import { setAttribute } from '../ui/dom.js';

/**
 * @param {{ enter: HTMLElement, leave: HTMLElement }} buttons
 * @param {(present: boolean) => void} changed
 * @param {() => void} resized the window has another size, and so may the type have
 */
export function createPresenting({ enter, leave }, changed, resized) {
  let presenting = false;

  function toggle() {
    // An address can choose the layout, but the full screen needs a key press or a click.
    if (presenting) document.exitFullscreen?.().catch(() => {});
    else document.documentElement.requestFullscreen?.().catch(() => {});
    changed(!presenting);
  }

  enter.addEventListener('click', toggle);
  leave.addEventListener('click', toggle);
  // The browser keeps Escape for itself while the screen is full.
  document.addEventListener('fullscreenchange', () => {
    if (presenting && !document.fullscreenElement) changed(false);
  });

  addEventListener('resize', () => presenting && resized());

  return {
    toggle,
    leave() {
      if (presenting) toggle();
    },
    /** Whether that changed anything. @param {boolean} present */
    show(present) {
      if (present === presenting) return false;
      presenting = present;
      setAttribute(document.body, 'data-present', present ? '' : null);
      return true;
    },
  };
}
