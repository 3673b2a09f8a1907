/**
 * Runs before the page is there, and before the first paint: what the modules take for granted, the theme, and words on the page
 * where the modules can't run. It becomes a classic script, written down to what old browsers know; what it calls, it has to ask for.
 */

import './early/boot-check.js';
import './early/theme.js';
