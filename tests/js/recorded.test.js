import assert from 'node:assert/strict';
import test from 'node:test';

import { identify } from '../../static/js/model/lanes.js';
import { limits } from './limits.js';
import { ranking, reachTable } from '../../static/js/model/result.js';
import { createAverage, weightFor } from '../../static/js/model/smoothing.js';
import { RECORDED } from './recorded.js';

for (const { name, run, batches, smoothing, expected } of RECORDED) {
  const names = identify(run.config, limits).map((lane) => lane.name);

  test(`${name}: the same names, ranks and targets as in Python`, () => {
    assert.deepEqual(names, expected.names);
    assert.deepEqual(ranking(run), expected.ranking);
    for (const unit of /** @type {const} */ (['step', 'seconds'])) {
      assert.deepEqual(
        reachTable(run.lanes, unit).map((row) => row.map(({ text, best }) => [text, best])),
        expected.reach[unit],
      );
    }
  });
  if (expected.batches_csv) {
    test(`${name}: the same running averages as in Python`, () => {
      const [heads, ...lines] = expected.batches_csv.map((/** @type {string} */ line) => line.trim().split(','));
      for (const measured of ['loss', 'accuracy']) {
        const averages = batches.flatMap((/** @type {Record<string, number[]>} */ columns) => {
          const average = createAverage(weightFor(smoothing, run.total_steps));
          return columns[measured].map((value) => Math.fround(average(Math.fround(value ?? NaN))));
        });
        const column = heads.indexOf(`smoothed_${measured}`);
        assert.deepEqual(
          averages,
          lines.map((/** @type {string[]} */ cells) => Math.fround(Number(cells[column]))),
        );
      }
    });
  }
}
