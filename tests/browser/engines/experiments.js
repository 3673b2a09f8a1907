/** The experiments, in a browser that is not Chromium: a sweep and a race, from the guess to the answer, and a sweep in a frame. */

import assert from 'node:assert/strict';

const ANSWERED = `document.querySelectorAll('[data-part="sentences"] p').length > 0`;
const DRAWN = `document.querySelector('.sweep-plot .line')?.getAttribute('d')?.length > 20`;

/**
 * @param {object} visit
 * @param {import('./tab').Tab} visit.tab
 * @param {string} visit.address
 * @param {string} visit.browser
 * @param {(script: string, what: string) => Promise<void>} visit.until
 */
export async function visitExperiments({ tab, address, browser, until }) {
  await tab.goto(`${address}/experiments`);
  await until(`document.querySelectorAll('.card h2 a').length === 6`, 'the gallery has six experiments');

  await guessAndRun('noise', '[data-guess="8"]', 'finished');
  await until(DRAWN, 'the trainings are drawn');
  assert.match(
    await tab.run('location.pathname'),
    /^\/experiments\/noise\/sweeps\//,
    `${browser}: a sweep has an address below its experiment`,
  );
  const sweep = await tab.run('location.pathname.split("/").at(-1)');

  await guessAndRun('train-longer', '.skip-guess', 'finished');
  await until(`document.querySelector('[data-chart="gap-accuracy"] canvas')?.width > 0`, 'the gap is drawn');

  await tab.goto(`${address}/embed/sweeps/${sweep}`);
  await until(DRAWN, 'a sweep is drawn in a frame');
  const [bottom, height] = await tab.run(`[document.querySelector('figure').getBoundingClientRect().bottom, innerHeight]`);
  assert(bottom <= height, `${browser}: in a frame ${height} pixels high the picture ends at ${bottom}`);

  /** @param {string} name @param {string} guess @param {string} state */
  async function guessAndRun(name, guess, state) {
    await tab.goto(`${address}/experiments/${name}`);
    await until(`document.querySelector('[data-part="ask"]').disabled === false`, 'a guess can be made');
    await tab.run(`document.querySelector('${guess}').click()`);
    await until(`document.querySelector('[data-part="told"]').checkVisibility()`, 'the answer is beside the guess');
    await tab.run(`document.querySelector('[data-part="run-it"]').click()`);
    await until(`document.body.dataset.state === '${state}'`, `${name} is ${state}`);
    await until(ANSWERED, `${name} is answered`);
  }
}
