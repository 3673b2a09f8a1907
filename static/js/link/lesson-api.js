/** The server's lessons: a class votes, and whoever started the lesson shows and reveals. All raise ApiError. */

import { ask, json, send, start } from './api.js';
import { keyOf } from './owner-keys.js';
import { load, save } from './storage.js';

/** Of this browser, whose vote is one. */
const VOTER = 'voter';
/** app/web/admission/visitor.py takes no other. */
const AN_ID = /^[\w-]{8,64}$/;

/** @returns {Record<string, string>} */
function voter() {
  const id =
    load(VOTER, AN_ID) ?? Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  save(VOTER, id);
  return { 'X-Browser': id };
}

/** @param {string} id @returns {Record<string, string>} */
function owner(id) {
  const key = keyOf(id);
  return key ? { 'X-Owner-Key': key } : {};
}

/** @param {string} id */
const pathOf = (id) => `/api/lessons/${encodeURIComponent(id)}`;

/** Its key is kept: this browser's page of the lesson is the board. @param {string} experiment its name @returns {Promise<Lesson>} */
export function startLesson(experiment) {
  return start('/api/lessons', { experiment });
}

/** @param {string} id @returns {Promise<Lesson>} */
export async function fetchLesson(id) {
  return json(await ask(pathOf(id), { cache: 'no-store', headers: { ...voter(), ...owner(id) } }));
}

/** @param {string} id @param {string} choice @returns {Promise<Lesson>} */
export async function vote(id, choice) {
  return json(await send('PUT', `${pathOf(id)}/vote`, voter(), { choice }));
}

/** @param {string} id @param {boolean} shown @returns {Promise<Lesson>} */
export async function showVotes(id, shown) {
  return json(await send('PUT', `${pathOf(id)}/votes-shown`, owner(id), { shown }));
}

/** @param {string} id @param {LessonResult} result @returns {Promise<Lesson>} */
export async function reveal(id, result) {
  return json(await send('POST', `${pathOf(id)}/reveal`, owner(id), result));
}
