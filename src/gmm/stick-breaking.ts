/**
 * The variational distribution of the weights of a mixture.
 *
 * Under a Dirichlet prior, weights ~ Dirichlet(a, ..., a), it is Dirichlet(a + n_1, ..., a + n_K) for expected numbers of
 * rows n_k. Under a Dirichlet process, weights are broken off a stick,
 *
 *     w_k = v_k prod_(j<k) (1 - v_j),    v_k ~ Beta(1, gamma),    v_K = 1,
 *
 * and v_k has Beta(1 + n_k, gamma + n_(k+1) + ... + n_K). In which order sticks are broken is part of q: see
 * {@link bestOrder}.
 *
 * Reference: Blei & Jordan (2006), doi:10.1214/06-BA104; Kurihara, Welling & Teh (2007), *Collapsed variational Dirichlet
 * process mixture models*, on the order.
 *
 * @module
 */
import { digamma } from '../core/digamma.js';
import { logGamma } from '../core/special-functions.js';

/** The names of the priors on weights. */
export const WEIGHT_PRIORS = ['dirichlet', 'dirichlet-process'] as const;
/** One of {@link WEIGHT_PRIORS}. */
export type WeightPrior = (typeof WEIGHT_PRIORS)[number];

/** What inference needs to know of the weights' distribution q. */
export interface WeightPosterior {
  /** E_q[w_k], which sum to 1. */
  readonly expected: Float64Array;
  /** E_q[log w_k]. */
  readonly expectedLogs: Float64Array;
  /** KL(q || prior). */
  readonly divergence: number;
}

/** q after `mass` rows. */
export function weightPosterior(prior: WeightPrior, concentration: number, mass: Float64Array): WeightPosterior {
  return prior === 'dirichlet' ? dirichlet(concentration, mass) : stickBreaking(concentration, mass);
}

function dirichlet(concentration: number, mass: Float64Array): WeightPosterior {
  const counts = mass.map((rows) => concentration + rows);
  const total = sum(counts);
  const reference = digamma(total);
  return {
    expected: counts.map((count) => count / total),
    expectedLogs: counts.map((count) => digamma(count) - reference),
    divergence: dirichletDivergence(counts, new Float64Array(mass.length).fill(concentration)),
  };
}

function stickBreaking(concentration: number, mass: Float64Array): WeightPosterior {
  const components = mass.length;
  const order = bestOrder(concentration, mass);
  const [expected, expectedLogs] = [new Float64Array(components), new Float64Array(components)];
  let divergence = 0;
  let rest = 1;
  let logRest = 0;
  let after = sum(mass);
  order.forEach((k, place) => {
    after = Math.max(0, after - mass[k]);
    if (place === components - 1) {
      expected[k] = rest;
      expectedLogs[k] = logRest;
      return;
    }
    const [a, b] = [1 + mass[k], concentration + after];
    const reference = digamma(a + b);
    expected[k] = (rest * a) / (a + b);
    expectedLogs[k] = logRest + digamma(a) - reference;
    rest *= b / (a + b);
    logRest += digamma(b) - reference;
    divergence += dirichletDivergence([a, b], [1, concentration]);
  });
  return { expected, expectedLogs, divergence };
}

/**
 * The order that gives the highest bound. With q(v) at its best, the order enters the bound through
 *
 *     prod_(k<K) 1 / (gamma + n_k + ... + n_K)  *  Gamma(gamma + n_K) / Gamma(1 + n_K)
 *
 * so that all but the last go by decreasing n_k. The last, which gets what is left of the stick, is that of the fewest rows
 * for gamma <= 1, where the quotient falls with n_K; else each is tried.
 */
function bestOrder(concentration: number, mass: Float64Array): number[] {
  const sorted = Array.from(mass.keys()).sort((a, b) => mass[b] - mass[a] || a - b);
  if (concentration <= 1) return sorted;
  let best = sorted;
  let highest = Number.NEGATIVE_INFINITY;
  for (const last of sorted) {
    const order = [...sorted.filter((k) => k !== last), last];
    let value = logGamma(concentration + mass[last]) - logGamma(1 + mass[last]);
    let tail = concentration + mass[last];
    for (let place = order.length - 2; place >= 0; place--) {
      tail += mass[order[place]];
      value -= Math.log(tail);
    }
    if (value > highest) [best, highest] = [order, value];
  }
  return best;
}

/** log B(a), the logarithm of the Dirichlet distribution's normaliser: sum_k log Gamma(a_k) - log Gamma(sum_k a_k). */
export function logDirichletNormalizer(a: ArrayLike<number>): number {
  let [sumOfLogs, total] = [0, 0];
  for (let k = 0; k < a.length; k++) {
    sumOfLogs += logGamma(a[k]);
    total += a[k];
  }
  return sumOfLogs - logGamma(total);
}

/**
 * KL(Dirichlet(a) || Dirichlet(b)) = log B(b) - log B(a) + sum_k (a_k - b_k)(psi(a_k) - psi(sum a)).
 */
export function dirichletDivergence(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const reference = digamma(sum(a));
  let divergence = logDirichletNormalizer(b) - logDirichletNormalizer(a);
  for (let k = 0; k < a.length; k++) divergence += (a[k] - b[k]) * (digamma(a[k]) - reference);
  return divergence;
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let k = 0; k < values.length; k++) total += values[k];
  return total;
}
