import assert from 'node:assert/strict';
import test from 'node:test';

import { batchesCsv, evaluationsCsv, seriesCsv, withDecimalCommas } from '../../static/js/model/export.js';
import { identify } from '../../static/js/model/lanes.js';
import { limits } from './limits.js';
import { ranking, reachTable } from '../../static/js/model/result.js';
import { RECORDED, recorded } from './recorded.js';

for (const { name, run, rows, smoothing, expected } of RECORDED) {
  const names = identify(run.config, limits.optimizers).map((lane) => lane.name);

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

  if (expected.evaluations_csv) {
    test(`${name}: the same evaluations to export as in Python`, () => {
      assert.deepEqual([...evaluationsCsv(run, names, rows)], expected.evaluations_csv);
    });
  }

  if (expected.batches_csv) {
    test(`${name}: the same batches to export as in Python`, () => {
      assert.deepEqual([...batchesCsv(run, names, rows, smoothing)], expected.batches_csv);
    });
  }
}

test('decimal commas are for spreadsheets that have semicolons between numbers', () => {
  const lines = ['seed,lane,name,loss\n', '42,0,SGD,0.5\n', '42,1,Adam 2,1e-7\n'];
  assert.deepEqual([...withDecimalCommas(lines)], ['seed;lane;name;loss\n', '42;0;SGD;0,5\n', '42;1;Adam 2;1e-7\n']);
});

test('the seeds of a series stand one after the other in one table', () => {
  const { run, rows, smoothing } = recorded('short');
  const next = { ...run, config: { ...run.config, seed: 43 } };
  const stores = /** @type {any[]} */ ([run, next].map((run) => ({ run, lanes: rows })));

  const names = run.config.lanes.map(({ optimizer }) => optimizer);
  const [head, ...lines] = seriesCsv(batchesCsv, stores, names, smoothing);

  assert.deepEqual([head, ...lines.slice(0, lines.length / 2)], [...batchesCsv(run, names, rows, smoothing)]);
  assert.deepEqual([head, ...lines.slice(lines.length / 2)], [...batchesCsv(next, names, rows, smoothing)]);
  assert.equal(lines.at(-1)?.split(',')[0], '43');
});
