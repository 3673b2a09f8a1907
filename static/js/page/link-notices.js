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

  /** Shows a notice for as long as it has a text. @param {string} key @param {string | false | undefined} text @param {{ label: string, run: () => void }} [action] */
  function tell(key, text, action) {
    if (text) notices.show(key, text, { lasting: true, action });
    else notices.hide(key);
  }

  return {
    /** @param {Scene} scene */
    update({ state, link, run }) {
      clearTimeout(ticking);
      const lost = state === 'lost' ? link : null;
      if (lost) ticking = window.setTimeout(mark, 250);
      tell('lost', lost ? waiting(lost) : '', { label: 'Try now', run: retry });
      tell('polling', state !== 'lost' && link?.polling && REFRESHED);
      const gone = run
        ? 'The server does not have this run any more; what you see is what arrived.'
        : 'There is no such run here: it may have expired, or there’s a typo in the address.';
      tell('gone', state === 'gone' && gone, { label: run ? 'Run again' : 'Start a race', run: again });
      const steps = Math.max(0, ...(run?.lanes.map((lane) => lane.steps) ?? []));
      const kept = steps > 0 ? `in the middle of this race. Saved up to batch ${count(steps)}.` : 'before this race began.';
      const lane = run?.lanes.find((lane) => lane.status === 'interrupted' && lane.reason);
      const cut = lane ? `${lane.reason} Saved up to batch ${count(steps)}.` : `The server stopped ${kept}`;
      tell('interrupted', state === 'interrupted' && cut, { label: 'Run it again', run: again });
      const why = { unwatched: 'no one watched it', others: 'others waited for its place', owner: '' }[run?.stopped_by ?? 'owner'];
      tell('stopped', state === 'stopped' && why && `This race was stopped because ${why}.`);
      const unsaved = run?.saved === false && state !== 'gone';
      tell('unsaved', unsaved && 'This race is not saved: it is here until the server restarts.');
    },
  };
}
