/**
 * Normal reference rules: the bandwidth that would be best if the rows were normally distributed.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { Samples } from '../core/samples.js';
import type { RowWeights } from '../core/weights.js';
import type { Kernel } from '../kernels/kernel.js';

/** The rules, as factors to the standard deviation of each column, for n (effective) rows in d dimensions. */
export const RULE_FACTORS = {
  /** n^(-1 / (d + 4)). Reference: Scott (1992), *Multivariate Density Estimation*, section 6.3.2. */
  scott: (n: number, d: number): number => n ** (-1 / (d + 4)),
  /** (n (d + 2) / 4)^(-1 / (d + 4)). Reference: Silverman (1986), *Density Estimation*, section 4.3.2. */
  silverman: (n: number, d: number): number => ((n * (d + 2)) / 4) ** (-1 / (d + 4)),
} as const;

const REMEDY = 'Give the bandwidth as a number, or as one number per column';

/**
 * The bandwidths of a rule, one for each column: h_j = factor * s_j / sqrt(variance of the kernel along one axis).
 *
 * s_j is the unbiased weighted standard deviation, n Kish's effective number of rows; both as in SciPy's
 * `gaussian_kde`. Dividing by the kernel's own standard deviation gives every kernel the same amount of smoothing.
 *
 * @throws ModelError `degenerate-data` for a column without spread.
 */
export function ruleBandwidth(
  rule: keyof typeof RULE_FACTORS,
  samples: Samples,
  weights: RowWeights,
  kernel: Kernel,
  owner: string,
): Float64Array {
  const d = samples.columns;
  // At an effective number of 1 the unbiased variance is 0 / 0; a little above, it has no digits.
  if (samples.rows > 1 && !(weights.effective > 1 + 2 ** -40)) {
    const must = 'the weights must not all but lie on one row to choose a bandwidth';
    throw modelError('degenerate-data', { owner, must, remedy: REMEDY });
  }
  const factor = RULE_FACTORS[rule](weights.effective, d) / Math.sqrt(kernel.variance(d));
  return Float64Array.from({ length: d }, (_, j) => {
    const bandwidth = factor * standardDeviation(samples, weights, j, owner);
    if (bandwidth > 0 && bandwidth < Number.POSITIVE_INFINITY) return bandwidth;
    throw modelError('degenerate-data', {
      owner,
      must: `the spread of column ${j} must be within the range of doubles`,
      remedy: 'Scale the column, or give the bandwidth as a number',
    });
  });
}

/**
 * Unbiased weighted standard deviation of column j,
 *
 *     s^2 = sum_i w_i (x_i - m)^2 / (W - sum_i w_i^2 / W) = sum_i (w_i / W) (x_i - m)^2 * n / (n - 1),
 *
 * with n = W^2 / sum w_i^2. Deviations are taken about the first row and in units of the range, so that neither a large
 * offset nor a very small or large unit costs digits.
 */
function standardDeviation(samples: Samples, weights: RowWeights, j: number, owner: string): number {
  const { data, rows, columns } = samples;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < rows; i++) {
    low = Math.min(low, data[i * columns + j]);
    high = Math.max(high, data[i * columns + j]);
  }
  if (low === high) {
    throw modelError('degenerate-data', {
      owner,
      must:
        rows === 1 ? 'there must be at least two rows to choose a bandwidth from' : `column ${j} must not be constant`,
      got: rows === 1 ? 1 : low,
      remedy: REMEDY,
    });
  }
  const range = high - low;
  const shares = (i: number): number => weights.values[i] / weights.total;
  let mean = 0;
  for (let i = 0; i < rows; i++) mean += shares(i) * ((data[i * columns + j] - low) / range);
  let variance = 0;
  for (let i = 0; i < rows; i++) variance += shares(i) * ((data[i * columns + j] - low) / range - mean) ** 2;
  return range * Math.sqrt(variance * (weights.effective / (weights.effective - 1)));
}
