/** What the ten optimizers do, for people: the rule in the papers' letters, where it comes from, and one plain sentence. */

/**
 * @typedef {object} Presentation
 * @property {string} label
 * @property {string[]} formula what is kept, and last the step itself
 * @property {string} sentence
 * @property {string} source
 */

const M = 'm ← β₁ m + (1−β₁) g';
const MOMENTS = `${M},  v ← β₂ v + (1−β₂) g²`;
const CORRECTED = 'm̂ = m / (1−β₁ᵗ),  v̂ = v / (1−β₂ᵗ)';

/** @type {Record<import('./types').Optimizer, Presentation>} */
export const OPTIMIZERS = {
  sgd: {
    label: 'SGD',
    formula: ['w ← w − η g'],
    sentence: 'One step straight down the slope, as long as the learning rate η says.',
    source: 'Robbins & Monro, 1951',
  },
  momentum: {
    label: 'Momentum',
    formula: ['v ← β v + g,  w ← w − η v'],
    sentence: 'Slopes that keep their direction add up, like a ball gathering speed.',
    source: 'Polyak, 1964',
  },
  nesterov: {
    label: 'Nesterov',
    formula: ['v ← β v + g', 'w ← w − η (g + β v)'],
    sentence: 'Momentum that looks ahead: the newest slope already counts where the ball will roll next.',
    source: 'Nesterov, 1983; Sutskever et al., 2013',
  },
  adagrad: {
    label: 'AdaGrad',
    formula: ['G ← G + g²', 'w ← w − η g / (√G + ε)'],
    sentence: 'The more slope a weight has seen so far, the smaller its steps become, for good.',
    source: 'Duchi, Hazan & Singer, 2011',
  },
  rmsprop: {
    label: 'RMSProp',
    formula: ['v ← ρ v + (1−ρ) g²', 'w ← w − η g / (√v + ε)'],
    sentence: 'Every slope is measured against how large that weight’s slopes have been lately.',
    source: 'Tieleman & Hinton, 2012',
  },
  adadelta: {
    label: 'Adadelta',
    formula: ['v ← ρ v + (1−ρ) g²,  u ← ρ u + (1−ρ) Δ²', 'Δ ← g √(u+ε) / √(v+ε)', 'w ← w − η Δ'],
    sentence: 'The last steps of a weight set the size of its next one, so that η can stay at 1.',
    source: 'Zeiler, 2012',
  },
  adam: {
    label: 'Adam',
    formula: [MOMENTS, CORRECTED, 'w ← w − η m̂ / (√v̂ + ε)'],
    sentence: 'Averages of the slope and of its square give every weight a step of its own size.',
    source: 'Kingma & Ba, 2014',
  },
  nadam: {
    label: 'NAdam',
    formula: [MOMENTS, 'm̄ = β₁ m / (1−β₁ᵗ⁺¹) + (1−β₁) g / (1−β₁ᵗ),  v̂ = v / (1−β₂ᵗ)', 'w ← w − η m̄ / (√v̂ + ε)'],
    sentence: 'Adam that looks ahead as Nesterov’s momentum does.',
    source: 'Dozat, 2016',
  },
  adamw: {
    label: 'AdamW',
    formula: [MOMENTS, CORRECTED, 'w ← w − η m̂ / (√v̂ + ε) − η λ w'],
    sentence: 'Adam, with every weight also shrinking a little, whatever its slope has been.',
    source: 'Loshchilov & Hutter, 2017',
  },
  lion: {
    label: 'Lion',
    formula: ['u = β₁ m + (1−β₁) g,  m ← β₂ m + (1−β₂) g', 'w ← w − η sign(u) − η λ w'],
    sentence: 'Only the direction of an averaged slope counts: every weight takes a step of the same size.',
    source: 'Chen et al., 2023',
  },
};

/** @type {Record<string, { symbol: string, words: string }>} */
export const DIALS = {
  weight_decay: { symbol: 'λ', words: 'weight decay λ' },
  momentum: { symbol: 'β', words: 'momentum β' },
  rho: { symbol: 'ρ', words: 'memory ρ' },
  beta1: { symbol: 'β₁', words: 'memory β₁' },
  beta2: { symbol: 'β₂', words: 'memory β₂' },
  epsilon: { symbol: 'ε', words: 'smallest divisor ε' },
};

/** @type {Record<string, string>} */
export const SCHEDULES = { constant: 'constant', step: 'step', cosine: 'cosine', warmup_cosine: 'warm-up, cosine' };
