import assert from 'node:assert/strict';
import test from 'node:test';

import { identify } from '../../static/js/model/lanes.js';
import { limits } from './limits.js';
import { ranking, reachTable } from '../../static/js/model/result.js';
import { RECORDED } from './recorded.js';

for (const { name, run, expected } of RECORDED) {
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
}
