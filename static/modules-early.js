// Runs before the modules, which is why it is a classic script of its own, in words that old browsers know too. It gives the
// modules what they take for granted, and says so on the page where they can't run: a file of the page is blocked, or the
// browser is too old.
(function () {
  'use strict';

  // Where the system names no language, WebKit's is "C", at which uPlot's number format would stop the page.
  try {
    new Intl.NumberFormat(navigator.language);
  } catch (error) {
    Object.defineProperty(navigator, 'language', { value: 'en-US', configurable: true });
  }

  /** Names of files. */
  var missing = [];

  function tell(words) {
    if (document.readyState === 'loading') {
      document.addEventListener('DOMContentLoaded', function () {
        tell(words);
      });
      return;
    }
    var line = document.getElementById('not-loaded');
    if (!line) {
      line = document.createElement('p');
      line.id = 'not-loaded';
      line.className = 'no-script';
      line.setAttribute('role', 'alert');
      document.body.insertBefore(line, document.body.firstChild);
    }
    line.textContent = words;
  }

  function lacks(address) {
    var name = address.split(/[?#]/)[0].split('/').pop();
    if (name && missing.indexOf(name) < 0) missing.push(name);
    tell(
      'A part of this page did not load' +
        (missing.length ? ': ' + missing.join(', ') : '') +
        '. Is a content blocker, a proxy or the network in its way? Reload the page to try again.',
    );
  }

  /** Asks once more for each module: which one of those that others import did not come, the browser does not say. */
  function search() {
    var links = document.querySelectorAll('link[rel="modulepreload"]');
    for (var i = 0; i < links.length; i += 1) ask(links[i].href);
  }

  function ask(address) {
    function gone() {
      lacks(address);
    }
    fetch(address).then(function (answer) {
      if (!answer.ok) gone();
    }, gone);
  }

  window.addEventListener(
    'error',
    function (event) {
      var from = event.target;
      if (from.rel === 'stylesheet' || from.rel === 'modulepreload') lacks(from.href);
      else if (from.type === 'module') {
        var status = document.querySelector('[data-part="status"]');
        if (status) status.textContent = 'Not loaded';
        lacks('');
        search();
      } else if (event.message && document.readyState !== 'complete' && String(event.filename).indexOf(location.origin) === 0)
        tell('This page has stopped with an error: ' + event.message);
    },
    true,
  );

  // The newest that the page cannot do without; README.md names the versions.
  if (!('popover' in document.documentElement) || !Array.prototype.with)
    tell('This browser is too old for this page, which needs Safari 17, Firefox 125, Chrome 114 or newer.');
})();
