/**
 * The digamma function.
 *
 * @module
 */

// Coefficients B_2k / 2k of the asymptotic series (Abramowitz & Stegun 6.3.18).
const SERIES = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160];

/**
 * psi(x), the derivative of log Gamma, for x > 0.
 *
 * Its asymptotic series from x = 12 on, where its eighth term is below 1e-18; smaller arguments are raised by
 * psi(x + 1) = psi(x) + 1 / x.
 *
 * Reference: Abramowitz & Stegun (1964), 6.3.5 and 6.3.18.
 *
 * @example
 * digamma(1); // -0.5772156649015329
 */
export function digamma(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  let below = 0;
  let raised = x;
  for (; raised < 12; raised++) below += 1 / raised;
  const square = 1 / (raised * raised);
  let series = 0;
  for (let k = SERIES.length - 1; k >= 0; k--) series = (series + SERIES[k]) * square;
  return Math.log(raised) - 0.5 / raised - series - below;
}
