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

// Cody's minimax rationals for erf on [0, 0.46875], erfc on [0.46875, 4] and erfc beyond, highest power last but for the
// leading coefficient, which comes first.
const ERF_NUMERATOR = [
  0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694,
];
const ERF_DENOMINATOR = [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171];
const MIDDLE_NUMERATOR = [
  2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001, 881.952221241769,
  1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
];
const MIDDLE_DENOMINATOR = [
  1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903, 3290.7992357334597,
  4362.619090143247, 3439.3676741437216, 1230.3393548037495,
];
const FAR_NUMERATOR = [
  0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926, 0.016083785148742275,
  0.0006587491615298378,
];
const FAR_DENOMINATOR = [
  1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918,
];
const ROOT_OF_PI = 1.7724538509055159;

/**
 * The standard normal distribution function, to about 15 digits of the value itself, also far out in the lower tail; 0
 * below -38.5, where it underflows.
 *
 * Reference: Cody (1969), *Rational Chebyshev approximations for the error function*, doi:10.1090/S0025-5718-1969-0247736-4.
 *
 * @example
 * normalCdf(-1.959963984540054).toFixed(15); // '0.025000000000000'
 */
export function normalCdf(x: number): number {
  const y = Math.abs(x) * Math.SQRT1_2;
  if (y <= 0.46875) return 0.5 + 0.5 * Math.sign(x) * y * ratio(ERF_NUMERATOR, ERF_DENOMINATOR, y * y);
  const tail = 0.5 * complementaryError(Math.abs(x), y);
  return x < 0 ? tail : 1 - tail;
}

/** erfc(y) for y = x / sqrt(2) > 0.46875. */
function complementaryError(x: number, y: number): number {
  // exp(-x^2 / 2) in two factors, the first of an exact square, so that rounding x^2 costs no digits.
  const coarse = Math.trunc(16 * Math.min(x, 1e3)) / 16;
  const decay = Math.exp(-0.5 * coarse * coarse) * Math.exp(-0.5 * (x - coarse) * (x + coarse));
  if (decay === 0) return 0;
  if (y <= 4) return decay * ratio(MIDDLE_NUMERATOR, MIDDLE_DENOMINATOR, y);
  const z = 1 / (y * y);
  return (decay / y) * (1 / ROOT_OF_PI - z * ratio(FAR_NUMERATOR, FAR_DENOMINATOR, z));
}

function ratio(numerator: readonly number[], denominator: readonly number[], x: number): number {
  let [above, below] = [0, 0];
  for (let i = 0; i < numerator.length; i++) {
    above = above * x + numerator[i];
    below = below * x + denominator[i];
  }
  return above / below;
}
