/**
 * The scatter of mixtures whose components share one matrix, from that of all rows.
 *
 * An M-step with a shared matrix asks for the sum of scatters alone. As responsibilities sum to 1, it is the scatter T of
 * all rows about the origin, found once per fit, less what the means explain:
 *
 *     sum_k sum_i w_i r_ik (x_i - mu_k)(x_i - mu_k)^T
 *         = T - sum_k (mass_k mu_k mu_k^T + shift_k mu_k^T + mu_k shift_k^T),    T = sum_i w_i x_i x_i^T
 *
 * which spares each E-step the products of rows. Rows are standardised, so that what cancels is only what the means
 * explain of a variance: where they leave less than 1 part in 128 of one, the sum is taken row by row instead.
 *
 * @module
 */
import type { Statistics } from './statistics.js';

/** Seven of 53 bits at most are lost by subtraction. */
const LEAST_LEFT = 2 ** -7;
/** How far masses may miss the total: rows without any density share nothing. */
const MASS_SLACK = 1e-12;

/**
 * The lower triangle, or the diagonal, of the sum; `undefined` where it must be taken row by row.
 *
 * @param means - The means that shifts were taken about, K x d.
 * @param all - T: mass of all rows, and their scatter as the lower triangle of one component.
 */
export function pooledScatter(
  { components, dimension: d, diagonal, mass, shift }: Omit<Statistics, 'scatter'>,
  means: Float64Array,
  all: Statistics,
): Float64Array | undefined {
  const total = mass.reduce((sum, share) => sum + share, 0);
  if (!(Math.abs(total - all.mass[0]) <= MASS_SLACK * total)) return undefined;
  const pooled = new Float64Array(diagonal ? d : (d * (d + 1)) / 2);
  let next = 0;
  for (let i = 0; i < d; i++) {
    for (let j = diagonal ? i : 0; j <= i; j++) {
      const entry = all.scatter[(i * (i + 1)) / 2 + j];
      let explained = 0;
      for (let at = 0, k = 0; k < components; at = ++k * d) {
        explained +=
          mass[k] * means[at + i] * means[at + j] + shift[at + i] * means[at + j] + means[at + i] * shift[at + j];
      }
      pooled[next] = entry - explained;
      if (i === j && !(pooled[next] >= LEAST_LEFT * entry)) return undefined;
      next++;
    }
  }
  return pooled;
}
