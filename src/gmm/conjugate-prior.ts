/**
 * The conjugate prior of a mixture: Dirichlet weights, and means and covariances that are normal and inverse Wishart.
 *
 *     w ~ Dirichlet(a, ..., a),   mu_k | Sigma_k ~ N(m, Sigma_k / kappa),   Sigma_k ~ inverse Wishart(nu, Lambda)
 *
 * Diagonal covariances have independent inverse gamma variances with shape nu / 2 and scale Lambda_jj / 2; spherical ones a
 * single one. Its logarithm, less that at its own mode, is for all types
 *
 *     -1/2 sum_Sigma [ s (log |Sigma| - log |Lambda / s|) + tr(Lambda Sigma^-1) - s d ]
 *     -kappa / 2 sum_k (mu_k - m)^T Sigma_k^-1 (mu_k - m)  +  (a - 1) sum_k log(K w_k)
 *
 * with one term for each different matrix, which s pseudo-rows speak for: nu + d + 1 and one for each mean that shares
 * the matrix; nu + 2 in place of nu + d + 1 for diagonal matrices; for spherical ones (nu + 2) / d, and Lambda / d for
 * Lambda. Measured from its mode the prior has no units.
 *
 * Reference: Fraley & Raftery (2007), doi:10.1007/s00357-007-0004-5, section 3 and table 3.
 *
 * @module
 */
import { type Cholesky, invertLower } from '../core/linalg.js';
import { type CovarianceType, constrain, isDiagonal, isSpherical, isTied } from './covariance-type.js';
import type { MixtureParameters } from './parameters.js';
import type { PriorOptions } from './prior-options.js';
import type { Standardization } from './standardization.js';

/** A prior in standardised units, for one type of covariance. */
export interface ConjugatePrior {
  /** a, from 1 on. */
  readonly weightConcentration: number;
  /** m. */
  readonly mean: Float64Array;
  /** kappa: how many rows the prior mean counts for. */
  readonly meanPrecision: number;
  /** Lambda, d x d, of the type's shape; Lambda / d for spherical types. */
  readonly scale: Float64Array;
  /** nu. */
  readonly degreesOfFreedom: number;
  /** s without the rows of the means. */
  readonly pseudoRows: number;
}

/** Defaults of mclust: a flat prior on weights, and one on means that counts for a hundredth of a row. */
export const DEFAULT_WEIGHT_CONCENTRATION = 1;
export const DEFAULT_MEAN_PRECISION = 0.01;

/**
 * The prior for standardised rows. What the options leave open is taken from the rows: m is their mean, nu = d + 2, and
 * Lambda their covariance by K^(2/d), the share of their volume that each of K components would have.
 *
 * @param components - K; 1 where it is only an upper bound.
 * @param overall - The rows' covariance in standardised units; a ridge is added to it, so that collinear columns do not
 * make it singular.
 */
export function makePrior(
  options: PriorOptions,
  type: CovarianceType,
  components: number,
  overall: Float64Array,
  ridge: number,
  map: Standardization,
): ConjugatePrior {
  const d = map.centres.length;
  const degreesOfFreedom = options.degreesOfFreedom ?? d + 2;
  const scale = options.scale
    ? Float64Array.from({ length: d * d }, (_, at) => {
        const [i, j] = [Math.floor(at / d), at % d];
        return (options.scale as readonly (readonly number[])[])[i][j] / map.scales[i] / map.scales[j];
      })
    : overall.map((entry, at) => (entry + (at % (d + 1) === 0 ? ridge : 0)) / components ** (2 / d));
  constrain(type, scale, d);
  if (isSpherical(type)) for (let i = 0; i < d; i++) scale[i * d + i] /= d;
  return {
    weightConcentration: options.weightConcentration ?? DEFAULT_WEIGHT_CONCENTRATION,
    mean: Float64Array.from({ length: d }, (_, j) =>
      options.mean ? (options.mean[j] - map.centres[j]) / map.scales[j] : 0,
    ),
    meanPrecision: options.meanPrecision ?? DEFAULT_MEAN_PRECISION,
    scale,
    degreesOfFreedom,
    pseudoRows: pseudoRows(type, degreesOfFreedom, d),
  };
}

function pseudoRows(type: CovarianceType, degreesOfFreedom: number, d: number): number {
  if (isSpherical(type)) return (degreesOfFreedom + 2) / d;
  return isDiagonal(type) ? degreesOfFreedom + 2 : degreesOfFreedom + d + 1;
}

/** How many means share each matrix. */
export function meansPerMatrix(type: CovarianceType, components: number): number {
  return isTied(type) ? components : 1;
}

/** The prior's logarithm at these parameters, less that at its mode; see above. Cost: O(K d^3). */
export function logPrior(
  prior: ConjugatePrior,
  parameters: MixtureParameters,
  factors: readonly Cholesky[],
  type: CovarianceType,
  scaleLogDeterminant: number,
): number {
  const { components, dimension: d, weights, means } = parameters;
  const s = prior.pseudoRows + meansPerMatrix(type, components);
  let sum = 0;
  let inverse = new Float64Array(0);
  for (let k = 0; k < components; k++) {
    if (k === 0 || factors[k] !== factors[k - 1]) {
      inverse = invertLower(factors[k].lower, d) as Float64Array<ArrayBuffer>;
      const logRatio = factors[k].logDeterminant - scaleLogDeterminant + d * Math.log(s);
      sum -= 0.5 * (s * logRatio + traceOfProduct(prior.scale, inverse, d) - s * d);
    }
    sum -= 0.5 * prior.meanPrecision * squaredDistance(means, k * d, prior.mean, inverse, d);
    if (prior.weightConcentration !== 1) {
      sum += (prior.weightConcentration - 1) * Math.log(components * weights[k]);
    }
  }
  return sum;
}

/** tr(Lambda A^T A) = sum_i a_i^T Lambda a_i over the rows of A = L^-1. */
function traceOfProduct(scale: Float64Array, inverse: Float64Array, d: number): number {
  let trace = 0;
  for (let i = 0; i < d; i++) {
    for (let a = 0; a <= i; a++) {
      let sum = 0;
      for (let b = 0; b <= i; b++) sum += scale[a * d + b] * inverse[i * d + b];
      trace += inverse[i * d + a] * sum;
    }
  }
  return trace;
}

/** |A (mu - m)|^2. */
function squaredDistance(
  means: Float64Array,
  start: number,
  centre: Float64Array,
  inverse: Float64Array,
  d: number,
): number {
  let squares = 0;
  for (let i = 0; i < d; i++) {
    let y = 0;
    for (let j = 0; j <= i; j++) y += inverse[i * d + j] * (means[start + j] - centre[j]);
    squares += y * y;
  }
  return squares;
}
