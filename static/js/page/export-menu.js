/**
 * The menu Export: the numbers of the run on show as CSV files, made here from what has arrived, and from the server as JSON and
 * Parquet; the charts as pictures; the command that races again.
 */

import { browserId } from '../link/browser-id.js';
import { ofRun } from '../link/api.js';
import { element, part, setText } from '../ui/dom.js';
import { batchesCsv, evaluationsCsv, seriesCsv, withDecimalCommas } from '../model/export.js';
import { goalOf } from '../model/lanes.js';
import { openBelow } from '../ui/menu.js';
import { notLoaded } from '../ui/notices.js';
import { withRetries } from '../link/retry.js';
import { ROOT } from '../link/root.js';
import { X_AXES } from '../charts/scales.js';
import { createCopyField } from '../ui/copy-field.js';

/** Making the text of a long race takes seconds; this much at a time keeps the page alive. */
const TURN_MS = 8;
/** What takes longer says how far it is. */
const PATIENCE_MS = 400;
const TYPES = { csv: 'text/csv', svg: 'image/svg+xml' };

/**
 * @param {HTMLElement} menu
 * @param {HTMLElement} opener
 * @param {object} options
 * @param {() => import('../types').Scene | null} options.scene what is on show
 * @param {(name: string) => import('../charts/chart.js').Shown | null} options.drawn one of its charts
 * @param {() => boolean} options.zoomed whether the charts show a part of the axis
 * @param {string} options.digits what they are called
 * @param {ReturnType<typeof import('../ui/notices.js').createNotices>} options.notices
 */
export function createExport(menu, opener, { scene, drawn, zoomed, digits, notices }) {
  const pictures = [...menu.querySelectorAll('[data-picture]')].map((row) => ({
    row: /** @type {HTMLElement} */ (row),
    figure: /** @type {HTMLElement} */ (document.querySelector(`figure[data-panel="${row.getAttribute('data-picture')}"]`)),
  }));
  const command = part(menu, 'command');
  const note = part(menu, 'command-note');
  const commas = /** @type {HTMLInputElement} */ (part(menu, 'decimal-commas'));
  /** The runs whose commands should be on show. @type {string[]} */
  let wanted = [];

  opener.addEventListener('click', () => {
    const shown = scene();
    for (const { row, figure } of pictures) row.hidden = figure.offsetWidth === 0;
    part(menu, 'pictures').hidden = pictures.every(({ row }) => row.hidden);
    for (const link of menu.querySelectorAll('a'))
      link.href = `${ROOT}/api/runs/${shown?.run?.id}/export.${link.dataset.file}smoothing=${shown?.view.smoothing}${browserId() && `&browser=${browserId()}`}`;
    openBelow(menu, opener);
    if (!shown?.run) return;
    const stores = storesOf(shown);
    const { seed } = shown.run.config;
    setText(part(menu, 'seeds'), stores.length > 1 ? `CSV has all ${stores.length} seeds; Parquet and JSON have seed ${seed} alone.` : '');
    tell(stores.flatMap(({ run }) => run?.id ?? []));
  });
  for (const [name, csv] of Object.entries({ batches: batchesCsv, evaluations: evaluationsCsv })) {
    part(menu, name).addEventListener('click', async () => {
      menu.hidePopover();
      const now = scene();
      if (!now?.run) return;
      const stores = storesOf(now);
      const rows = stores
        .flatMap(({ lanes }) => lanes)
        .reduce((sum, { frames, evaluations }) => sum + (csv === batchesCsv ? frames : evaluations).count, 0);
      const lines = seriesCsv(
        csv,
        stores,
        now.lanes.map(({ name }) => name),
        now.view.smoothing,
      );
      const parts = await gathered(commas.checked ? withDecimalCommas(lines) : lines, (lines) => {
        notices.show('csv', `Making the CSV: ${Math.floor((100 * lines) / (rows + 1))}\u202f%`);
      });
      notices.hide('csv');
      save(`${now.run.id}-${stores.length > 1 ? `${stores.length}-seeds-` : ''}${name}.csv`, parts);
    });
  }
  for (const { row, figure } of pictures) {
    for (const button of row.querySelectorAll('button'))
      button.addEventListener('click', () => saveFigure(figure, button.textContent ?? ''));
  }
  createCopyField(command, part(menu, 'export-said'));

  /** The commands of these runs as one line: whatever shell it is, a semicolon is between them. @param {string[]} ids */
  async function tell(ids) {
    const mine = (wanted = ids);
    const still = () => mine === wanted && menu.matches(':popover-open');
    const failed = (/** @type {Error} */ { message }) => still() && setText(note, message);
    const asked = ids.map((id) => withRetries(() => ofRun(id, 'command'), { failed, wanted: still }));
    const told = await Promise.all(asked).catch((problem) => [{ command: '', note: problem.message }]);
    if (!still()) return;
    const line = told.map(({ command }) => command).join('; ');
    command.hidden = line === '';
    /** @type {HTMLInputElement} */ (part(command, 'text')).value = line;
    const notes = new Set(told.flatMap(({ note }) => note ?? []));
    setText(note, [told.length > 1 ? `${told.length} races, one for each seed.` : '', ...notes].join(' ').trim());
  }

  /** @param {HTMLElement} figure @param {string} format */
  async function saveFigure(figure, format) {
    menu.hidePopover();
    const name = figure.dataset.panel ?? '';
    const now = scene();
    if (!now) return;
    const { run, lanes, view, ghosts, series } = now;
    if (!run) return;
    const shown = drawn(name);
    const axes = ['|gradient|', '|Δw|'];
    const notes = [];
    if (shown) {
      axes[0] = X_AXES[view.x].label;
      axes[1] = `${shown.measure}${shown.scale === 'log' ? ', log scale' : ''}`;
      if (shown.raw && !shown.bare) notes.push(`smoothing ${view.smoothing}`);
      if (zoomed() && !figure.hasAttribute('data-hovered')) notes.push('values at the end of the race');
      if (ghosts.length > 0) notes.push('thin: earlier runs');
    }
    const drawing = await import('../charts/chart-image.js').catch(() => null);
    if (!drawing) {
      notices.show('export', notLoaded('chart-image.js'), { kind: 'problem' });
      return;
    }
    const { pngOf, svgOf } = drawing;
    try {
      const svg = svgOf(figure, {
        shown,
        axes,
        lanes,
        notes,
        settings: `${digits} · ${settingsOf(series?.first ?? run.config, series?.members.length ?? 0)}`,
      });
      save(`${run.id}-${name}.${format.toLowerCase()}`, [format === 'PNG' ? await pngOf(svg) : svg.text]);
    } catch {
      notices.show('export', 'The picture could not be made.', { kind: 'problem' });
    }
  }
}

