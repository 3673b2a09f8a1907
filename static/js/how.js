/** The page How it works: its words, formulas and lines of code come with it; this brings its three figures to life. */

import { createAverages } from './how/averages.js';
import { createMicroscope } from './how/microscope.js';
import { createValley } from './how/valley.js';
import { load, save } from './link/storage.js';
import { bootstrapped, part } from './ui/dom.js';
import { createTheme } from './ui/theme.js';

/** `update`: of the run in the address. @type {{ trace: Trace, update?: Trace, labels: Record<string, string> }} */
const { trace, update = trace, labels } = bootstrapped();

createTheme(part(document, 'theme'), { load, save }, () => {});
const wanted = [...(new URLSearchParams(location.search).get('rules') ?? '').split(','), location.hash.replace('#rule-', '')];
for (const rule of document.querySelectorAll('details')) rule.open ||= wanted.includes(rule.id.replace('rule-', ''));

createMicroscope(part(document, 'microscope'), update, labels);
createValley(part(document, 'valley'), labels);
createAverages(part(document, 'averages'), trace);
