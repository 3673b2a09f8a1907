/** Firefox without a window, in a profile that is new and gone afterwards. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import puppeteer from 'puppeteer-core';

/** @param {string} executable @returns {Promise<import('./tab').Tab>} */
export async function openFirefox(executable) {
  // Firefox refuses a home that belongs to somebody else than who runs it.
  const home = await mkdtemp(join(tmpdir(), 'playground-firefox-'));
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: executable,
    headless: true,
    env: { ...process.env, HOME: home },
  });
  const page = await browser.newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error instanceof Error ? error.message : error}`));

  return {
    async goto(address) {
      await page.goto(address);
    },
    widths: [320, 390, 440, 768, 1280],
    resize: (width) => page.setViewport({ width, height: 800 }),
    escape: 'Escape',
    run: (script) => page.evaluate(script),
    press: (key) => page.keyboard.press(/** @type {import('puppeteer-core').KeyInput} */ (key)),
    async drag([first, ...others]) {
      await page.mouse.move(...first);
      await page.mouse.down();
      for (const point of others) await page.mouse.move(...point);
      await page.mouse.up();
    },
    complaints: () => complaints,
    async close() {
      await browser.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
