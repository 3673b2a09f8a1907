/** The server's lessons: a class votes, and the teacher's browser shows and reveals. All raise ApiError. */

import { ask, json, send, start } from './api.js';
import { voter } from './browser-id.js';
import { ownerHeader } from './owner-keys.js';

/** @param {string} id */
const pathOf = (id) => `/api/lessons/${encodeURIComponent(id)}`;

/** Its key is kept: this browser's page of the lesson is the board. @param {string} experiment its name @returns {Promise<Lesson>} */
export function startLesson(experiment) {
  return start('/api/lessons', { experiment });
}

/** @param {string} id @returns {Promise<Lesson>} */
export async function fetchLesson(id) {
  return json(await ask(pathOf(id), { cache: 'no-store', headers: { ...voter(), ...ownerHeader(id) } }));
}

/** @param {string} id @param {string} choice @returns {Promise<Lesson>} */
export async function vote(id, choice) {
  return json(await send('PUT', `${pathOf(id)}/vote`, voter(), { choice }));
}

/** @param {string} id @param {boolean} shown @returns {Promise<Lesson>} */
export async function showVotes(id, shown) {
  return json(await send('PUT', `${pathOf(id)}/votes-shown`, ownerHeader(id), { shown }));
}

/** @param {string} id @param {LessonResult} result @returns {Promise<Lesson>} */
export async function reveal(id, result) {
  return json(await send('POST', `${pathOf(id)}/reveal`, ownerHeader(id), result));
}
