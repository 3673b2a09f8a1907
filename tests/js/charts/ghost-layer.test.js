import assert from 'node:assert/strict';
import test from 'node:test';

import { createGhostLayer } from '../../../static/js/charts/ghost-layer.js';
import { createCurve } from '../../../static/js/charts/curve.js';
import { LOOKS } from '../../../static/js/model/lanes.js';
import { createTable } from '../../../static/js/model/stream/table.js';

/** A canvas that counts how often lines are drawn on it, and keeps what is written. */
function counting() {
  const drawn = { lines: 0, words: /** @type {string[]} */ ([]), dashes: /** @type {number[][]} */ ([]) };
  const context = new Proxy(
    {
      stroke: () => (drawn.lines += 1),
      fillText: (/** @type {string} */ text) => drawn.words.push(text),
      setLineDash: (/** @type {number[]} */ lengths) => drawn.dashes.push(lengths),
      measureText: () => ({ width: 40 }),
    },
    { get: (known, name) => Reflect.get(known, name) ?? (() => {}), set: () => true },
  );
  const canvas = /** @type {any} */ ({ width: 400, height: 200, getContext: () => context });
  return { drawn, layer: createGhostLayer(canvas) };
}

test('earlier runs are drawn dotted, labelled once, and anew only when they or the axes are other ones', () => {
  const table = createTable(['loss']);
  table.append({ loss: Float32Array.of(2, 1.5, 1, 0.8) }, 4);
  const curve = createCurve(table, 'loss', 0);
  curve.look((row) => row, { min: 0, max: 4 }, 100);
  curve.extend();
  const lines = LOOKS.slice(0, 2).map((look) => /** @type {any} */ ({ lane: look, curve, strokes: { line: () => '' }, label: 'lr 0.01' }));
  const picture = /** @type {any} */ ({
    lines,
    palette: { axis: '11px' },
    area: { left: 40, top: 10, width: 300, height: 150 },
    ratio: 1,
    low: 0,
    high: 2.5,
    place: Number,
  });
  const { drawn, layer } = counting();

  layer.draw(picture, []);
  assert.deepEqual([drawn.lines, drawn.words], [2, ['lr 0.01']]);
  assert.ok(drawn.dashes[0].length > 0);
  for (let frame = 0; frame < 5; frame++) layer.draw({ ...picture, area: { ...picture.area } }, []);
  assert.equal(drawn.lines, 2);

  layer.draw({ ...picture, high: 3 }, []);
  assert.equal(drawn.lines, 4);
  table.append({ loss: Float32Array.of(0.7) }, 1);
  curve.extend();
  layer.draw({ ...picture, high: 3 }, []);
  assert.equal(drawn.lines, 6);
  layer.draw({ ...picture, lines: [], high: 3 }, []);
  assert.equal(drawn.lines, 6);
});
