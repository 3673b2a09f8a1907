import assert from 'node:assert/strict';
import test from 'node:test';

import { addressOf, asksForSettings, readConfig, readView, runIdOf, sameConfig } from '../../../static/js/model/address.js';
import { configChoices, defaultView, understand, viewChoices } from '../../../static/js/model/choices.js';
import { limits } from '../limits.js';

const base = limits.config;
const DEFAULT_VIEW = defaultView(limits);

/** @param {Partial<Config>} changes */
function round(changes, runId = null, view = DEFAULT_VIEW) {
  const config = { ...base, ...changes };
  const address = addressOf({ runId, base, config, view }, limits);
  const query = address.split('?')[1] ?? '';
  assert.deepEqual(readConfig(query, base, limits), { config, problems: [] });
  assert.deepEqual(readView(query, limits), { view, problems: [] });
  return address;
}

test('defaults leave the address bare', () => {
  assert.equal(round({}), '/');
});

test('what differs is in the address, and comes back from it', () => {
  assert.equal(round({ learning_rate: 0.1, hidden: [128, 64] }), '/?learning_rate=0.1&hidden=128,64');
  assert.equal(round({ learning_rate: 1e-6 }), '/?learning_rate=0.000001');
  assert.equal(
    round({}, null, { ...DEFAULT_VIEW, x: 'seconds', loss_scale: 'linear', smoothing: 0 }),
    '/?x=seconds&loss_scale=linear&smoothing=0',
  );
});

test('a link opens as the teacher prepared it', () => {
  const view = { ...DEFAULT_VIEW, pace: 10, hide: ['reach', 'digits'], present: true };
  assert.equal(round({}, null, view), '/?pace=10&hide=reach,digits&present=1');
  assert.deepEqual(readView('pace=full&present=0', limits).view, DEFAULT_VIEW);
  assert.deepEqual(readView('pace=0.5', limits).view.pace, 0.5);
  const { view: left, problems } = readView('pace=fast&hide=reach,everything&present=yes&x=step', limits);
  assert.deepEqual(left, { ...DEFAULT_VIEW, x: 'step' });
  assert.equal(problems.length, 3);
  assert.equal(problems[0], 'Pace: expected full, or a number from 0.5 to 1000, got “fast”.');
  assert.match(problems[1], /^Closed panels: expected some of .*reach.* got “reach,everything”.$/);
});

test('a lane can have its own learning rate', () => {
  const lanes = [{ ...base.lanes[0], learning_rate: 0.5 }, base.lanes[1], base.lanes[2]];
  assert.equal(round({ lanes }), '/?sgd.learning_rate=0.5');
});

test('lanes of one’s own are in the address, with all that was chosen for them', () => {
  const [sgd, momentum, adam] = base.lanes;
  assert.equal(round({ lanes: [adam] }), '/?lanes=adam');
  assert.equal(
    round({ lanes: [sgd, momentum, adam, { ...adam, learning_rate: 0.001, beta1: 0.5 }] }),
    '/?lanes=sgd,momentum,adam,adam&adam2.learning_rate=0.001&adam2.beta1=0.5',
  );
  assert.equal(
    round({ lanes: [{ ...sgd, schedule: 'warmup_cosine', weight_decay: 0.01 }, momentum, adam] }),
    '/?sgd.schedule=warmup_cosine&sgd.weight_decay=0.01',
  );
});

test('a new lane comes as usual, and says what it does otherwise', () => {
  const { config } = readConfig('lanes=adadelta,adamw', base, limits);
  assert.deepEqual(
    config.lanes.map(({ learning_rate, weight_decay }) => [learning_rate, weight_decay]),
    [
      [1, 0],
      [null, 0.01],
    ],
  );
  assert.equal(
    round({
      lanes: [
        { ...config.lanes[0], learning_rate: null },
        { ...config.lanes[1], weight_decay: 0 },
      ],
    }),
    '/?lanes=adadelta,adamw&adadelta.learning_rate=shared&adamw.weight_decay=0',
  );
});

test('activation, initialisation and target are in the address', () => {
  assert.equal(
    round({ activation: 'tanh', initialisation: 'zero', target_accuracy: 0.95 }),
    '/?activation=tanh&initialisation=zero&target_accuracy=0.95',
  );
  const raced = { ...base, target_accuracy: 0.95 };
  const address = addressOf({ runId: 'x', base: raced, config: base, view: DEFAULT_VIEW }, limits);
  assert.equal(address, '/runs/x?target_accuracy=none');
  assert.deepEqual(readConfig(address.split('?')[1], raced, limits).config, base);
});

