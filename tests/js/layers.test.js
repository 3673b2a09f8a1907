/** Which room of the page may import from which, and what only some of them may touch: the architecture, held against the sources. */

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

const ROOT = join(import.meta.dirname, '../../static/js');

/** A room, and the rooms it may import from besides itself. What is not written here is a fault. @type {Record<string, string[]>} */
const ALLOWED = {
  early: [],
  'model/stream': [],
  model: ['model/stream'],
  ui: [],
  link: ['model/stream', 'model'],
  'charts/axes': ['model'],
  charts: ['model/stream', 'model', 'ui', 'charts/axes'],
  form: ['model', 'ui'],
  panels: ['model/stream', 'model', 'ui', 'link', 'charts/axes', 'charts'],
  page: ['model/stream', 'model', 'ui', 'link', 'charts/axes', 'charts'],
  experiments: ['model', 'ui', 'link'],
  sweeps: ['model', 'ui', 'link', 'charts/axes', 'charts', 'form'],
  how: ['model', 'ui'],
  lessons: ['model', 'ui', 'link'],
  '': ['early', 'model', 'ui', 'link', 'charts', 'form', 'panels', 'page', 'experiments', 'sweeps', 'how', 'lessons'],
};
const MOST_FILES = 26;

/** Names of the browser, and the files or rooms that may use them. @type {[RegExp, string, (file: string) => boolean][]} */
const ONLY = [
  [/\b(document|window|location)\b/, 'a room other than model/', (file) => !roomOf(file).startsWith('model')],
  [/\b(fetch\(|new (WebSocket|EventSource|XMLHttpRequest)\b)/, 'early/ and link/', (file) => ['early', 'link'].includes(roomOf(file))],
  [/\b(localStorage|sessionStorage|indexedDB)\b/, 'early/ and link/', (file) => ['early', 'link'].includes(roomOf(file))],
];

const sources = new Map(
  globSync('**/*.js', { cwd: ROOT }).map((file) => [file.split(sep).join('/'), readFileSync(join(ROOT, file), 'utf8')]),
);

/** @param {string} file relative to static/js */
function roomOf(file) {
  return file.slice(0, Math.max(0, file.lastIndexOf('/')));
}

/** Code alone: comments may name what they like, and the types in them cost nothing at run time. @param {string} source */
function withoutComments(source) {
  return source.replace(/\/\*[^]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}

/** The files a source imports, at its top or when it is asked to, relative to static/js. @param {string} file @param {string} source */
function importsOf(file, source) {
  const named = withoutComments(source).matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)(['"`])(.+?)\1/g);
  return [...named].map(([, , path]) =>
    relative(ROOT, join(ROOT, dirname(file), path))
      .split(sep)
      .join('/'),
  );
}

/** @param {string} file @param {string} source */
function faultsOf(file, source) {
  const allowed = [roomOf(file), ...(ALLOWED[roomOf(file)] ?? [])];
  const imports = importsOf(file, source)
    .filter((path) => !path.startsWith('../vendor/') && !(sources.has(path) && allowed.includes(roomOf(path))))
    .map((path) => `${file} imports ${path}`);
  const code = withoutComments(source).replace(/'[^'\n]*'/g, "''");
  const names = ONLY.filter(([name, , may]) => name.test(code) && !may(file)).map(
    ([name, where]) => `${file} uses ${name}, which is for ${where}`,
  );
  return [...imports, ...names];
}

test('every way to import is seen', () => {
  const source = `import { a } from './a.js';\nexport * from "../model/b.js";\nconst c = await import('../ui/c.js');\nimport './d.js';
    /** @type {import('./type.js').T} */ // from './comment.js'`;
  assert.deepEqual(importsOf('page/x.js', source), ['page/a.js', 'model/b.js', 'ui/c.js', 'page/d.js']);
});

test('a forbidden import, fetch or look at the document is a fault', () => {
  assert.deepEqual(faultsOf('model/x.js', "import { part } from '../ui/dom.js';"), ['model/x.js imports ui/dom.js']);
  assert.deepEqual(faultsOf('charts/x.js', "await import('../panels/reach.js');"), ['charts/x.js imports panels/reach.js']);
  assert.deepEqual(faultsOf('link/x.js', "import './nothing.js';"), ['link/x.js imports link/nothing.js']);
  for (const [file, code] of [
    ['model/x.js', 'location.href;'],
    ['page/x.js', "fetch('/api/runs');"],
    ['panels/x.js', 'new WebSocket(url);'],
    ['form/x.js', 'localStorage.clear();'],
  ]) {
    assert.equal(faultsOf(file, code).length, 1, code);
  }
  assert.deepEqual(faultsOf('model/x.js', "// the document\nconst words = 'window';\nimport { count } from './format.js';"), []);
});

test('every file stands in a room, and no room is too large', () => {
  const rooms = [...sources.keys()].map(roomOf);
  assert.deepEqual([...new Set(rooms)].sort(), Object.keys(ALLOWED).sort());
  assert.deepEqual(
    [...sources.keys()].filter((file) => !file.includes('/')),
    ['early.js', 'embed.js', 'gallery.js', 'how.js', 'later.js', 'lesson.js', 'main.js', 'sweep-embed.js', 'sweeps.js'],
  );
  for (const room of Object.keys(ALLOWED))
    assert.ok(rooms.filter((each) => each === room).length <= MOST_FILES, `${room}/ has too many files`);
});

test('contributors are shown this table', () => {
  const rows = readFileSync(join(ROOT, '../../CONTRIBUTING.md'), 'utf8').matchAll(/^\| `static\/js\/([\w/]+)\/` \|.*\| (.*) \|$/gm);
  const shown = Object.fromEntries([...rows].map(([, room, rooms]) => [room, rooms === 'nothing' ? [] : rooms.split(', ')]));
  const { '': _, ...allowed } = ALLOWED;
  assert.deepEqual(shown, allowed);
});

test('the rooms have one direction', () => {
  const done = new Set();
  /** @param {string} room @param {string[]} path */
  const visit = (room, path) => {
    assert.ok(!path.includes(room), `a circle: ${[...path, room].join(' → ')}`);
    if (!done.has(room)) ALLOWED[room].forEach((next) => visit(next, [...path, room]));
    done.add(room);
  };
  Object.keys(ALLOWED).forEach((room) => visit(room, []));
});

for (const [file, source] of sources)
  test(`${file} imports and touches what its room may`, () => assert.deepEqual(faultsOf(file, source), []));
