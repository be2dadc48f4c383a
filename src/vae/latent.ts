/**
 * The latent normal laws: prior p(z) = N(0, I), and posterior q(z|x) = N(means, diag variances).
 *
 * @module
 */
import { LOG_2PI } from '../core/special-functions.js';

/** log-variances of the encoder are taken no further than this: e^40 either way is beyond any use. */
export const WIDEST_LOG_VARIANCE = 40;

/** The diagonal normal that the encoder gives a row. */
export interface Posterior {
  readonly means: Float64Array;
  readonly logVariances: Float64Array;
}

/** Splits a row of the encoder's output: means, then log-variances. */
export function posteriorOf(output: Float64Array, row: number, dimension: number): Posterior {
  const start = 2 * dimension * row;
  const means = output.slice(start, start + dimension);
  const logVariances = output.slice(start + dimension, start + 2 * dimension);
  for (let j = 0; j < dimension; j++) {
    logVariances[j] = Math.min(WIDEST_LOG_VARIANCE, Math.max(-WIDEST_LOG_VARIANCE, logVariances[j]));
  }
  return { means, logVariances };
}

/**
 * KL(q || p) of N(means, variances) from N(0, I), in nats: sum_j (m_j^2 + v_j - 1 - log v_j) / 2.
 *
 * Reference: Kingma & Welling (2014), arXiv:1312.6114, appendix B.
 */
export function divergenceFromPrior({ means, logVariances }: Posterior): number {
  let sum = 0;
  // v - 1 - log v without cancellation near v = 1.
  for (let j = 0; j < means.length; j++) sum += means[j] ** 2 + (Math.expm1(logVariances[j]) - logVariances[j]);
  return 0.5 * sum;
}

/** log q(z|x) at one point: the entries of `points` from `start`. */
export function logPosterior({ means, logVariances }: Posterior, points: Float64Array, start: number): number {
  let sum = 0;
  for (let j = 0; j < means.length; j++) {
    const distance = (points[start + j] - means[j]) * Math.exp(-0.5 * logVariances[j]);
    sum -= 0.5 * (distance * distance + logVariances[j] + LOG_2PI);
  }
  return sum;
}

/** log p(z) = log N(z; 0, I) at one point. */
export function logStandardNormal(points: Float64Array, start: number, dimension: number): number {
  let sum = 0;
  for (let j = 0; j < dimension; j++) sum -= 0.5 * (points[start + j] ** 2 + LOG_2PI);
  return sum;
}

/** Points on the way from one code to another, both included. */
export function line(from: Float64Array, to: Float64Array, steps: number): Float64Array[] {
  return Array.from({ length: steps }, (_, k) => from.map((z, j) => z + (k / (steps - 1)) * (to[j] - z)));
}

/** Latent columns whose posterior mean varies by more than a threshold. */
export function activeColumns(posteriors: readonly Posterior[], threshold: number): number[] {
  const columns = posteriors[0].means.map((_, j) => j);
  return Array.from(columns).filter((j) => {
    const center = posteriors.reduce((sum, { means }) => sum + means[j], 0) / posteriors.length;
    const variance = posteriors.reduce((sum, { means }) => sum + (means[j] - center) ** 2, 0) / posteriors.length;
    return variance > threshold;
  });
}
