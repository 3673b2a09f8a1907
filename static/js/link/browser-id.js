/**
 * Which browser of a class this is: a random id that says nothing else, made where the server asks for one, because all
 * of a class have one address. Also the key of the class's teacher, if the link had it.
 */

import { load, save, WORDS } from './storage.js';

const ID = 'browser';
/** Of this browser's vote in lessons, which every server asks for. */
const VOTER = 'voter';
const TEACHER = 'teacher-key';
/** Of an id; app/web/admission/visitor.py takes no other. */
const AN_ID = /^[\w-]{8,64}$/;

/** @param {boolean} classroom whether the server is one for a class */
export function identifyBrowser(classroom) {
  if (!classroom) save(ID, '');
  else if (!browserId()) save(ID, newId());
}

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Empty where the server does not need it. */
export function browserId() {
  return load(ID, AN_ID) ?? '';
}

/** What a vote is sent with: a browser has one. @returns {Record<string, string>} */
export function voter() {
  const id = load(VOTER, AN_ID) ?? newId();
  save(VOTER, id);
  return { 'X-Browser': id };
}

/** @param {string} key */
export function keepTeacherKey(key) {
  save(TEACHER, key);
}

/** @returns {Record<string, string>} */
export function identity() {
  const id = browserId();
  const key = load(TEACHER, WORDS);
  return {
    ...(id ? { 'X-Browser': id } : {}),
    ...(id && key ? { 'X-Teacher-Key': encodeURIComponent(key.replace(/\p{Surrogate}/gu, '')) } : {}),
  };
}
