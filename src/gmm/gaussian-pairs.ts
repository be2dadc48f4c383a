/**
 * Overlaps and distances of two components of a mixture, each in closed form.
 *
 * @module
 */
import type { Cholesky } from '../core/linalg.js';
import { LOG_2PI } from '../core/special-functions.js';
import { lowerFactor } from './lower-factor.js';
import type { FactoredMixture } from './marginal.js';

/** What is between two Gaussians i and j. All three in nats. */
export interface Pair {
  /** log int N_i N_j dx = log N(mu_i; mu_j, Sigma_i + Sigma_j). */
  readonly logOverlap: number;
  /** -log int sqrt(N_i N_j) dx, Bhattacharyya's distance. */
  readonly bhattacharyya: number;
  /** KL(N_i || N_j). */
  readonly divergence: number;
}

/**
 * Compares components i and j, with S = (Sigma_i + Sigma_j) / 2 and delta = mu_i - mu_j:
 *
 *     log N(mu_i; mu_j, 2 S) = -1/2 (d log(2 pi) + d log 2 + log |S| + delta^T S^-1 delta / 2)
 *     D_B = delta^T S^-1 delta / 8 + (log |S| - (log |Sigma_i| + log |Sigma_j|) / 2) / 2
 *     KL  = (tr(Sigma_j^-1 Sigma_i) + delta^T Sigma_j^-1 delta - d + log |Sigma_j| - log |Sigma_i|) / 2
 *
 * Cost: O(d^3). References: Kolchinsky & Tracey (2017), doi:10.3390/e19070361, equations 12 and 30 to 33.
 */
export function comparePair({ parameters, factors }: FactoredMixture, i: number, j: number): Pair {
  const { dimension: d, means } = parameters;
  const delta = Float64Array.from({ length: d }, (_, t) => means[i * d + t] - means[j * d + t]);
  const middle = middleFactor(factors[i], factors[j], d);
  const [a, b] = [factors[i].logDeterminant, factors[j].logDeterminant];
  const between = squaredNorm(solveLower(middle.lower, delta, d));
  let trace = 0;
  for (let t = 0; t < d; t++) {
    const column = Float64Array.from({ length: d }, (_, row) => factors[i].lower[row * d + t]);
    trace += squaredNorm(solveLower(factors[j].lower, column, d));
  }
  const toJ = squaredNorm(solveLower(factors[j].lower, delta, d));
  return {
    logOverlap: -0.5 * (d * LOG_2PI + d * Math.LN2 + middle.logDeterminant + 0.5 * between),
    bhattacharyya: between / 8 + 0.5 * (middle.logDeterminant - 0.5 * (a + b)),
    divergence: 0.5 * (trace + toJ - d + b - a),
  };
}

/** The factor of S = M M^T with M = (L_i, L_j) / sqrt(2). */
function middleFactor(a: Cholesky, b: Cholesky, d: number): Cholesky {
  if (a === b) return a;
  const both = new Float64Array(2 * d * d);
  for (let row = 0; row < d; row++) {
    for (let j = 0; j <= row; j++) {
      both[row * 2 * d + j] = Math.SQRT1_2 * a.lower[row * d + j];
      both[row * 2 * d + d + j] = Math.SQRT1_2 * b.lower[row * d + j];
    }
  }
  return lowerFactor(both, d, 2 * d);
}

/** L^-1 x by forward substitution. */
export function solveLower(lower: Float64Array, x: Float64Array, d: number): Float64Array {
  const y = new Float64Array(d);
  for (let i = 0; i < d; i++) {
    let sum = x[i];
    for (let t = 0; t < i; t++) sum -= lower[i * d + t] * y[t];
    y[i] = sum / lower[i * d + i];
  }
  return y;
}

function squaredNorm(x: Float64Array): number {
  let sum = 0;
  for (const entry of x) sum += entry * entry;
  return sum;
}
