/** The buttons that command a race: what they say and whether they can be pressed. */

import { ROOT } from '../link/root.js';
import { part, setAttribute, setText } from '../ui/dom.js';
import { createChangeDetector } from '../model/changes.js';
import { allowedCommands } from '../model/page-state.js';

/** @typedef {'play' | 'stop' | 'step' | 'again'} Command */

/**
 * @param {HTMLElement} host
 * @param {Record<Command, () => void>} commands
 */
export function createTransport(host, commands) {
  const main = part(host, 'play');
  const changed = createChangeDetector();
  for (const [name, command] of Object.entries(commands)) part(host, name).addEventListener('click', command);

  return {
    shortcuts: { ' ': commands.play, s: commands.stop, arrowright: commands.step, r: commands.again },
    /** @param {Scene} scene */
    update({ state, run, mine, joined, recorded, waitInShort }) {
      if (!changed(state, run?.status, run?.sweep, mine, joined, recorded, waitInShort)) return;
      delete document.documentElement.dataset.watching;
      const allowed = allowedCommands(state, run, mine);
      const plays = allowed.start || allowed.resume;
      setAttribute(main, 'data-action', plays ? 'play' : 'pause');
      const label = !mine ? 'Run these settings yourself' : plays ? 'Play' : 'Pause';
      setAttribute(main, 'aria-label', label);
      setAttribute(main, 'title', `${label} (space)`);
      part(host, 'yours').hidden = mine && !recorded;
      const others = joined ? 'the class’s race' : recorded ? 'a recorded race' : 'someone else’s race';
      const whose = run?.sweep ? 'a training of a sweep' : others;
      setText(part(host, 'yours-whose'), `You’re watching ${whose}.`);
      const own = recorded ? 'Press play to run your own.' : 'Press play to run your own with these settings.';
      setText(part(host, 'yours-next'), joined ? 'Change a setting to run your own.' : (!recorded && waitInShort) || own);
      const sweep = part(host, 'yours-sweep');
      sweep.hidden = !run?.sweep;
      setAttribute(sweep, 'href', run?.sweep ? `${ROOT}/sweeps/${encodeURIComponent(run.sweep)}` : null);
      const can = { play: plays || allowed.pause, stop: allowed.stop, step: allowed.step, again: allowed.again };
      // Not `disabled`: that would throw the keyboard's focus away in the middle of a race.
      const [shown, other] = allowed.again && !allowed.stop ? ['again', 'stop'] : ['stop', 'again'];
      const focused = document.activeElement === part(host, other);
      for (const [name, possible] of Object.entries(can)) {
        setAttribute(part(host, name), 'aria-disabled', possible ? null : 'true');
        part(host, name).hidden = ((!mine || recorded) && name !== 'play') || name === other;
      }
      // They share a place, and the keyboard stays there.
      if (focused) part(host, shown).focus();
    },
  };
}
