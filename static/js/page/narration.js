/** Tells a screen reader what happens in the race on show. */

import { announcement } from '../model/announcements.js';
import { count } from '../model/format.js';

/**
 * @param {(text: string) => void} say
 * @param {() => string} story what there is to say of a race that has finished
 */
export function createNarration(say, story) {
  /** @type {Pick<Scene, 'state' | 'run'> & { store: Store | null, rows: number }} */
  let before = { state: 'idle', run: null, store: null, rows: -1 };

  return {
    /** @param {Scene} scene */
    update({ state, run, store, lanes, recorded }) {
      const rows = store.rowsVersion;
      if (state === 'paused' && rows !== before.rows && store === before.store)
        say(`Batch ${count(Math.max(...store.lanes.map(({ frames }) => frames.count)))}.`);
      const names = lanes.map(({ name }) => name);
      const words = recorded || (state === before.state && run === before.run) ? '' : announcement(before, { state, run }, names);
      if (words) say(state === 'finished' ? story() : words);
      before = { state, run, store, rows };
    },
  };
}
