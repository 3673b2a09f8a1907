/** The gallery of the experiments: a page of links, whose theme can be changed. */

import { load, save } from './link/storage.js';
import { part } from './ui/dom.js';
import { createTheme } from './ui/theme.js';

createTheme(part(document, 'theme'), { load, save }, () => {});
