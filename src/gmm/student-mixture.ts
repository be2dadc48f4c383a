/**
 * The predictive distribution of a Bayesian mixture: what it says of a new row with the parameters integrated out.
 *
 *     p(x) = sum_k E[w_k] t(x; nu', m_k, c_k E_k),    E_k = S_k / nu_k,    c_k = (kappa_k + 1) / kappa_k nu_k / nu'_k
 *
 * with nu'_k = nu_k - d + 1 degrees of freedom for full matrices; spherical matrices keep nu'_k = nu_k, and diagonal ones
 * give a product over axes of t distributions with nu_k each.
 *
 *     log t(x; nu, m, C) = log Gamma((nu + d) / 2) - log Gamma(nu / 2) - d/2 log(nu pi) - 1/2 log |C|
 *                          - (nu + d) / 2 log(1 + |A (x - m)|^2 / nu),    A^T A = C^-1
 *
 * Reference: Bishop (2006), *Pattern Recognition and Machine Learning*, equations 10.81 and 10.82.
 *
 * @module
 */
import { type Cholesky, cholesky, invertLower } from '../core/linalg.js';
import type { RandomStream } from '../core/random.js';
import type { Samples } from '../core/samples.js';
import { LOG_PI, logGamma } from '../core/special-functions.js';
import { type CovarianceType, isDiagonal, isSpherical } from './covariance-type.js';
import { covarianceOf, type MixtureParameters } from './parameters.js';

/** A mixture of t distributions made ready for evaluation. */
export interface StudentMixture {
  readonly parameters: MixtureParameters;
  /** Whether each component is a product over axes. */
  readonly byAxis: boolean;
  /** nu'_k. */
  readonly degreesOfFreedom: Float64Array;
  /** Factors L_k of c_k E_k, and A_k = L_k^-1. */
  readonly factors: readonly Cholesky[];
  readonly inverses: readonly Float64Array[];
  /** log E[w_k] and the terms of log t that no row changes. */
  readonly constants: Float64Array;
}

/** The predictive mixture of a posterior: `parameters` hold E[w_k], m_k and E_k; `undefined` where some E_k is no covariance. */
export function predictive(
  parameters: MixtureParameters,
  meanPrecisions: Float64Array,
  degreesOfFreedom: Float64Array,
  type: CovarianceType,
): StudentMixture | undefined {
  const { components, dimension: d, weights } = parameters;
  const byAxis = isDiagonal(type) && !isSpherical(type);
  const degrees = degreesOfFreedom.map((nu) => (isDiagonal(type) ? nu : nu - d + 1));
  const factors: Cholesky[] = [];
  const constants = new Float64Array(components);
  for (let k = 0; k < components; k++) {
    const nu = degrees[k];
    const widening = (1 + 1 / meanPrecisions[k]) * (degreesOfFreedom[k] / nu);
    const factor = cholesky(
      covarianceOf(parameters, k).map((entry) => widening * entry),
      d,
    );
    if (!factor) return undefined;
    factors.push(factor);
    const [axes, width] = byAxis ? [d, 1] : [1, d];
    const normalizer = logGammaRise(0.5 * nu, 0.5 * width) - 0.5 * width * (Math.log(nu) + LOG_PI);
    constants[k] = Math.log(weights[k]) + axes * normalizer - 0.5 * factor.logDeterminant;
  }
  const inverses = factors.map(({ lower }) => invertLower(lower, d));
  return { parameters, byAxis, degreesOfFreedom: degrees, factors, inverses, constants };
}

/** From here on the series' next term, of the order (h / a)^2 h, is below rounding. */
const SERIES_FROM = 1e8;

/** log Gamma(a + h) - log Gamma(a) = h log a + h (h - 1) / (2 a) + ..., which cancels for large a. */
function logGammaRise(a: number, h: number): number {
  if (a < SERIES_FROM) return logGamma(a + h) - logGamma(a);
  return h * Math.log(a) + (h * (h - 1)) / (2 * a);
}

/** Writes log E[w_k] t_k(x) of row i to `out`. Cost: O(K d^2). */
export function logTerms(mixture: StudentMixture, rows: Samples, i: number, out: Float64Array): void {
  const { parameters, byAxis, degreesOfFreedom, inverses, constants } = mixture;
  const { components, dimension: d, means } = parameters;
  for (let k = 0; k < components; k++) {
    const nu = degreesOfFreedom[k];
    const inverse = inverses[k];
    let squares = 0;
    let logs = 0;
    for (let row = 0; row < d; row++) {
      let y = 0;
      for (let j = byAxis ? row : 0; j <= row; j++) {
        y += inverse[row * d + j] * (rows.data[i * d + j] - means[k * d + j]);
      }
      if (byAxis) logs += Math.log1p((y * y) / nu);
      else squares += y * y;
    }
    const tail = byAxis ? 0.5 * (nu + 1) * logs : 0.5 * (nu + d) * Math.log1p(squares / nu);
    // Infinity - Infinity, where differences overflow.
    out[k] = Number.isNaN(tail) ? Number.NEGATIVE_INFINITY : constants[k] - tail;
  }
}

/** Draws one row of component k: m_k + L_k z, divided by the root of chi^2 / nu, on each axis its own or one for all. */
export function drawStudent(
  mixture: StudentMixture,
  k: number,
  normals: RandomStream,
  gammas: RandomStream,
  out: Float64Array,
): void {
  const { parameters, byAxis, degreesOfFreedom, factors } = mixture;
  const { dimension: d, means } = parameters;
  const nu = degreesOfFreedom[k];
  const stretch = (): number => Math.exp(0.5 * (Math.log(0.5 * nu) - gammas.logGamma(0.5 * nu)));
  const common = byAxis ? 1 : stretch();
  const z = Float64Array.from({ length: d }, () => normals.normal() * (byAxis ? stretch() : common));
  for (let row = 0; row < d; row++) {
    let x = means[k * d + row];
    for (let j = 0; j <= row; j++) x += factors[k].lower[row * d + j] * z[j];
    out[row] = x;
  }
}
