/**
 * What a visitor does, in a browser that is not Chromium: opens the page, races, draws, exports, shares, presents, comes back,
 * reads how it works and makes an experiment.
 * node smoke.js firefox|webkit ADDRESS, with the browsers' programs as JSON in PROGRAMS; ends with status 1 and a sentence if
 * something is not as it should be.
 */

import assert from 'node:assert/strict';
import { argv, env } from 'node:process';

import { visitExperiments } from './experiments.js';
import { openFirefox } from './firefox.js';
import { openWebKit } from './webkit.js';

const TIMEOUT_MS = 120_000;
const [, , browser, address] = argv;
const programs = JSON.parse(env.PROGRAMS ?? '');
const tab = browser === 'firefox' ? await openFirefox(programs.firefox) : await openWebKit(programs);

/** Waits until a script's answer is true, also on the page that comes after this one. @param {string} script @param {string} what */
async function until(script, what) {
  for (
    const deadline = performance.now() + TIMEOUT_MS;
    !(await tab.run(script).catch(() => false));
    await new Promise((resolve) => setTimeout(resolve, 50))
  ) {
    assert(performance.now() < deadline, `${browser}: did not happen in ${TIMEOUT_MS / 1000} s: ${what}. ${tab.complaints().join(' ')}`);
  }
}

/** @param {string} wanted */
const state = (wanted) => until(`document.body.dataset.state === '${wanted}'`, `the page says ${wanted}`);
/** @param {string} name */
const click = (name) => tab.run(`document.querySelector('[data-part="${name}"]').click()`);

/** Notes what goes wrong from now on, and what would be saved in place of saving it. */
const WATCH = `(() => {
  window.problems = [];
  addEventListener('error', ({ message }) => problems.push(message));
  addEventListener('unhandledrejection', ({ reason }) => problems.push(String(reason)));
  window.blobs = [];
  const link = URL.createObjectURL;
  URL.createObjectURL = (blob) => (blobs.push(blob), link.call(URL, blob));
  HTMLAnchorElement.prototype.click = () => {};
})()`;

/** @param {string} picture */
async function saved(picture) {
  await click('actions-open');
  await click('export-open');
  await tab.run(`document.querySelector('${picture}').click()`);
}

try {
  await tab.goto(`${address}/?epochs=1&hidden=16`);
  await state('idle');
  await until(`document.querySelector('[data-part="theme"]').dataset.choice === 'system'`, 'the page has started');
  await tab.run(WATCH);
  await tab.run(`document.querySelector('[data-part="instruments"] summary').click()`);
  await until(`document.querySelector('[data-part="view"]').checkVisibility()`, 'the instruments are shown');
  for (const width of tab.widths) {
    await tab.resize(width);
    await until(`Math.abs(innerWidth - ${width}) < 20`, `the window is ${width} pixels wide`);
    assert.equal(
      await tab.run('document.documentElement.scrollWidth > document.documentElement.clientWidth'),
      false,
      `${browser}: at ${width} pixels the page scrolls sideways`,
    );
  }
  const heights = await tab.run(`[...document.querySelectorAll('.view .switch')].map((each) => each.offsetHeight)`);
  assert.equal(new Set(heights).size, 1, `${browser}: the switches above the instruments have one row each, but heights ${heights}`);

  await tab.press(' ');
  await state('finished');
  const inked = `(() => {
    const canvas = document.querySelector('[data-chart="train-loss"] canvas.lines');
    return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0);
  })()`;
  await until(inked, 'the curves are drawn');

  await tab.run(`document.querySelector('[data-part="pad"]').scrollIntoView({ block: 'center' })`);
  const { x, y, width } = await tab.run(`JSON.parse(JSON.stringify(document.querySelector('[data-part="pad"]').getBoundingClientRect()))`);
  await tab.drag([0.15, 0.4, 0.6, 0.85].map((down) => [x + width / 2, y + width * down]));
  await until(`document.querySelectorAll('[data-part="answers"] [data-best]').length === 3`, 'every network says what was drawn');

  await saved('[data-part="batches"]');
  await until('blobs.length === 1', 'the CSV of the batches is made');
  const lines = (await tab.run('blobs[0].text()')).trim().split('\n');
  assert.match(lines[0], /^run,|^seed,/, `${browser}: the first line of the CSV names its columns, and is ${lines[0]}`);
  assert.equal((lines.length - 1) % 3, 0, `${browser}: a CSV of three lanes has ${lines.length} lines`);
  assert(lines.length > 60);
  await saved('[data-picture="train-loss"] button:last-of-type');
  // The picture as SVG, which is drawn, and that as PNG.
  await until('blobs.length === 3 && blobs[2].size > 5000', 'a chart is made a picture');
  assert.equal(await tab.run('blobs[2].slice(1, 4).text()'), 'PNG');

  await click('share-open');
  await until(`document.querySelector('[data-part="share"]').open`, 'the dialog Share is open');
  await tab.press(tab.escape);
  await until(`!document.querySelector('[data-part="share"]').open`, 'Escape closes it');
  await tab.press('f');
  await until(`document.body.dataset.present === ''`, 'the page is presented');
  await tab.press('f');
  await until(`document.body.dataset.present === undefined`, 'the page is as it was');
  assert.deepEqual(await tab.run('problems'), []);

  const run = await tab.run('location.pathname');
  assert.match(run, /^\/runs\//);
  await tab.goto(`${address}${run}`);
  await state('finished');
  await until(inked, 'the curves are drawn again');
  await tab.goto(`${address}${run.replace('runs', 'embed')}`);
  await until(`document.querySelector('[data-part="status"]').textContent === 'Finished'`, 'the embedded run is told to be over');
  await until(inked, 'the embedded curves are drawn');

  await tab.goto(`${address}/how-it-works`);
  await until(`document.querySelectorAll('.numbers math').length > 16`, 'the updates have their numbers');
  const [over, under] = await tab.run(
    `[...document.querySelector('#rule-adam mfrac').children].map((each) => each.getBoundingClientRect().y)`,
  );
  assert(over < under, `${browser}: a fraction has its parts at ${over} and ${under} pixels`);
  const boxOf = (/** @type {string} */ what) => `JSON.parse(JSON.stringify(document.querySelector('${what}').getBoundingClientRect()))`;
  await tab.run(`document.querySelector('[data-part="valley"]').scrollIntoView({ block: 'center' })`);
  const ball = await tab.run(boxOf('[data-ball="adam"]'));
  const valley = await tab.run(boxOf('[data-part="valley"] [data-part="picture"]'));
  const from = /** @type {[number, number]} */ ([ball.x + ball.width / 2, ball.y + ball.height / 2]);
  await tab.drag([from, [from[0], from[1] - 20], [valley.x + valley.width / 2, valley.y + 30]]);
  const dragged = `Math.abs(Number(document.querySelector('[data-part="handle"]').getAttribute('aria-valuenow'))) < 0.2`;
  await until(dragged, 'the balls start where one was dragged to');
  await until(`document.querySelector('[data-part="step-number"]').textContent === 'after 80 steps'`, 'the balls have rolled');
  await visitExperiments({ tab, address, browser, until });
  assert.deepEqual(tab.complaints(), []);
} finally {
  await tab.close();
}