test('a run keeps its address, the query only says what the next one changes', () => {
  const config = { ...base, epochs: 9 };
  assert.equal(addressOf({ runId: 'a/b', base, config, view: DEFAULT_VIEW }, limits), '/runs/a%2Fb?epochs=9');
  assert.equal(runIdOf('/runs/a%2Fb'), 'a/b');
  assert.equal(runIdOf('/'), null);
  for (const id of ['%', '%E0%A4%A']) assert.equal(runIdOf(`/runs/${id}`), id);
});

test('a lane of a run can go back to the shared learning rate', () => {
  const raced = { ...base, lanes: [{ ...base.lanes[0], learning_rate: 0.5 }, base.lanes[1], base.lanes[2]] };
  const address = addressOf({ runId: 'x', base: raced, config: base, view: DEFAULT_VIEW }, limits);
  assert.equal(address, '/runs/x?sgd.learning_rate=shared');
  assert.deepEqual(readConfig(address.split('?')[1], raced, limits).config, base);
});

test('what is wrong in a link is left out, with a problem that says so', () => {
  const { config, problems } = readConfig('batch_size=0&epochs=3&seed=abc', base, limits);
  assert.deepEqual(config, { ...base, epochs: 3 });
  assert.deepEqual(problems, [
    'Batch size: expected a whole number from 1 to 60,000, got “0”.',
    'Seed: expected a whole number from 0 to 4,294,967,295, got “abc”.',
  ]);
  assert.deepEqual(readConfig('lanes=sgd,sdg', base, limits).config, base);
  assert.match(readConfig('lanes=sgd,sdg', base, limits).problems[0], /^Lanes: expected 1 to 6 of SGD, Momentum, .*, got “sgd,sdg”/);
  assert.deepEqual(
    readConfig('lanes=RMSProp,AdamW', base, limits).config.lanes.map(({ optimizer }) => optimizer),
    ['rmsprop', 'adamw'],
  );
  assert.deepEqual(
    readConfig('lanes=SF-AdamW, lion', base, limits).config.lanes.map(({ optimizer }) => optimizer),
    ['schedulefree', 'lion'],
  );
  assert.match(
    readConfig('lanes=lion,lion&lion2.beta1=2', base, limits).problems[0],
    /^Lion 2 decay rate β₁: expected a number from 0 to 0.99999, got “2”/,
  );
  assert.deepEqual(readConfig('adam2.beta1=0.5&sgd.beta1=0.5', base, limits).problems, [
    'There is no adam2.beta1 in this race.',
    'There is no sgd.beta1 in this race.',
  ]);
  assert.match(readView('x=miles', limits).problems[0], /one of log, step, epoch, examples, seconds, got “miles”/);
});

test('tracking parameters in links change nothing, and are no mistake', () => {
  const tracking = 'utm_source=mail&utm.medium=x&fbclid=a.b&gclid=1&mc_eid=2&ref=news&_hsenc=3';
  assert.equal(asksForSettings(tracking, limits), false);
  assert.deepEqual(readConfig(tracking, base, limits), { config: base, problems: [] });
  assert.deepEqual(readView(tracking, limits), { view: DEFAULT_VIEW, problems: [] });
  for (const name of ['lanes', 'adam2.beta1', 'epochs', ...Object.keys(limits.view)])
    assert.ok(asksForSettings(`${tracking}&${name}=1`, limits), name);
});

test('an unknown setting is reported in one sentence, and tracking parameters are not', () => {
  const told = (/** @type {string} */ query) => readView(query, limits).problems;
  assert.deepEqual(told('lr=0.1'), ['This link has a setting that is not known here: lr.']);
  assert.deepEqual(told('batchsize=32&epochs=3&Lr=1&batchsize=8&x=step'), [
    'This link has settings that are not known here: batchsize, Lr.',
  ]);
  assert.deepEqual(told(`${'n'.repeat(100)}=1`), [`This link has a setting that is not known here: ${'n'.repeat(40)}….`]);
  assert.deepEqual(told('__proto__=1&constructor=2'), ['This link has a setting that is not known here: constructor.']);
  for (const name of [
    'utm_campaign',
    'fbclid',
    'gclid',
    'msclkid',
    'mc_cid',
    'igsh',
    'ScCid',
    'rdt_cid',
    'guccounter',
    'feature',
    's',
    't',
    'ref',
    'ref_src',
    'si',
    '_ga',
    'li_fat_id',
    'gad_source',
    'srsltid',
    'at_medium',
    'rb_clickid',
  ])
    assert.deepEqual(told(`${name}=1`), [], name);
});

test('people may write numbers as people do', () => {
  const [rate, batch, , hidden] = configChoices(limits);
  assert.equal(understand(rate, ' 1e-3 ').value, 0.001);
  assert.equal(understand(rate, '.5').value, 0.5);
  assert.equal(understand(batch, '60,000').value, 60_000);
  assert.deepEqual(understand(hidden, '256 128,64').value, [256, 128, 64]);
});

