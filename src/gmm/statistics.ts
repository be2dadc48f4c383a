/**
 * What the M-step needs to know of the data, gathered by the E-step block by block.
 *
 * Sums are taken about each component's current mean mu_k, never about the origin, so that nothing cancels wherever the
 * data lie. With responsibilities r_ik and row weights w_i,
 *
 *     mass_k    = sum_i w_i r_ik
 *     shift_k   = sum_i w_i r_ik (x_i - mu_k)
 *     scatter_k = sum_i w_i r_ik (x_i - mu_k)(x_i - mu_k)^T
 *
 * No N x K matrix of responsibilities is ever held.
 *
 * @module
 */
import type { MixtureLoops } from '../simd/index.js';
import type { WhitenedMixture } from './log-joint.js';

/** Sufficient statistics of a mixture about given centres. */
export interface Statistics {
  readonly components: number;
  readonly dimension: number;
  /** Whether {@link scatter} holds only the d diagonal entries per component. */
  readonly diagonal: boolean;
  /** K. */
  readonly mass: Float64Array;
  /** K x d. */
  readonly shift: Float64Array;
  /**
   * Rows of the lower triangles, d (d + 1) / 2 numbers per component, or d if diagonal. Responsibilities of spherical
   * components leave no more than the trace, in d numbers of that sum.
   */
  readonly scatter: Float64Array;
  /** Whether {@link scatter} holds the sum over all components alone; see pooled-scatter.ts. */
  readonly pooled: boolean;
  /** sum_i w_i log p(x_i), in nats. */
  logDensity: number;
}

/** Clears the statistics that the loops add to. */
export function clearStatistics({ mass, shift, scatter }: MixtureLoops): void {
  mass.fill(0);
  shift.fill(0);
  scatter.fill(0);
}

/** Copies what the loops have gathered. */
export function copyStatistics(
  { mass, shift, scatter }: MixtureLoops,
  { components, dimension, form }: WhitenedMixture,
  logDensity: number,
): Statistics {
  return {
    components,
    dimension,
    diagonal: form === 'diagonal' || form === 'spherical',
    mass: mass.slice(),
    shift: shift.slice(),
    scatter: scatter.slice(),
    pooled: false,
    logDensity,
  };
}
