/** Starting something where the host may have set a passphrase. */

import { ApiError } from './api.js';
import { passphraseFailed } from './owner-keys.js';

/**
 * The answer of `start`; while the server refuses the passphrase, the next known one is tried, or the visitor is asked for it.
 * False if the visitor has none. Raises any other ApiError.
 * @template T
 * @param {() => Promise<T>} start
 * @param {(why: string) => Promise<boolean>} askPassphrase whether there is something to try
 * @returns {Promise<T | false>}
 */
export async function withPassphrase(start, askPassphrase) {
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'passphrase') throw error;
      if (!passphraseFailed() && !(await askPassphrase(error.message))) return false;
    }
  }
}
