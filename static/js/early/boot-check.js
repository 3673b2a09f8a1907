/** Says on the page why it can't start: a file of it is blocked, or the browser is too old. */

// Where the system names no language, WebKit's is "C", at which uPlot's number format would stop the page.
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true });
}

/** Names of files. @type {string[]} */
const missing = [];

/** @param {string} words */
function tell(words) {
  if (document.readyState === 'loading') {
    document.addEventListener('DOMContentLoaded', () => tell(words));
    return;
  }
  const line = document.getElementById('not-loaded') ?? document.createElement('p');
  line.id = 'not-loaded';
  line.className = 'not-loaded';
  line.setAttribute('role', 'alert');
  line.textContent = words;
  document.body.insertBefore(line, document.body.firstChild);
}

/** @param {string} address */
function lacks(address) {
  const name = address.split(/[?#]/)[0].split('/').pop();
  if (name && missing.indexOf(name) < 0) missing.push(name);
  tell(
    `A part of this page did not load${missing.length ? `: ${missing.join(', ')}` : ''}. ` +
      'Is a content blocker, a proxy or the network in its way? Reload the page to try again.',
  );
}

/** Asks once more for each module: which one of those that others import did not come, the browser does not say. */
function search() {
  for (const { href } of /** @type {NodeListOf<HTMLLinkElement>} */ (document.querySelectorAll('link[rel="modulepreload"]'))) {
    const gone = () => lacks(href);
    fetch(href).then(({ ok }) => ok || gone(), gone);
  }
}

addEventListener(
  'error',
  (event) => {
    const from = event.target;
    if (from instanceof HTMLLinkElement) {
      if (from.rel === 'stylesheet' || from.rel === 'modulepreload') lacks(from.href);
    } else if (from instanceof HTMLScriptElement && from.type === 'module') {
      const status = document.querySelector('[data-part="status"]');
      if (status) status.textContent = 'Not loaded';
      lacks('');
      search();
    } else if (event.message && document.readyState !== 'complete' && String(event.filename).indexOf(location.origin) === 0)
      tell(`This page has stopped with an error: ${event.message}`);
  },
  true,
);

// The newest that the page cannot do without; README.md names the versions.
if (!('popover' in document.documentElement) || !('with' in Array.prototype))
  tell('This browser is too old for this page, which needs Safari 17, Firefox 125, Chrome 114 or newer.');
