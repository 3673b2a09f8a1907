/** Sets the theme before the first paint: a dark page must not flash white. */

let choice = null;
try {
  choice = localStorage.getItem('optimizer-playground.theme');
} catch {
  // Storage can be switched off.
}
const ofSystem = (choice !== 'light' && choice !== 'dark') || matchMedia('(forced-colors: active)').matches;
const dark = ofSystem ? matchMedia('(prefers-color-scheme: dark)').matches : choice === 'dark';
// An embedded page may get its theme from the page around it.
document.documentElement.dataset.theme ||= dark ? 'dark' : 'light';
