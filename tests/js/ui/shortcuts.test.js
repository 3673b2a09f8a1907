import assert from 'node:assert/strict';
import test from 'node:test';

import { actionOf } from '../../../static/js/ui/shortcuts.js';

const play = () => {};
const step = () => {};
const actions = { ' ': play, s: step, arrowright: step };

/** @param {string} key @param {object} [more] @param {string} [inside] what the focus is in */
function pressed(key, more = {}, inside = 'body') {
  const target = { closest: (/** @type {string} */ selector) => (selector.split(', ').includes(inside) ? target : null) };
  return /** @type {any} */ ({ key, target, defaultPrevented: false, ...more });
}

test('a key does what it is for, in either case', () => {
  assert.equal(actionOf(pressed(' '), actions, false), play);
  assert.equal(actionOf(pressed('S'), actions, false), step);
  assert.equal(actionOf(pressed('ArrowRight'), actions, false), step);
  assert.equal(actionOf(pressed('q'), actions, false), null);
});

test('whatever has a use for a key keeps it', () => {
  assert.equal(actionOf(pressed('ArrowRight', { defaultPrevented: true }), actions, false), null);
  assert.equal(actionOf(pressed('s', {}, 'input'), actions, false), null);
  assert.equal(actionOf(pressed('ArrowRight', {}, 'select'), actions, false), null);
  assert.equal(actionOf(pressed(' ', {}, 'button'), actions, false), null);
  assert.equal(actionOf(pressed('s', {}, 'button'), actions, false), step);
  assert.equal(actionOf(pressed('s'), actions, true), null);
});

test('what is moved by arrows keeps those and space, and gives way to letters', () => {
  for (const type of ['radio', 'checkbox', 'range']) {
    const inside = `input[type="${type}"]`;
    assert.equal(actionOf(pressed('s', {}, inside), actions, false), step);
    assert.equal(actionOf(pressed(' ', {}, inside), actions, false), null);
    assert.equal(actionOf(pressed('ArrowRight', {}, inside), actions, false), null);
  }
});

test('a key that is held, or belongs to the browser, is none of ours', () => {
  for (const more of [{ repeat: true }, { ctrlKey: true }, { metaKey: true }, { altKey: true }]) {
    assert.equal(actionOf(pressed('s', more), actions, false), null);
  }
});
