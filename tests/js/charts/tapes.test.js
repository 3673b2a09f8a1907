import assert from 'node:assert/strict';
import test from 'node:test';

import { leftEdges, rowsOf } from '../../../static/js/charts/tapes.js';

const COLOURS = /** @type {const} */ (['orange', 'green', 'blue', 'pink', 'brown', 'grey']);
const GOALS = [0.9, 0.95, 0.97];
const SIZES = [559, 468, 217];
const widthOf = (/** @type {string} */ text) => text.length * 6.5;

/**
 * @param {number} width of the plot
 * @param {number[][]} passed of each lane, where on the x axis it passed 90, 95 and 97 %, as shares of the width
 * @param {number} [size] of the type
 */
function placed(width, passed, size = 11) {
  const curve = { buckets: { at: (/** @type {number} */ x) => x * width } };
  const lines = passed.map((lane, i) => ({
    lane: { colour: COLOURS[i] },
    curve,
    passings: lane.map((x, goal) => ({ accuracy: GOALS[goal], step: Math.round(x * 4685), x })),
  }));
  return rowsOf(lines, width, widthOf, size).map(({ labels, from, ...row }) => {
    const shown = labels.map((label) => ({ ...label, at: label.x * width }));
    const edges = leftEdges(shown, from, width);
    return { ...row, from, labels: shown.map((label, i) => ({ ...label, left: edges[i], right: edges[i] + label.width })) };
  });
}

test('a label stands in the row of its target, and a row is named after it', () => {
  const rows = placed(559, [
    [0.35, 0.9],
    [0.2, 0.5, 0.8],
    [0.15, 0.3],
  ]);
  assert.deepEqual(
    rows.map(({ goal, names, labels }) => [goal, names.map(({ text }) => text), labels.map(({ colour, text }) => `${colour} ${text}`)]),
    [
      [0.97, ['97\u202f% reached at batch', '97\u202f%'], ['green 3,748']],
      [0.95, ['95\u202f%'], ['blue 1,406', 'green 2,343', 'orange 4,217']],
      [0.9, ['90\u202f%'], ['blue 703', 'green 937', 'orange 1,640']],
    ],
  );
});

test('a target that no lane has reached says so, and the next one appears with the first lane that reaches it', () => {
  const names = (/** @type {number[][]} */ passed) => placed(559, passed).map(({ names }) => names[0].text);
  assert.deepEqual(names([[], []]), ['90\u202f% not reached']);
  assert.deepEqual(names([[0.5], []]), ['95\u202f% not reached', '90\u202f% reached at batch']);
});

test('labels stand above their batches, in their order and clear of each other, however many lanes pass together', () => {
  for (const width of SIZES) {
    for (const lanes of [1, 3, 6]) {
      const rows = placed(width, Array(lanes).fill([0.8, 0.97, 0.99]));
      assert.equal(rows.flatMap(({ labels }) => labels).length, 3 * lanes, 'every lane has a label at every target');
      for (const { labels, from } of rows) {
        labels.forEach(({ left, right, text }, i) => {
          assert.ok(left >= from - 1e-9 && right <= width + 1e-9, `${text} is on a chart of ${width} and clear of the name`);
          assert.ok(i === 0 || left >= labels[i - 1].right, `${text} is clear of the one before`);
          assert.ok(i === 0 || labels[i - 1].x <= labels[i].x, 'they are in the order of their batches');
        });
      }
    }
  }
});

test('a label with room stands in the middle of its batch, and others no further from theirs than they must', () => {
  const [first, second] = placed(559, [[0.5], [0.53]])[1].labels;
  assert.equal((first.left + first.right) / 2, first.at);
  assert.equal(second.left, first.right + 2);
  const alone = placed(559, [[0.5]])[1].labels[0];
  assert.equal((alone.left + alone.right) / 2, alone.at);
});

test('names of rows keep as clear of the name of the axis in larger type', () => {
  const indent = (/** @type {number} */ size) => placed(559, [[0.5]], size)[0].from - widthOf('95\u202f% not reached') - 4;
  assert.ok(Math.abs(indent(18) / 18 - indent(11) / 11) < 1e-9, `${indent(11)} and ${indent(18)}`);
});
