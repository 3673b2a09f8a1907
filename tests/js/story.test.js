import assert from 'node:assert/strict';
import test from 'node:test';

import { news } from '../../static/js/news.js';
import { plainText, story } from '../../static/js/story.js';

const NAMES = ['SGD', 'Momentum', 'Adam'];
const OPTIMIZERS = /** @type {const} */ (['sgd', 'momentum', 'adam']);

/**
 * A run from test accuracies at common steps.
 * @param {number[]} steps
 * @param {number[][]} accuracies of each lane
 * @param {Partial<import('../../static/js/types').Run>} [changes]
 * @param {Record<number, Partial<import('../../static/js/types').Lane>>} [laneChanges]
 */
function seen(steps, accuracies, changes = {}, laneChanges = {}) {
  /** @type {import('../../static/js/types').Lane[]} */
  const lanes = accuracies.map((values, lane) => ({
    lane,
    optimizer: OPTIMIZERS[lane],
    learning_rate: 0.01,
    learning_rate_changes: [],
    status: 'running',
    reason: null,
    ended_at: null,
    steps: steps[steps.length - 1] ?? 0,
    seconds: 1,
    test_accuracy: values.at(-1) ?? null,
    test_loss: 0.2,
    train_accuracy: values.at(-1) ?? null,
    train_loss: 0.2,
    reached: [0.9, 0.95, 0.97, 0.98].flatMap((accuracy) => {
      const at = values.findIndex((value) => value >= accuracy);
      return at < 0 ? [] : [{ accuracy, step: steps[at], seconds: 1 }];
    }),
    ...laneChanges[lane],
  }));
  /** @type {import('../../static/js/types').Run} */
  const run = {
    id: 'x',
    status: 'running',
    position: null,
    created_at: '',
    config: { learning_rate: 0.01, batch_size: 64, epochs: 5, hidden: [128], seed: 42, lanes: [] },
    batches_per_epoch: 937,
    form: "split",
    total_steps: 4685,
    pace: null,
    lanes,
    hard_digits: [],
    ...changes,
  };
  const evaluations = accuracies.map((values) =>
    values.map((test_accuracy, i) => ({ step: steps[i], test_accuracy, test_loss: 0.2, train_accuracy: test_accuracy })),
  );
  return { run, evaluations };
}

/**
 * @param {ReturnType<typeof seen>} data
 * @param {import('../../static/js/types').PageState} [state]
 */
function told(data, state = 'racing') {
  return plainText(story({ state, names: NAMES, ...data })).replaceAll('\u202f', ' ');
}

test('the leader, by how much, and who passed a target when', () => {
  const text = told(seen([0, 60, 234, 468], [[0.1, 0.2, 0.5, 0.7], [0.1, 0.6, 0.91, 0.92], [0.1, 0.91, 0.93, 0.94]]));
  assert.equal(
    text,
    'Adam leads with 94.00 % of unseen digits right, 2.0 points ahead of Momentum. Adam passed 90 % after 60 batches; Momentum needed 234.',
  );
});

test('closing in, step for step', () => {
  const text = told(seen([0, 937, 1405, 1874], [[0.1, 0.8, 0.81, 0.82], [0.1, 0.94, 0.95, 0.956], [0.1, 0.955, 0.96, 0.961]]));
  assert.match(text, /Step for step, Momentum is closing in: 0.5 points behind at batch 1,874, 1.0 point at batch 1,405\./);
});

test('a lead that has just changed hands', () => {
  const text = told(seen([0, 937, 1405, 1874], [[0.1, 0.8, 0.81, 0.82], [0.1, 0.94, 0.955, 0.965], [0.1, 0.955, 0.96, 0.961]]));
  assert.match(text, /^Momentum leads with 96.50 %/);
  assert.match(text, /It took the lead from Adam by batch 1,874\./);
});

test('two lanes that are level', () => {
  assert.match(told(seen([0, 937], [[0.1, 0.8], [0.1, 0.95], [0.1, 0.9502]])), /^Adam and Momentum are level at 95.02 %/);
});

test('the result names the winner, the margins and the turn of the race', () => {
  const data = seen(
    [0, 60, 234, 1640, 3280, 4685],
    [[0.1, 0.2, 0.5, 0.9, 0.91, 0.92], [0.1, 0.6, 0.9, 0.94, 0.962, 0.968], [0.1, 0.9, 0.92, 0.95, 0.96, 0.965]],
    { status: 'finished' },
  );
  assert.equal(
    told(data, 'finished'),
    'Momentum wins with 96.80 % of unseen digits right, 0.3 points ahead of Adam and 4.8 points ahead of SGD. ' +
      'Adam led early; Momentum overtook it by batch 3,280. ' +
      'Adam passed 90 % after 60 batches; Momentum needed 234 and SGD 1,640.',
  );
});

