/**
 * Runs before the page is there, and before the first paint: what the modules take for granted, the theme, whose race it is, a
 * first press of play, and words on the page where the modules can't run. It becomes a classic script, in syntax that old browsers know.
 */

import './early/boot-check.js';
import './early/first-press.js';
import './early/theme.js';
import './early/whose-race.js';
