/** Notices about the link to the run: that it is lost, when it is tried again, and what the server does not have or did not keep. */

import { count } from '../model/format.js';

export const REFRESHED = 'Live updates are blocked here, by a proxy or a content blocker: refreshing every second.';

/**
 * @param {Page['notices']} notices
 * @param {{ retry: () => void, again: () => void, mark: () => void }} actions
 */
export function createLinkNotices(notices, { retry, again, mark }) {
  let ticking = 0;

  /** @param {Link} link */
  function waiting({ retryAt, restarting, problem }) {
    if (navigator.onLine === false) return 'You are offline. The curves stay; the race is picked up when you are back.';
    const why = restarting ? 'The server is restarting' : 'Connection lost';
    if (retryAt === null) return `${why}, reconnecting…`;
    const left = Math.max(1, Math.ceil((retryAt - performance.now()) / 1000));
    if (problem) return `${problem} Trying again in ${left} s…`;
    return `${why}, reconnecting in ${left} s…`;
  }

  return {
    /** @param {Scene} scene */
    update({ state, link, run }) {
      clearTimeout(ticking);
      if (state === 'lost' && link) {
        notices.show('lost', waiting(link), { lasting: true, action: { label: 'Try now', run: retry } });
        ticking = window.setTimeout(mark, 250);
      } else notices.hide('lost');
      if (link?.polling && state !== 'lost') notices.show('polling', REFRESHED, { lasting: true });
      else notices.hide('polling');
      if (state === 'gone') {
        const text = run
          ? 'The server does not have this run any more; what you see is what arrived.'
          : 'There is no such run here: it made room for newer ones, or the address has a slip in it.';
        notices.show('gone', text, { lasting: true, action: { label: run ? 'Run again' : 'Start a race', run: again } });
      } else notices.hide('gone');
      if (state === 'interrupted') {
        const steps = Math.max(0, ...(run?.lanes.map((lane) => lane.steps) ?? []));
        const kept =
          steps > 0
            ? `in the middle of this race. What was saved of it is here, up to batch ${count(steps)} in the lane that got furthest.`
            : 'before this race began.';
        notices.show('interrupted', `The server stopped ${kept}`, { lasting: true, action: { label: 'Run it again', run: again } });
      } else notices.hide('interrupted');
      const why = run?.stopped_by === 'unwatched' ? 'nobody watched it' : 'others waited for its place';
      if (state === 'stopped' && run?.stopped_by && run.stopped_by !== 'owner')
        notices.show('stopped', `This race was stopped because ${why}.`, { lasting: true });
      else notices.hide('stopped');
      if (run?.saved === false && state !== 'gone')
        notices.show('unsaved', 'This race is not saved: it is here until the server restarts.', { lasting: true });
      else notices.hide('unsaved');
    },
  };
}
