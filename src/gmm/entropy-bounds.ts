/**
 * Bounds on the entropy of a mixture, which has no closed form.
 *
 * With H_k = (d log(2 pi e) + log |Sigma_k|) / 2 the entropy of a component, the entropy H of the mixture lies between
 *
 *     H >= -sum_i w_i log sum_j w_j int N_i N_j                             (Huber et al. 2008, theorem 2)
 *     H >= sum_i w_i H_i - sum_i w_i log sum_j w_j exp(-D_B(N_i, N_j))      (Kolchinsky & Tracey 2017, section 3.2)
 *
 * and
 *
 *     H <= sum_i w_i (H_i - log w_i)                                        (Huber et al. 2008, theorem 3)
 *     H <= sum_i w_i H_i - sum_i w_i log sum_j w_j exp(-KL(N_i || N_j))     (Kolchinsky & Tracey 2017, section 3.2)
 *     H <= (d log(2 pi e) + log |Cov|) / 2,   the entropy of one Gaussian of the mixture's covariance
 *
 * References: Huber, Bailey, Durrant-Whyte & Hanebeck (2008), doi:10.1109/MFI.2008.4648062; Kolchinsky & Tracey (2017),
 * doi:10.3390/e19070361; Cover & Thomas (2006), *Elements of Information Theory*, theorem 8.6.5, for the last.
 *
 * @module
 */
import { cholesky } from '../core/linalg.js';
import { LOG_2PI, logSumExp } from '../core/special-functions.js';
import { comparePair, type Pair } from './gaussian-pairs.js';
import type { FactoredMixture } from './marginal.js';
import { mergedMoments } from './merging.js';

/** Where the entropy lies, in nats. */
export interface EntropyBounds {
  readonly lower: number;
  readonly upper: number;
}

/** The largest lower and the smallest upper bound. Cost: O(K^2 d^3). */
export function entropyBounds(mixture: FactoredMixture): EntropyBounds {
  const { components, dimension: d, weights } = mixture.parameters;
  // Components without weight are not there.
  const present = Array.from({ length: components }, (_, k) => k).filter((k) => weights[k] > 0);
  const pairs = present.map((i) => present.map((j) => comparePair(mixture, i, j)));
  const own = Float64Array.from(present, (k) => 0.5 * (d * (1 + LOG_2PI) + mixture.factors[k].logDeterminant));
  const average = (term: (i: number) => number) => present.reduce((sum, k, i) => sum + weights[k] * term(i), 0);
  const mixed = (exponent: (pair: Pair) => number) => (i: number) =>
    logSumExp(present.map((k, j) => Math.log(weights[k]) + exponent(pairs[i][j])));
  const within = average((i) => own[i]);
  const lower = Math.max(
    -average(mixed((pair) => pair.logOverlap)),
    within - average(mixed((pair) => -pair.bhattacharyya)),
  );
  const upper = Math.min(
    within - average((i) => Math.log(weights[present[i]])),
    within - average(mixed((pair) => -pair.divergence)),
    gaussianEntropy(mixture),
  );
  // One component has both bounds at its entropy, but for rounding.
  return { lower: Math.min(lower, upper), upper };
}

function gaussianEntropy({ parameters }: FactoredMixture): number {
  const d = parameters.dimension;
  const all = Array.from({ length: parameters.components }, (_, k) => k);
  const factor = cholesky(mergedMoments(parameters, all).covariance, d);
  return factor ? 0.5 * (d * (1 + LOG_2PI) + factor.logDeterminant) : Number.POSITIVE_INFINITY;
}
