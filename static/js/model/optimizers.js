/** What the ten optimizers do, for people: the rule in the papers' letters, where it comes from, and one plain sentence. */

const MOMENTS = 'm ← β₁ m + (1−β₁) g,  v ← β₂ v + (1−β₂) g²';
const CORRECTED = 'm̂ = m / (1−β₁ᵗ),  v̂ = v / (1−β₂ᵗ)';

/**
 * @param {string} label
 * @param {string} source
 * @param {string} sentence
 * @param {...string} formula what is kept, and last the step itself
 */
const rule = (label, source, sentence, ...formula) => ({ label, source, sentence, formula });

/** @type {Record<import('../types').Optimizer, ReturnType<typeof rule>>} */
export const OPTIMIZERS = {
  sgd: rule('SGD', 'Robbins & Monro, 1951', 'One step straight down the slope, as long as the learning rate η says.', 'w ← w − η g'),
  momentum: rule(
    'Momentum',
    'Polyak, 1964',
    'Slopes that keep their direction add up, like a ball gathering speed.',
    'v ← β v + g,  w ← w − η v',
  ),
  nesterov: rule(
    'Nesterov',
    'Sutskever et al., 2013',
    'Momentum that looks ahead: the slope already counts where the ball rolls next.',
    'v ← β v + g',
    'w ← w − η (g + β v)',
  ),
  adagrad: rule(
    'AdaGrad',
    'Duchi et al., 2011',
    'The more slope a weight has seen, the smaller its steps become, for good.',
    'G ← G + g²',
    'w ← w − η g / (√G + ε)',
  ),
  rmsprop: rule(
    'RMSProp',
    'Tieleman & Hinton, 2012',
    'Every slope is measured against how large that weight’s slopes were lately.',
    'v ← ρ v + (1−ρ) g²',
    'w ← w − η g / (√v + ε)',
  ),
  adadelta: rule(
    'Adadelta',
    'Zeiler, 2012',
    'A weight’s last steps set the size of its next one, so that η can stay at 1.',
    'v ← ρ v + (1−ρ) g²,  Δ = g √(u+ε) / √(v+ε)',
    'u ← ρ u + (1−ρ) Δ²',
    'w ← w − η Δ',
  ),
  adam: rule(
    'Adam',
    'Kingma & Ba, 2014',
    'Averages of the slope and of its square give every weight a step of its own size.',
    MOMENTS,
    CORRECTED,
    'w ← w − η m̂ / (√v̂ + ε)',
  ),
  nadam: rule(
    'NAdam',
    'Dozat, 2016',
    'Adam that looks ahead, as Nesterov’s momentum does.',
    MOMENTS,
    'm̄ = β₁ m / (1−β₁ᵗ⁺¹) + (1−β₁) g / (1−β₁ᵗ),  v̂ = v / (1−β₂ᵗ)',
    'w ← w − η m̄ / (√v̂ + ε)',
  ),
  adamw: rule(
    'AdamW',
    'Loshchilov & Hutter, 2017',
    'Adam, with every weight also shrinking a little, whatever its slope.',
    MOMENTS,
    CORRECTED,
    'w ← w − η m̂ / (√v̂ + ε) − η λ w',
  ),
  lion: rule(
    'Lion',
    'Chen et al., 2023',
    'Only the direction of an averaged slope counts: all steps are equally long.',
    'u = β₁ m + (1−β₁) g,  m ← β₂ m + (1−β₂) g',
    'w ← w − η sign(u) − η λ w',
  ),
};

/** @type {Record<string, { symbol: string, words: string }>} */
export const DIALS = {
  momentum: { symbol: 'β', words: 'momentum β' },
  rho: { symbol: 'ρ', words: 'memory ρ' },
  beta1: { symbol: 'β₁', words: 'memory β₁' },
  beta2: { symbol: 'β₂', words: 'memory β₂' },
  epsilon: { symbol: 'ε', words: 'smallest divisor ε' },
  weight_decay: { symbol: 'λ', words: 'weight decay λ' },
};

/** @type {Record<string, string>} */
export const SCHEDULES = { constant: 'constant', step: 'step', cosine: 'cosine', warmup_cosine: 'warm-up, cosine' };
