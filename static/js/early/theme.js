/** Sets the theme before the first paint: a dark page must not flash white. */

let choice = null;
try {
  choice = localStorage.getItem('optimizer-playground.theme');
} catch {
  // Storage can be switched off.
}
const dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
// What is embedded may be told by the page around it.
document.documentElement.dataset.theme ||= dark ? 'dark' : 'light';
