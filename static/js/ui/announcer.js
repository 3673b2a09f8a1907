/** Announces to screen readers what has changed, at most once a second; a newer announcement replaces one that waits. */

const PAUSE_MS = 1000;

/** @param {HTMLElement} region a polite live region */
export function createAnnouncer(region) {
  let waiting = '';
  let timer = 0;

  function speak() {
    timer = 0;
    if (waiting === '') return;
    region.textContent = waiting;
    waiting = '';
    timer = window.setTimeout(speak, PAUSE_MS);
  }

  return {
    /** @param {string} text */
    say(text) {
      waiting = text;
      if (timer === 0) speak();
    },
  };
}
