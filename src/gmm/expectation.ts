/**
 * The E-step of EM (Dempster, Laird & Rubin 1977): responsibilities
 *
 *     r_ik = w_k N(x_i; mu_k, Sigma_k) / sum_j w_j N(x_i; mu_j, Sigma_j)
 *
 * of each block of rows, summed into the M-step's statistics before the next block begins.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import { BLOCK_ROWS, logJoint, type WhitenedMixture } from './log-joint.js';
import { addBlock, emptyStatistics, type Statistics } from './statistics.js';

/** Rows with weights, ours to read at leisure. */
export interface WeightedRows {
  /** N x d, row-major. */
  readonly data: Float64Array;
  /** N. */
  readonly rows: number;
  /** d. */
  readonly columns: number;
  /** N positive weights, or `undefined` where all are 1. */
  readonly weights: Float64Array | undefined;
  /** Sum of weights. */
  readonly total: number;
}

/** What each row gives to each component: its responsibility, or all to the likeliest. */
export type Sharing = 'responsibilities' | 'likeliest';

/** One pass over the rows. Gives way between blocks. Cost: O(N K d^2), d for diagonal matrices; memory O(512 K). */
export async function expectation(
  rows: WeightedRows,
  mixture: WhitenedMixture,
  pacer: Pacer,
  sharing: Sharing = 'responsibilities',
): Promise<Statistics> {
  const statistics = emptyStatistics(mixture);
  const stride = Math.min(BLOCK_ROWS, rows.rows);
  const shares = new Float64Array(mixture.components * stride);
  const share = sharing === 'likeliest' ? giveToLikeliest : giveByResponsibility;
  for (let first = 0; first < rows.rows; first += stride) {
    const count = Math.min(stride, rows.rows - first);
    logJoint(mixture, rows.data, first, count, shares, stride);
    statistics.logDensity += share(shares, mixture.components, rows.weights, first, count, stride);
    addBlock(statistics, mixture.means, rows.data, first, count, shares, stride);
    if (pacer.isDue) await pacer.breathe();
  }
  return statistics;
}

type Share = (
  shares: Float64Array,
  components: number,
  weights: Float64Array | undefined,
  first: number,
  count: number,
  stride: number,
) => number;

/**
 * Turns log w_k N_k into w_i r_ik in place and returns sum_i w_i log p(x_i), with
 * log p(x) = m + log sum_k exp(log w_k N_k - m), m being the largest term.
 */
const giveByResponsibility: Share = (shares, components, weights, first, count, stride) => {
  let logDensity = 0;
  for (let i = 0; i < count; i++) {
    const end = components * stride;
    let largest = shares[i];
    for (let at = i + stride; at < end; at += stride) if (shares[at] > largest) largest = shares[at];
    let sum = 0;
    for (let at = i; at < end; at += stride) {
      const term = Math.exp(shares[at] - largest);
      shares[at] = term;
      sum += term;
    }
    const weight = weights === undefined ? 1 : weights[first + i];
    logDensity += weight * (largest + Math.log(sum));
    const scale = weight / sum;
    for (let at = i; at < end; at += stride) shares[at] *= scale;
  }
  return logDensity;
};

/** As above, but all of w_i goes to the likeliest component (the first of equals): the assignment of k-means. */
const giveToLikeliest: Share = (shares, components, weights, first, count, stride) => {
  let logDensity = 0;
  for (let i = 0; i < count; i++) {
    let best = 0;
    for (let k = 1; k < components; k++) if (shares[k * stride + i] > shares[best * stride + i]) best = k;
    const weight = weights === undefined ? 1 : weights[first + i];
    logDensity += weight * shares[best * stride + i];
    for (let k = 0; k < components; k++) shares[k * stride + i] = 0;
    shares[best * stride + i] = weight;
  }
  return logDensity;
};
