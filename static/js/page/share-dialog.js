/** The dialog Share: links, an embed code and a QR code to copy, show or send. */

import { fetchCode } from '../link/api.js';
import { closeOnBackdrop, part, setAttribute } from '../ui/dom.js';
import { keptPassphrase } from '../link/owner-keys.js';
import { withRetries } from '../link/retry.js';
import { addressFor } from '../link/root.js';
import { createCopyField } from '../ui/copy-field.js';

/** What the dialog was last opened for. @type {{ run: string | null, settings: string, title: string, locked: boolean }} */
let shared;
/** The code that should be on show. @type {string[]} */
let wanted;

/**
 * @param {HTMLDialogElement} dialog
 * @param {{ run: string | null, settings: string, title: string, locked: boolean }} what the paths of the run on show and of the settings in the fields; whether starting takes a passphrase
 */
export function openShare(dialog, what) {
  if (dialog.dataset.ready === undefined) prepare(dialog);
  shared = what;
  const { run, settings, locked } = what;
  const words = keptPassphrase();
  const texts = {
    run: addressFor(run ?? ''),
    settings: addressFor(settings),
    class: `${addressFor(settings)}#token=${words}`,
    embed: snippet(what),
  };
  const offered = { run: run !== null, settings: true, class: locked && words !== '', embed: run !== null };
  for (const [name, text] of Object.entries(texts)) {
    const row = part(dialog, name);
    row.hidden = !offered[/** @type {keyof typeof offered} */ (name)];
    /** @type {HTMLInputElement} */ (row.querySelector('input')).value = text;
  }
  part(dialog, 'no-run').hidden = run !== null;
  const [ofRun, ofSettings, ofClass] = switchesOf(dialog);
  for (const choice of [ofRun, ofClass]) {
    /** @type {HTMLElement} */ (choice.closest('label')).hidden = !offered[/** @type {'run' | 'class'} */ (choice.value)];
  }
  part(dialog, 'which').hidden = !offered.run && !offered.class;
  (run === null ? ofSettings : ofRun).checked = true;
  part(dialog, 'send').hidden = !('share' in navigator);
  dialog.showModal();
  showCode(dialog);
}

/** @param {HTMLDialogElement} dialog */
function prepare(dialog) {
  dialog.dataset.ready = '';
  closeOnBackdrop(dialog);
  for (const row of dialog.querySelectorAll('.copy-field')) createCopyField(/** @type {HTMLElement} */ (row), part(dialog, 'said'));
  for (const choice of switchesOf(dialog)) choice.addEventListener('change', () => showCode(dialog));
  part(dialog, 'send').addEventListener('click', () => {
    const { run, settings, title } = shared;
    // To close the list of apps without choosing one is no error.
    navigator.share({ title, url: addressFor(run ?? settings) }).catch(() => {});
  });
}

/** @param {HTMLDialogElement} dialog @returns {HTMLInputElement[]} */
function switchesOf(dialog) {
  return [...dialog.querySelectorAll('input[name="qr"]')].map((each) => /** @type {HTMLInputElement} */ (each));
}

/** @param {HTMLDialogElement} dialog */
async function showCode(dialog) {
  const { run, settings } = shared;
  const of = switchesOf(dialog).find(({ checked }) => checked)?.value;
  const code = part(dialog, 'qr');
  const path = of === 'run' && run ? run : settings;
  /** @type {string[]} */
  const mine = (wanted = [of ?? '', path]);
  setAttribute(code, 'alt', `QR code of the link ${of === 'class' ? 'for the class' : of === 'run' ? 'to this run' : 'to these settings'}`);
  URL.revokeObjectURL(code.getAttribute('src') ?? '');
  setAttribute(code, 'src', null);
  const still = () => mine === wanted && dialog.open;
  const picture = await withRetries(() => fetchCode(path, of === 'class' ? keptPassphrase() : ''), { wanted: still }).catch(() => null);
  if (picture && still()) setAttribute(code, 'src', URL.createObjectURL(picture));
}

/** @param {{ run: string | null, title: string }} what */
function snippet({ run, title }) {
  const named = title.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<iframe src="${addressFor(run?.replace('/runs/', '/embed/').replace(/\?.*/, '') ?? '')}" width="100%" height="600" title="${named}" loading="lazy"></iframe>`;
}