test('decimal commas, thousands and wide digits are read as they are meant', () => {
  const [rate, batch, epochs, hidden, seed] = configChoices(limits);
  for (const text of ['0,01', ',01', '\uff10\uff0e\uff10\uff11', '1e\u22122']) assert.equal(understand(rate, text).value, 0.01, text);
  // A thousand is no learning rate.
  assert.equal(understand(rate, '1,000').value, 1);
  for (const text of ['60.000', '60 000', '60\u202f000', '60\u2019000', '\uff16\uff10\uff0c\uff10\uff10\uff10'])
    assert.equal(understand(batch, text).value, 60_000, text);
  assert.equal(understand(seed, '4.294.967.295').value, 4_294_967_295);
  assert.equal(understand(epochs, '2.000').problem, 'Epochs: expected a whole number from 1 to 100, got “2.000”.');
  for (const text of ['1,024', '1.024', '1 024']) assert.deepEqual(understand(hidden, text).value, [1024], text);
  for (const text of ['256, 128', '256 128', '256;128', '256,128', '\uff12\uff15\uff16\uff0c128'])
    assert.deepEqual(understand(hidden, text).value, [256, 128], text);
});

test('what can be read in two ways is not guessed', () => {
  const [, , , hidden] = configChoices(limits);
  const [pace] = viewChoices(limits).filter(({ name }) => name === 'pace');
  assert.equal(understand(pace, '1,000').problem, 'Pace: “1,000” can be read as 1 or as 1000. Write the one that is meant.');
  for (const text of ['128,5', '128,5 ', '256, 128,5', '1,100', '1 100']) {
    assert.equal(
      understand(hidden, text).problem,
      `Hidden units: “${text.trim()}” may be one number or several layers: write layers with a comma and a space between, as 128, 64, and one number with neither, as 1024.`,
    );
  }
  assert.deepEqual(understand(hidden, '128, 5').value, [128, 5]);
  // A link that somebody typed is no other case: ours has the space.
  assert.equal(round({ hidden: [128, 5] }), '/?hidden=128,+5');
  assert.equal(round({ hidden: [1, 100] }), '/?hidden=1,+100');
  for (const text of ['128,5', '1,100', '1+100']) {
    const { config, problems } = readConfig(`hidden=${text}`, base, limits);
    assert.deepEqual(config, base);
    assert.match(problems[0], /^Hidden units: “1.*” may be one number or several layers/);
  }
});

test('a target is a percentage, or a share, or none', () => {
  const target = /** @type {Choice} */ (configChoices(limits).find(({ name }) => name === 'target_accuracy'));
  for (const text of ['95', '95 %', '0.95', '95%', '0,95', '95,0 %', '95\u202f%', '\uff19\uff15\uff05'])
    assert.equal(understand(target, text).value, 0.95, text);
  for (const text of ['', 'none', 'None']) assert.equal(understand(target, text).value, null, text);
  assert.equal(target.format(0.955), '95.5\u202f%');
  assert.equal(
    understand(target, '100').problem,
    'Target accuracy: expected a percentage from 50\u202f% to 99.9\u202f%, or “none”, got “100”.',
  );
});

test('what is not a value is refused in words', () => {
  const [rate, batch, , hidden] = configChoices(limits);
  for (const text of ['', 'abc', '0', '11', 'NaN', 'Infinity', '1e999', '0x10']) assert.ok(understand(rate, text).problem, text);
  for (const text of ['1.5', '-1', '60001', '6,00']) assert.ok(understand(batch, text).problem, text);
  for (const text of ['', '0', '1025', '1,2,3,4', '12.5', 'a']) assert.ok(understand(hidden, text).problem, text);
  assert.equal(understand(batch, '').problem, 'Batch size: expected a whole number from 1 to 60,000, got nothing.');
});

test('configs are the same whatever the order of their keys, and null is as good as missing', () => {
  const { lanes, ...rest } = base;
  assert.ok(sameConfig({ lanes: [{ weight_decay: 0, schedule: 'constant', optimizer: 'sgd' }, lanes[1], lanes[2]], ...rest }, base));
  assert.ok(!sameConfig({ ...base, hidden: [128, 64] }, base));
});

test('the address names the runs of a series, and earlier runs', () => {
  const view = { ...DEFAULT_VIEW, seeds: 3, ghosts: ['c'], series: ['a-1', 'b_2'] };
  assert.equal(round({}, null, view), '/?seeds=3&ghosts=c&series=a-1,b_2');
  const { view: left, problems } = readView(`ghosts=a,b,c,d&series=${Array(10).fill('a')}`, limits);
  assert.deepEqual(left, DEFAULT_VIEW);
  assert.equal(problems.length, 2);
});
