import assert from 'node:assert/strict';
import test from 'node:test';

import { layOut } from '../../static/js/charts/tapes.js';

const COLOURS = /** @type {const} */ (['orange', 'green', 'blue', 'pink', 'brown', 'grey']);
const widthOf = (/** @type {string} */ text) => text.length * 6.5;

/**
 * @param {{ width: number, height: number }} size of the plot
 * @param {number[][]} passed of each lane, where on the x axis it passed 90, 95 and 97 %, as shares of the width
 */
function placed({ width, height }, passed) {
  const area = { left: 46, top: 8, width, height };
  const tapes = [0.9, 0.95, 0.97];
  const passings = passed.flatMap((lane, i) =>
    lane.map((share, goal) => ({ accuracy: tapes[goal], step: 1000 + 100 * i + goal, at: area.left + share * width, colour: COLOURS[i] })),
  );
  const down = (/** @type {number} */ goal) => area.top + height * (1 - goal / 1.015);
  const labels = layOut(tapes, passings, area, { size: 11, ratio: 1, widthOf, down });
  for (const [i, { x, y, ...box }] of labels.entries()) {
    assert.ok(x >= area.left && x + box.width <= area.left + width, `${labels[i].text} is on the chart`);
    const over = labels.slice(0, i).filter((other) => {
      const apart = Math.abs(other.y - y) >= (other.height + box.height) / 2;
      return !apart && x < other.x + other.width && other.x < x + box.width;
    });
    assert.deepEqual(over, [], `${labels[i].text} has a place of its own`);
  }
  return labels.map(({ text }) => text);
}

test('all three tapes are named and tell the batch of every lane, where lanes pass them together, too', () => {
  for (const size of [
    { width: 559, height: 331 },
    { width: 468, height: 205 },
    { width: 217, height: 266 },
  ]) {
    for (const lanes of [1, 3, 6]) {
      const labels = placed(size, Array(lanes).fill([0.8, 0.97, 0.99]));
      assert.equal(labels.length, 3 + 3 * lanes);
      assert.deepEqual(labels.slice(0, 3), ['90\u202f%', '95\u202f%', '97\u202f%']);
    }
  }
});

test('a label without room goes a little down rather than far along its tape, where another batch would be', () => {
  const area = { left: 0, top: 0, width: 217, height: 266 };
  const passings = [
    { accuracy: 0.9, step: 1639, at: 200, colour: COLOURS[0] },
    { accuracy: 0.9, step: 234, at: 140, colour: COLOURS[1] },
    { accuracy: 0.95, step: 1741, at: 205, colour: COLOURS[1] },
  ];
  const down = (/** @type {number} */ goal) => 266 * (1 - goal / 1.015);
  const label = layOut([0.9, 0.95, 0.97], passings, area, { size: 11, ratio: 1, widthOf, down })[5];
  assert.ok(label.x > 140, `${label.text} is at ${label.x}`);
  assert.ok(label.y - down(0.95) < 50, `${label.text} is ${label.y - down(0.95)} below its tape`);
});

test('a label with room stands right at its place', () => {
  const area = { left: 0, top: 0, width: 500, height: 300 };
  const passings = [{ accuracy: 0.9, step: 400, at: 300, colour: COLOURS[0] }];
  const [, label] = layOut([0.9], passings, area, { size: 11, ratio: 1, widthOf, down: () => 30 });
  assert.deepEqual([label.x + label.width / 2, label.y], [300, 30]);
});
