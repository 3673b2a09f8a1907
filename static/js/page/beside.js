/** The runs beside the one on show: earlier ones laid under it, and other seeds of the same race. */

import { createSeriesFeed } from '../link/series-feed.js';
import { createSeries } from '../model/series.js';
import { createGhosts } from './ghosts.js';

/**
 * @param {Bootstrap} limits
 * @param {object} page
 * @param {Page['scenes']} page.scenes
 * @param {Page['controls']['switches']} page.switches
 * @param {Page['notices']} page.notices
 * @param {() => void} page.changed there are more rows of them, or other ones
 */
export function createBeside(limits, { scenes, switches, notices, changed }) {
  const ghosts = createGhosts({
    limits,
    setupOf: (run) => scenes.setupOf(run.config, run),
    chosen: (ids) => switches.choose({ ghosts: ids }),
    changed,
    lost: () => notices.show('ghost', 'An earlier run is not on the server any more, and has left the list.'),
  });
  const seriesFeed = createSeriesFeed({
    changed,
    lost() {
      switches.choose({ series: [] });
      notices.show(
        'series',
        'The other seeds of this race are not on the server any more: this is one seed alone. Press play to run them again.',
      );
    },
  });
  return { ghosts, series: createSeries(), seriesFeed };
}
