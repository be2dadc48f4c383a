/**
 * What methods of the fitted model take and give.
 *
 * @module
 */
import type { SamplesLike } from '../core/samples.js';

/** What a conditional model is conditioned on: one row for each row of the call, or one row for all. */
export interface GivenOptions {
  readonly given?: SamplesLike;
}

/** Options of methods that average over draws of the code. */
export interface DrawOptions extends GivenOptions {
  /** Draws of the code per row, K. */
  readonly samples?: number;
}

/** The bound of each row, in nats. */
export interface Bound {
  /** reconstruction - regularization. */
  readonly elbo: Float64Array;
  /** E_q log p(x|z). */
  readonly reconstruction: Float64Array;
  /** KL(q(z|x) || p(z)). */
  readonly regularization: Float64Array;
}

/** Importance-sampled log-densities and what they are worth, per row. */
export interface DensityEstimate {
  readonly logDensity: Float64Array;
  /** Standard error of each estimate of log p(x), by the delta method. */
  readonly standardError: Float64Array;
  /** How many of the K draws effectively count; near 1 the standard error itself is unreliable. */
  readonly effectiveSampleSize: Float64Array;
}