/** @param {import('../types').Config} config @param {number} more seeds after its own */
function settingsOf({ learning_rate, lanes, batch_size, epochs, hidden, activation, initialisation, target_accuracy, seed }, more) {
  const rates = new Set(lanes.map((lane) => lane.learning_rate ?? learning_rate));
  return [
    `learning rate ${[...rates].join(' / ')}`,
    `batch ${batch_size}`,
    goalOf({ epochs, target_accuracy }),
    `${hidden.join('-')} hidden units`,
    ...(activation === 'relu' ? [] : [activation]),
    ...(initialisation === 'he' ? [] : [`first weights ${initialisation}`]),
    more > 0 ? `seeds ${seed}–${seed + more}` : `seed ${seed}`,
  ].join(' · ');
}

/** The runs on show, all seeds of a series. @param {import('../types').Scene} scene */
function storesOf({ series, whole }) {
  return [...(series?.members ?? []), whole];
}

/** @param {Iterable<string>} lines @param {(lines: number) => void} progress */
async function gathered(lines, progress) {
  const parts = [];
  const begun = performance.now();
  let since = begun;
  for (const line of lines) {
    parts.push(line);
    if (performance.now() - since > TURN_MS) {
      if (since - begun > PATIENCE_MS) progress(parts.length);
      await new Promise((resolve) => setTimeout(resolve));
      since = performance.now();
    }
  }
  return parts;
}

/** @param {string} name @param {BlobPart[]} parts */
function save(name, parts) {
  const type = /** @type {Record<string, string>} */ (TYPES)[name.slice(-3)];
  const url = URL.createObjectURL(new Blob(parts, { type }));
  element('a', { href: url, download: name }).click();
  // The browser has taken what it needs by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
