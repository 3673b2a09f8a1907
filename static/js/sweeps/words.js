/** A sweep's title, the settings that its trainings share, its status and its progress, in words. Pure. */

import { summaryOf } from '../model/choices.js';
import { about, count, ordinal } from '../model/format.js';
import { STATUS_WORDS } from '../model/page-state.js';

/** @type {Record<RunStatus, string>} */
export const WORDS = { ...STATUS_WORDS, running: 'Training' };
/** Shorter waits are not shown. */
const WORTH_S = 10;

/** "3 optimizers × 13 learning rates × 3 seeds" @param {Sweep} sweep @param {Limits} limits */
export function titleOf({ axes }, { settings, lane_settings }) {
  // Seeds come last: they are there for the spread.
  const order = Object.entries(axes).sort(([a], [b]) => Number(a === 'seed') - Number(b === 'seed'));
  const names = order.map(([name, values]) => {
    const label = name === 'optimizer' ? name : (settings[name] ?? lane_settings[name]).label.toLowerCase();
    const one = label.replace(/s$/, '');
    return `${values.length} ${values.length === 1 ? one : `${one}s`}`;
  });
  return names.join(' × ');
}

/** @param {Sweep} sweep @param {SweepsBootstrap} bootstrap */
export function settingsOf({ axes, config }, bootstrap) {
  const known = { ...bootstrap.config, ...config, lanes: [{ optimizer: '' }] };
  return summaryOf(known, bootstrap, { length: 'said', wanted: ({ name }) => !(name in axes) && name in config });
}

/** @param {Sweep} sweep */
export function progressOf({ status, position, wait_s, phase, total, done, remaining_s, stopped_by, cells, fresh }) {
  if (status === 'queued')
    return `${position ? `${ordinal(position)} in the queue` : ''}${wait_s && wait_s > WORTH_S ? `, starts in ${about(wait_s)}` : ''}`;
  const trainings = `${count(done)} of ${count(total)} trainings`;
  const left = remaining_s !== null && remaining_s > WORTH_S ? `, ${about(remaining_s)} left` : '';
  if (status === 'running') return phase === 'grid' ? trainings + left : `the best again from fresh seeds, ${done} of ${total}${left}`;
  if (status === 'finished') return `${count(cells.length + fresh.length)} trainings`;
  const why = { unwatched: ', because no one watched it', others: ', because others waited', owner: '' }[stopped_by ?? 'owner'];
  return trainings + (status === 'stopped' ? why : '');
}
