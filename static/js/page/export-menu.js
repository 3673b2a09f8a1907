/**
 * The menu Export: the numbers of the run on show as the server writes them, as CSV, JSON and Parquet; the charts as pictures; the
 * command that races again.
 */

import { browserId } from '../link/browser-id.js';
import { ApiError, fetchFile, ofRun, unreachable } from '../link/api.js';
import { element, part, setText } from '../ui/dom.js';
import { summaryOf } from '../model/choices.js';
import { openBelow } from '../ui/menu.js';
import { withRetries } from '../link/retry.js';
import { ROOT } from '../link/root.js';
import { pngOf, svgOf } from '../charts/chart-image.js';
import { createCopyField } from '../ui/copy-field.js';

/** What takes longer says how far it is. */
const TELL_AFTER_MS = 400;
const NEW_LINE = 10;

/**
 * @param {HTMLElement} menu
 * @param {HTMLElement} opener
 * @param {object} options
 * @param {() => Scene | null} options.scene what is on show
 * @param {(name: string) => import('../charts/chart.js').Shown | null} options.drawn one of its charts
 * @param {() => boolean} options.zoomed whether the charts show a part of the axis
 * @param {Bootstrap} options.bootstrap
 * @param {Page['notices']} options.notices
 */
export function createExport(menu, opener, { scene, drawn, zoomed, bootstrap, notices }) {
  const pictures = [...menu.querySelectorAll('[data-picture]')].map((row) => ({
    row: /** @type {HTMLElement} */ (row),
    figure: /** @type {HTMLElement} */ (document.querySelector(`figure[data-part="${row.getAttribute('data-picture')}"]`)),
  }));
  const command = part(menu, 'command');
  const note = part(menu, 'command-note');
  const commas = /** @type {HTMLInputElement} */ (part(menu, 'decimal-commas'));
  /** The runs whose commands should be on show. @type {string[]} */
  let wanted = [];

  function open() {
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
  }

  for (const table of ['batches', 'evaluations']) {
    part(menu, table).addEventListener('click', () => {
      menu.hidePopover();
      const now = scene();
      if (now?.run) saveTable(now, now.run, table);
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

  /** @param {Scene} shown @param {Run} run @param {string} table */
  async function saveTable(shown, { id }, table) {
    const stores = storesOf(shown);
    const rows = stores
      .flatMap(({ lanes }) => lanes)
      .reduce((sum, { frames, evaluations }) => sum + (table === 'batches' ? frames : evaluations).count, 1);
    const earlier = stores.slice(0, -1).flatMap(({ run }) => run?.id ?? []);
    const query = new URLSearchParams({ table, smoothing: String(shown.view.smoothing), decimal: commas.checked ? 'comma' : 'point' });
    if (earlier.length > 0) query.set('series', earlier.join());
    const begun = performance.now();
    let lines = 0;
    const arrived = (/** @type {Uint8Array} */ piece) => {
      for (let at = -1; (at = piece.indexOf(NEW_LINE, at + 1)) >= 0;) lines += 1;
      // A race that goes on may have come further than what is on show.
      const share = Math.min(99, Math.floor((100 * lines) / rows));
      if (performance.now() - begun > TELL_AFTER_MS) notices.show('csv', `Making the CSV: ${share}\u202f%`);
    };
    try {
      if (!navigator.onLine) throw unreachable();
      const csv = await withRetries(() => fetchFile(id, `export.csv?${query}`, arrived), {
        passes: ({ retryAfterS }) => retryAfterS > 0,
        failed: ({ message }) => notices.show('csv', message),
      });
      notices.hide('csv');
      save(`${id}-${earlier.length > 0 ? `${stores.length}-seeds-` : ''}${table}.csv`, csv);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      notices.show('csv', `The CSV was not saved. ${error.message}`, { kind: 'problem' });
    }
  }

  /** @param {Config} config @param {number} more seeds after its own */
  function settingsOf(config, more) {
    const summary = summaryOf(config, bootstrap, { length: 'said', wanted: ({ name }) => more === 0 || name !== 'seed' });
    return more > 0 ? `${summary} · seeds ${config.seed}–${config.seed + more}` : summary;
  }

  /** @param {HTMLElement} figure @param {string} format */
  async function saveFigure(figure, format) {
    menu.hidePopover();
    const name = figure.dataset.part ?? '';
    const now = scene();
    if (!now) return;
    const { run, lanes, view, ghosts, series } = now;
    if (!run) return;
    const shown = drawn(name);
    const axes = shown?.axes ?? ['|gradient|', '|Δw|'];
    const notes = [];
    if (shown) {
      if (shown.raw && !shown.bare) notes.push(`smoothing ${view.smoothing}`);
      if (zoomed() && !figure.hasAttribute('data-hovered')) notes.push('values at the end of the race');
      if (shown.gap) notes.push(lanes[shown.lines[0].lane.lane].name);
      else if (ghosts.length > 0) notes.push(`dotted: ${ghosts.map(({ label }) => label).join('; ')}`);
    }
    try {
      const svg = svgOf(figure, {
        shown,
        axes,
        lanes: shown?.lines.map(({ lane }) => lane) ?? lanes,
        notes,
        settings: `${bootstrap.dataset.name} · ${settingsOf(series?.first ?? run.config, series?.members.length ?? 0)}`,
      });
      const picture = format === 'PNG' ? await pngOf(svg) : new Blob([svg.text], { type: 'image/svg+xml' });
      save(`${run.id}-${name}.${format.toLowerCase()}`, picture);
    } catch {
      notices.show('export', 'Couldn’t create the image.', { kind: 'problem' });
    }
  }

  return { open };
}

/** The runs on show, all seeds of a series. @param {Scene} scene */
function storesOf({ series, whole }) {
  return [...(series?.members ?? []), whole];
}

/** @param {string} name @param {Blob} content */
function save(name, content) {
  const url = URL.createObjectURL(content);
  element('a', { href: url, download: name }).click();
  // The browser has taken what it needs by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