test('a stopped race says where', () => {
  const text = told(seen([0, 937], [[0.1, 0.8], [0.1, 0.94], [0.1, 0.955]], { status: 'stopped' }), 'stopped');
  assert.match(text, /^Stopped after batch 937: Adam was ahead with 95.50 %/);
});

test('a lane that diverged and one that failed are told, each once, and do not lead', () => {
  const data = seen([0, 937], [[0.1, 0.8], [0.1, 0.94], [0.1, 0.99]], {}, {
    1: { status: 'failed', steps: 900, reason: 'The worker process was killed' },
    2: { status: 'diverged', steps: 11, ended_at: 12, reason: 'The loss is not finite.' },
  });
  const text = told(data);
  assert.match(text, /^SGD reads 80.00 % of the unseen digits right\./);
  assert.match(text, /Momentum failed at batch 900\. The worker process was killed\./);
  assert.match(text, /Adam diverged at batch 12: its loss is no longer a number\./);
});

test('one cause that brings every lane down is told once', () => {
  const failed = /** @type {const} */ ({ status: 'failed', steps: 40, reason: 'No memory left.' });
  const data = seen([0], [[0.1], [0.1], [0.1]], { status: 'failed' }, { 0: failed, 1: failed, 2: failed });
  assert.equal(told(data, 'failed'), 'Every lane failed by batch 40. No memory left.');
});

test('learning by heart shows as a rising test loss', () => {
  const steps = [0, 937, 1874, 2811, 3748, 4685];
  const data = seen(steps, [[0.1, 0.97, 0.98, 0.98, 0.98, 0.98]], {}, { 0: { train_accuracy: 0.999 } });
  data.evaluations[0][5].train_accuracy = 0.999;
  const losses = (/** @type {number[]} */ values) => values.forEach((loss, i) => (data.evaluations[0][i].test_loss = loss));
  losses([2.3, 0.08, 0.07, 0.09, 0.09, 0.1]);
  assert.match(told(data), /SGD's test loss is rising: 0.070 at batch 1,874, 0.100 now\./);
  losses([2.3, 0.08, 0.07, 0.07, 0.07, 0.1]);
  assert.doesNotMatch(told(data), /rising/);
});

test('a gap between training and unseen digits', () => {
  const data = seen([0, 937], [[0.1, 0.975]], {}, { 0: { train_accuracy: 0.995 } });
  assert.match(told(data), /SGD reads its training digits better than unseen ones: 99.5 % against 97.5 %\./);
});

test('accuracy at the level of chance is not a lead', () => {
  const accuracies = [[0.098, 0.1032], [0.098, 0.101], [0.098, 0.1]];
  assert.match(told(seen([0, 1], accuracies)), /^Still guessing\. 10.32 %/);
  assert.match(told(seen([0, 937], accuracies, { status: 'finished' }), 'finished'), /^Nobody learned to read\. 10.32 %/);
});

test('a queue says the place in it', () => {
  assert.match(told(seen([], [[], [], []], { status: 'queued', position: 3 }), 'queued'), /^This race is 3rd in line\. 2 others start before it\./);
  assert.match(told(seen([], [[], [], []], { status: 'queued', position: 1 }), 'queued'), /^This race is next\./);
});

test('before the first measurement there is an opening', () => {
  assert.match(told(seen([], [[], [], []])), /^On the line\./);
});

test('the news is what changed, and nothing else', () => {
  const before = seen([0, 60], [[0.1, 0.2], [0.1, 0.6], [0.1, 0.85]]).run;
  const after = seen([0, 60, 70], [[0.1, 0.2, 0.3], [0.1, 0.6, 0.7], [0.1, 0.85, 0.9]]).run;
  const said = news({ state: 'racing', run: before }, { state: 'racing', run: after }, NAMES).replaceAll('\u202f', ' ');
  assert.equal(said, 'Adam passed 90 % after 70 batches.');
  assert.equal(news({ state: 'racing', run: after }, { state: 'racing', run: after }, NAMES), '');
  assert.equal(news({ state: 'racing', run: after }, { state: 'lost', run: after }, NAMES), 'Connection lost, reconnecting.');
});
