/**
 * Beside a race that was started elsewhere stands whose it is, in place of buttons. Only the browser knows, by the keys of the races
 * that were started in it; known before the first paint, it moves nothing. The page's modules go on from there.
 */

const run = location.pathname.match(/\/runs\/([^/]+)$/);
let keys = null;
try {
  keys = JSON.parse(localStorage.getItem('optimizer-playground.owner-keys') ?? '{}');
} catch {
  // Storage can be switched off, or hold something else.
}
if (run && !(keys && typeof keys === 'object' && run[1] in keys)) document.documentElement.dataset.watching = '';
