/**
 * WebKit in its MiniBrowser on a screen of its own, spoken to as https://www.w3.org/TR/webdriver1/ says. Its driver tells nothing
 * of the console and takes no downloads.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const READY_MS = 120_000;

/** @typedef {{ driver: string, browser: string, screen: string, windows: string }} Programs */

/** @param {Programs} programs @returns {Promise<import('./tab').Tab>} */
export async function openWebKit({ driver, browser, screen, windows }) {
  const home = await mkdtemp(join(tmpdir(), 'playground-webkit-'));
  /** @type {import('node:child_process').ChildProcess[]} */
  const running = [];
  async function close() {
    for (const child of running.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    }
    await rm(home, { recursive: true, force: true });
  }

  try {
    const display = spawn(screen, ['-displayfd', '3', '-screen', '0', '1440x900x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    running.push(display);
    const [number] = await once(/** @type {import('node:stream').Readable} */ (display.stdio[3]), 'data');
    // The plainest language there is, whose name is no language tag.
    const env = { ...process.env, DISPLAY: `:${String(number).trim()}`, LC_ALL: 'C.UTF-8', HOME: home, XDG_RUNTIME_DIR: home };
    // Without a window manager no window has the keys.
    running.push(spawn(windows, { env, stdio: 'ignore' }));
    const port = await freePort();
    running.push(spawn(driver, [`--port=${port}`], { env, stdio: 'ignore' }));
    const root = `http://127.0.0.1:${port}`;
    await answers(`${root}/status`);
    const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] } } };
    const { sessionId } = await ask(`${root}/session`, 'POST', { capabilities });
    const session = `${root}/session/${sessionId}`;
    await ask(`${session}/timeouts`, 'POST', { script: READY_MS });
    return {
      async goto(address) {
        await ask(`${session}/url`, 'POST', { url: address });
      },
      // Its window takes nothing narrower.
      widths: [450, 768, 1280],
      async resize(width) {
        await ask(`${session}/window/rect`, 'POST', { width, height: 850 });
      },
      escape: '\ue00c',
      run: (script) => ask(`${session}/execute/sync`, 'POST', { script: `return (${script});`, args: [] }),
      async press(key) {
        const actions = ['keyDown', 'keyUp'].map((type) => ({ type, value: key }));
        await ask(`${session}/actions`, 'POST', { actions: [{ type: 'key', id: 'keyboard', actions }] });
      },
      async drag([first, ...others]) {
        const move = (/** @type {[number, number]} */ [x, y]) => ({ type: 'pointerMove', duration: 0, x: Math.round(x), y: Math.round(y) });
        const actions = [move(first), { type: 'pointerDown', button: 0 }, ...others.map(move), { type: 'pointerUp', button: 0 }];
        await ask(`${session}/actions`, 'POST', { actions: [{ type: 'pointer', id: 'mouse', actions }] });
      },
      complaints: () => [],
      async close() {
        await ask(session, 'DELETE').catch(() => {});
        await close();
      },
    };
  } catch (problem) {
    await close();
    throw problem;
  }
}

/** @param {string} address @param {string} method @param {object} [body] */
async function ask(address, method, body) {
  const answer = await fetch(address, { method, body: body && JSON.stringify(body) });
  const { value } = /** @type {any} */ (await answer.json());
  if (!answer.ok) throw new Error(`WebKitWebDriver answered ${method} ${address} with ${value.error}: ${value.message}`);
  return value;
}

/** @param {string} address */
async function answers(address) {
  for (
    const deadline = performance.now() + READY_MS;
    performance.now() < deadline;
    await new Promise((resolve) => setTimeout(resolve, 20))
  ) {
    if (await fetch(address).catch(() => null)) return;
  }
  throw new Error(`Nothing answers at ${address}.`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}
