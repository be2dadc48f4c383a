/**
 * Mahalanobis distances of rows from the components.
 *
 *     D_ik = sqrt((x_i - mu_k)^T Sigma_k^-1 (x_i - mu_k)) = |L_k^-1 (x_i - mu_k)|
 *
 * @module
 */
import { allocateSamples } from '../core/estimator.js';
import { Samples } from '../core/samples.js';
import { solveLower } from './gaussian-pairs.js';
import type { FactoredMixture } from './marginal.js';

/** By what rows are shrunk whose differences from the means overflow: an exact power of two. */
const SHRINK = 2 ** -2;

/** n x K distances, in standard deviations; `Infinity` beyond the largest double. Cost: O(n K d^2). */
export function mahalanobis(owner: string, mixture: FactoredMixture, rows: Samples): Samples {
  const { components, dimension: d } = mixture.parameters;
  const result = allocateSamples(owner, rows.rows, components);
  for (let i = 0; i < rows.rows; i++) {
    const row = rows.data.subarray(i * d, (i + 1) * d);
    for (let k = 0; k < components; k++) {
      const distance = distanceIn(mixture, k, row, 1);
      const settled = Number.isFinite(distance) ? distance : distanceIn(mixture, k, row, SHRINK);
      result[i * components + k] = Number.isNaN(settled) ? Number.POSITIVE_INFINITY : settled;
    }
  }
  return new Samples(result, rows.rows, components);
}

/** The distance, with all lengths multiplied by `unit` on the way. */
function distanceIn({ parameters, factors }: FactoredMixture, k: number, row: Float64Array, unit: number): number {
  const { dimension: d, means } = parameters;
  const gap = row.map((x, j) => x * unit - means[k * d + j] * unit);
  // The hypotenuse neither overflows nor vanishes with the squares of its sides.
  return Math.hypot(...solveLower(factors[k].lower, gap, d)) / unit;
}
