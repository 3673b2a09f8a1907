import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import test from 'node:test';

/** Who supports what since when, by MDN: https://github.com/mdn/browser-compat-data. @type {any} */
const known = createRequire(import.meta.url)('@mdn/browser-compat-data');
const root = new URL('../../', import.meta.url);
const [, safari, firefox, chrome] =
  readFileSync(new URL('README.md', root), 'utf8').match(/Safari (\d+), Firefox (\d+), Chrome and Edge (\d+)/) ?? [];
const LOWEST = { safari, safari_ios: safari, firefox, firefox_android: firefox, chrome, chrome_android: chrome, edge: chrome };

/** What is newer, and does no harm where it is missing. */
const ASIDE = {
  getCoalescedEvents: 'asked for with ?., the plain event is drawn instead',
  share: 'the button is not offered',
  requestFullscreen: 'asked for with ?., presenting goes without',
  fullscreenElement: 'the same',
  exitFullscreen: 'the same',
  destroy: 'of uPlot',
  zoom: 'what is presented is in smaller type',
  mask: 'written with -webkit- as well',
  'user-select': 'the same',
  'paint-order': 'letters in a picture have no edge',
  'text-size-adjust': 'the same, and a matter of phones on their side',
  'accent-color': 'a tick has the colour of the browser',
  'text-wrap': 'lines break elsewhere',
  'forced-color-adjust': 'of forced colours, which Safari does not have',
  'print-color-adjust': 'written with -webkit- as well',
  page: 'paper has the size and the margins of the printer',
  size: 'the same',
};

/** @param {string} version */
const newer = (version, /** @type {string} */ than) => {
  const [a, b] = [version, than].map((each) => each.replace('≤', '').split('.').map(Number));
  return a[0] > b[0] || (a[0] === b[0] && (a[1] ?? 0) > (b[1] ?? 0));
};

/** Which of the lowest versions do not know it. @param {any} feature @returns {string[]} */
function without(feature) {
  const support = feature?.__compat?.support;
  if (!support) return [];
  return Object.entries(LOWEST).flatMap(([browser, version]) => {
    const found = [support[browser] ?? []]
      .flat()
      .some(
        ({ version_added: added, version_removed: removed, flags, prefix, alternative_name: alias }) =>
          typeof added === 'string' && added !== 'preview' && !newer(added, version) && !removed && !flags && !prefix && !alias,
      );
    return found ? [] : [browser];
  });
}

/** Of a name that several things have: what all of them lack. @param {any[]} features */
function withoutAny(features) {
  if (features.length === 0) return [];
  return features.map(without).reduce((all, each) => all.filter((browser) => each.includes(browser)));
}

/** @param {string} pattern @param {RegExp} comments */
function sources(pattern, comments) {
  return globSync(pattern, { cwd: root }).map((name) => ({
    name,
    text: readFileSync(new URL(name, root), 'utf8').replaceAll(comments, ''),
  }));
}

/** @param {{ name: string, text: string }[]} files @param {RegExp} pattern @param {(word: string) => any[]} featuresOf */
function lacking(files, pattern, featuresOf) {
  const words = new Map(files.flatMap(({ name, text }) => [...text.matchAll(pattern)].map(([, word]) => [word, name])));
  return [...words].flatMap(([word, name]) =>
    word in ASIDE ? [] : withoutAny(featuresOf(word)).map((browser) => `${word} in ${name}: not in ${browser}`),
  );
}

const interfaces = [...Object.values(known.api), ...Object.values(known.javascript.builtins)];
const scripts = sources('static/{*.js,js/**/*.js}', /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*/g);
const styles = sources('static/css/**/*.css', /\/\*[\s\S]*?\*\//g);

test('the lowest versions are named in README.md', () => assert(safari && firefox && chrome));

test('scripts use no object that the lowest versions do not have', () => {
  assert.deepEqual(
    lacking(scripts, /(?<![.\w'"-])([A-Z]\w+)(?=[.(])/g, (word) => [known.api[word] ?? known.javascript.builtins[word]].filter(Boolean)),
    [],
  );
});

test('scripts call no method that the lowest versions do not have', () => {
  const members = new Map();
  for (const one of interfaces) {
    for (const [name, feature] of Object.entries(one))
      members.set(name.replace('_static', ''), [...(members.get(name.replace('_static', '')) ?? []), feature]);
  }
  // Names of the page's own stand somewhere without a dot before them.
  const own = new Set(scripts.flatMap(({ text }) => text.match(/(?<![.\w])[a-z]\w+/g) ?? []));
  assert.deepEqual(
    lacking(scripts, /\.([a-z]\w+)(?=\??\.?\()/g, (word) => (own.has(word) ? [] : (members.get(word) ?? []))),
    [],
  );
});

test('styles have no property that the lowest versions do not know', () => {
  assert.deepEqual(
    lacking(styles, /[{;]\s*([a-z][a-z-]*)(?=\s*:)/g, (word) => [known.css.properties[word]].filter(Boolean)),
    [],
  );
});

test('styles have no selector, rule or function that the lowest versions do not know', () => {
  assert.deepEqual(
    lacking(styles, /::?([a-z][a-z-]*)/g, (word) => [known.css.selectors[word]].filter(Boolean)),
    [],
  );
  assert.deepEqual(
    lacking(styles, /@([a-z][a-z-]*)/g, (word) => [known.css['at-rules'][word]].filter(Boolean)),
    [],
  );
  const { color, 'basic-shape': shape, gradient, ...types } = known.css.types;
  assert.deepEqual(
    lacking(styles, /([a-z][a-z-]*)\(/g, (word) => [color[word], shape?.[word], gradient?.[word], types[word]].filter(Boolean)),
    [],
  );
});

test('what is too new would be found', () => {
  for (const [feature, browsers] of [
    [known.api.PointerEvent.getCoalescedEvents, ['safari', 'safari_ios']],
    [known.javascript.builtins.Promise.try, Object.keys(LOWEST)],
    [known.css.properties.zoom, ['firefox', 'firefox_android']],
  ])
    assert.deepEqual(
      without(feature).filter((browser) => browsers.includes(browser)),
      browsers,
    );
});
