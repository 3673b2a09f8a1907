/** What each optimizer is called, how it looks and what it does: the one place where lanes get their identity. */

/** @typedef {import('./types').Identity} Identity */

/** @type {Record<string, { name: string, rule: string, dials: (lane: import('./types').LaneConfig) => string }>} */
const OPTIMIZERS = {
  sgd: { name: 'SGD', rule: 'w ← w − η g', dials: () => '' },
  momentum: { name: 'Momentum', rule: 'v ← β v + g,  w ← w − η v', dials: (lane) => `β ${lane.momentum ?? 0.9}` },
  adam: {
    name: 'Adam',
    rule: 'w ← w − η m̂ / (√v̂ + ε)',
    dials: (lane) => `β₁ ${lane.beta1 ?? 0.9} · β₂ ${lane.beta2 ?? 0.999}`,
  },
};

/** @type {Pick<Identity, 'tint' | 'marker'>[]} */
const LOOKS = [
  { tint: 'orange', marker: 'circle' },
  { tint: 'green', marker: 'square' },
  { tint: 'blue', marker: 'triangle' },
];
/** @type {Record<string, number>} */
const USUAL_LOOK = { sgd: 0, momentum: 1, adam: 2 };

/**
 * Every optimizer keeps its colour and marker; a second lane of the same one takes a free look and a number.
 * @param {import('./types').Config} config
 * @returns {Identity[]}
 */
export function identify(config) {
  /** @type {Set<number>} */
  const taken = new Set();
  const usual = config.lanes.map(({ optimizer }) => {
    const look = USUAL_LOOK[optimizer];
    if (taken.has(look)) return -1;
    taken.add(look);
    return look;
  });
  /** @type {Record<string, number>} */
  const seen = {};
  return config.lanes.map((lane, i) => {
    let look = usual[i];
    if (look < 0) {
      look = LOOKS.findIndex((_, free) => !taken.has(free));
      taken.add(look);
    }
    const { optimizer } = lane;
    const nth = (seen[optimizer] = (seen[optimizer] ?? 0) + 1);
    const { name, rule, dials } = OPTIMIZERS[optimizer];
    const rate = `lr ${lane.learning_rate ?? config.learning_rate}`;
    return {
      lane: i,
      key: nth === 1 ? optimizer : `${optimizer}${nth}`,
      name: nth === 1 ? name : `${name} ${nth}`,
      optimizer,
      rule,
      dials: [rate, dials(lane)].filter(Boolean).join(' · '),
      ...LOOKS[look],
    };
  });
}

/**
 * What follows from a config before anything has run.
 * @param {import('./types').Config} config
 * @param {number} examples in the training set
 * @returns {import('./types').Plan}
 */
export function planOf(config, examples) {
  const batchesPerEpoch = Math.max(1, Math.floor(examples / config.batch_size));
  return {
    batchSize: config.batch_size,
    batchesPerEpoch,
    epochs: config.epochs,
    totalSteps: batchesPerEpoch * config.epochs,
  };
}
