import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { limits } from './limits.js';

const TEMPLATES = join(import.meta.dirname, '../../templates');

test('the panels that an address can close are those on the page', () => {
  // The embedded page has no menu of panels.
  const pages = globSync('*.html', { cwd: TEMPLATES, exclude: ['embed.html'] });
  const html = pages.map((file) => readFileSync(join(TEMPLATES, file), 'utf8')).join('');
  const found = [...html.matchAll(/data-panel="([\w-]+)"|\{\{ chart\('([\w-]+)'/g)].map(([, panel, chart]) => panel ?? chart);
  assert.deepEqual(found.sort(), Object.keys(limits.view.hide.options).sort());
});
