import assert from 'node:assert/strict';
import test from 'node:test';

import { createChartLines } from '../../../static/js/charts/chart-lines.js';
import { identify, planOf } from '../../../static/js/model/lanes.js';
import { FRAME_COLUMNS } from '../../../static/js/model/stream/protocol.js';
import { createStore } from '../../../static/js/model/stream/store.js';
import { limits } from '../limits.js';

/** Points that have been traced. */
let traced = 0;
/** @type {any} */ (globalThis).Path2D = class {
  lineTo() {
    traced += 1;
  }
  addPath() {}
};

const AS_IT_IS = { a: 1, b: 0, c: 0, d: 1, e: 0, f: 0 };

test('an axis that grows at its end leaves what is traced as it is, however much that is', () => {
  const store = createStore();
  const { config } = limits;
  const scene = /** @type {Scene} */ (
    /** @type {unknown} */ ({
      store,
      whole: store,
      plan: planOf(config, 60_000),
      lanes: identify({ ...config, lanes: config.lanes.slice(0, 1) }, limits),
      view: { x: 'step', loss_scale: 'log' },
      ghosts: [],
      series: null,
    })
  );
  const chart = createChartLines({ name: 'train-loss', table: 'frames', metric: 'loss', measure: 'loss' });
  /** The points traced for both lines. @param {number} rows so many more @param {number} end of the axis */
  function grown(rows, end) {
    const columns = Object.fromEntries(FRAME_COLUMNS.map((name) => [name, new Float32Array(rows).fill(1)]));
    assert.ok(store.append({ kind: 'frame', lane: 0, first: store.lanes[0]?.frames.count ?? 0, rows, columns }));
    const look = /** @type {any} */ ({
      range: { min: 0, max: end },
      columns: 1000,
      smoothing: 0.9,
      finished: 0,
      elsewhere: true,
      laidOut: false,
    });
    chart.make(scene, look);
    chart.extend(scene, Infinity);
    traced = 0;
    for (const { strokes } of chart.lines) {
      strokes.line(AS_IT_IS);
      strokes.raw(AS_IT_IS);
    }
    return traced;
  }

  assert.ok(grown(500, 1000) >= 1000);
  assert.ok(grown(1, 1200) <= 10);
  // Another scale of the y axis has other places for all of them.
  scene.view.loss_scale = 'linear';
  assert.ok(grown(1, 1400) >= 1000);
});
