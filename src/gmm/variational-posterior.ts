/**
 * The variational distribution of means and covariances, one normal and inverse Wishart for each component:
 *
 *     q(mu_k | Sigma_k) = N(m_k, Sigma_k / kappa_k),    q(Sigma_k) = inverse Wishart(nu_k, S_k)
 *
 * After an E-step with statistics about m_k,
 *
 *     kappa_k = kappa + mass_k,   nu_k = nu + mass_k,   m_k = (kappa m + sum_i r_ik x_i) / kappa_k,
 *     S_k     = Lambda + sum_i r_ik (x_i - m_k)(x_i - m_k)^T + kappa (m_k - m)(m_k - m)^T
 *
 * with shared sums for tied types. Diagonal covariances have one gamma precision for each axis, with shape nu_k / 2 and rate
 * S_k,jj / 2; spherical ones one in all, whose nu_k grows by d for each row. What the next E-step needs is
 *
 *     log rho_ik = E[log w_k] + 1/2 E[log |Sigma_k^-1|] - d/2 log(2 pi) - d / (2 kappa_k)
 *                  - nu_k / 2 (x_i - m_k)^T S_k^-1 (x_i - m_k)
 *
 * and the evidence lower bound, at the responsibilities r_ik = rho_ik / sum_j rho_ij, is
 *
 *     sum_i log sum_k rho_ik - KL(q(w) || p(w)) - sum_k KL(q(mu_k, Sigma_k) || p(mu_k, Sigma_k)).
 *
 * Reference: Bishop (2006), *Pattern Recognition and Machine Learning*, section 10.2.
 *
 * @module
 */
import { digamma } from '../core/digamma.js';
import { type Cholesky, cholesky, invertLower } from '../core/linalg.js';
import { logGamma } from '../core/special-functions.js';
import type { ConjugatePrior } from './conjugate-prior.js';
import { type CovarianceType, constrain, isDiagonal, isSpherical, isTied } from './covariance-type.js';
import { formOf, type WhitenedMixture, whitenAs } from './log-joint.js';
import { addPull, productsAbout } from './maximization.js';
import { covarianceOf, emptyParameters, factorize, type MixtureParameters, meanOf } from './parameters.js';
import type { Statistics } from './statistics.js';
import type { WeightPosterior } from './stick-breaking.js';

/** The distribution of means and covariances of K components. */
export interface Posterior {
  /** Expected numbers of rows, K. */
  readonly mass: Float64Array;
  /** m_k as means, S_k / nu_k as covariances, which are E[Sigma_k^-1]^-1; weights of 1. */
  readonly parameters: MixtureParameters;
  /** kappa_k. */
  readonly meanPrecisions: Float64Array;
  /** nu_k. */
  readonly degreesOfFreedom: Float64Array;
}

/** The distribution after an E-step whose statistics were taken about `centres`. */
export function updatePosterior(
  statistics: Statistics,
  centres: MixtureParameters,
  prior: ConjugatePrior,
  type: CovarianceType,
): Posterior {
  const { components, dimension: d, mass } = statistics;
  const parameters = emptyParameters(components, d);
  parameters.weights.fill(1);
  const meanPrecisions = mass.map((rows) => prior.meanPrecision + rows);
  for (let k = 0; k < components; k++) {
    const [old, mean] = [meanOf(centres, k), meanOf(parameters, k)];
    for (let j = 0; j < d; j++) {
      const pull = prior.meanPrecision * (prior.mean[j] - old[j]);
      mean[j] = old[j] + (statistics.shift[k * d + j] + pull) / meanPrecisions[k];
    }
    const sums = covarianceOf(parameters, k);
    productsAbout(statistics, k, old, mean, sums);
    addPull(prior, mean, sums);
  }
  const rows = isTied(type) ? new Float64Array(components).fill(sum(mass)) : mass;
  if (isTied(type)) pool(parameters);
  const perRow = isSpherical(type) ? d : 1;
  const degreesOfFreedom = rows.map((count) => prior.degreesOfFreedom + perRow * count);
  for (let k = 0; k < components; k++) {
    const sums = covarianceOf(parameters, k);
    constrain(type, sums, d);
    // The prior of spherical types holds Lambda / d, as `constrain` gives the mean of the diagonal.
    for (let i = 0; i < d * d; i++) sums[i] = (perRow * (sums[i] + prior.scale[i])) / degreesOfFreedom[k];
  }
  return { mass, parameters, meanPrecisions, degreesOfFreedom };
}

/** Replaces all matrices by their sum. */
function pool(parameters: MixtureParameters): void {
  const { components } = parameters;
  const shared = covarianceOf(parameters, 0).slice();
  for (let k = 1; k < components; k++) {
    const own = covarianceOf(parameters, k);
    for (let i = 0; i < own.length; i++) shared[i] += own[i];
  }
  for (let k = 0; k < components; k++) covarianceOf(parameters, k).set(shared);
}

/** What the E-step and the bound need of a posterior. */
export interface Expectations {
  /** Its densities are rho. */
  readonly mixture: WhitenedMixture;
  /** sum_k KL(q(mu_k, Sigma_k) || p(mu_k, Sigma_k)). */
  readonly divergence: number;
}

/** Cost: O(K d^3). */
export function expectations(
  posterior: Posterior,
  weights: WeightPosterior,
  prior: ConjugatePrior,
  type: CovarianceType,
): Expectations {
  const { degreesOfFreedom, meanPrecisions, parameters } = posterior;
  const { components, dimension: d } = parameters;
  const factors = factorize(parameters, type) as Cholesky[];
  const mixture = whitenAs(formOf(type, d), parameters, factors);
  const priorFactor = cholesky(scaleOf(prior, type, d), d) as Cholesky;
  let divergence = 0;
  for (let k = 0; k < components; k++) {
    const nu = degreesOfFreedom[k];
    // whitenAs has -1/2 log |S / nu| in its constants.
    mixture.constants[k] += weights.expectedLogs[k] + 0.5 * (logBias(type, nu, d) - d / meanPrecisions[k]);
    const inverse = invertLower(factors[k].lower, d);
    divergence += meanDivergence(prior, meanOf(parameters, k), meanPrecisions[k], inverse);
    if (k === 0 || !isTied(type)) {
      divergence += scaleDivergence(type, d, nu, factors[k], inverse, prior.degreesOfFreedom, priorFactor);
    }
  }
  return { mixture, divergence };
}

/** The prior's Lambda; spherical types keep a d-th of it. */
function scaleOf({ scale }: ConjugatePrior, type: CovarianceType, d: number): Float64Array {
  return isSpherical(type) ? scale.map((entry) => d * entry) : scale;
}

/** E[log |Sigma^-1|] + log |S / nu|. */
function logBias(type: CovarianceType, nu: number, d: number): number {
  if (isDiagonal(type)) return d * (digamma(0.5 * nu) - Math.log(0.5 * nu));
  return digammaSum(nu, d) - d * Math.log(0.5 * nu);
}

/** sum_i psi((nu + 1 - i) / 2), i = 1 ... d. */
function digammaSum(nu: number, d: number): number {
  let total = 0;
  for (let i = 0; i < d; i++) total += digamma(0.5 * (nu - i));
  return total;
}

/** E KL(N(m_k, Sigma / kappa_k) || N(m, Sigma / kappa)) over Sigma, with A^T A = E[Sigma^-1]. */
function meanDivergence(
  prior: ConjugatePrior,
  mean: Float64Array,
  meanPrecision: number,
  inverse: Float64Array,
): number {
  const d = mean.length;
  const ratio = prior.meanPrecision / meanPrecision;
  let squares = 0;
  for (let i = 0; i < d; i++) {
    let y = 0;
    for (let j = 0; j <= i; j++) y += inverse[i * d + j] * (mean[j] - prior.mean[j]);
    squares += y * y;
  }
  return 0.5 * (d * (ratio - 1 - Math.log(ratio)) + prior.meanPrecision * squares);
}

/**
 * KL(Wishart(nu, S^-1) || Wishart(nu_0, Lambda^-1)), for the precision matrix, each axis, or the one precision.
 *
 *     = (nu - nu_0) / 2 sum_i psi((nu + 1 - i) / 2) + nu_0 / 2 (log |S| - log |Lambda|) + nu / 2 tr(Lambda S^-1) - nu d / 2
 *       + log Gamma_d(nu_0 / 2) - log Gamma_d(nu / 2)
 *
 * @param factor - Of S / nu; `inverse` is that factor's.
 */
function scaleDivergence(
  type: CovarianceType,
  d: number,
  nu: number,
  factor: Cholesky,
  inverse: Float64Array,
  nu0: number,
  prior: Cholesky,
): number {
  // Axes of spherical types are all alike: one d-th of them is the one.
  const share = isSpherical(type) ? 1 / d : 1;
  const logRatio = share * (factor.logDeterminant + d * Math.log(nu) - prior.logDeterminant);
  const trace = share * traceOfRatio(prior.lower, inverse, d);
  const gammas = isDiagonal(type)
    ? share * d * (0.5 * (nu - nu0) * digamma(0.5 * nu) + logGamma(0.5 * nu0) - logGamma(0.5 * nu))
    : 0.5 * (nu - nu0) * digammaSum(nu, d) + logGammaSum(nu0, d) - logGammaSum(nu, d);
  return gammas + 0.5 * (nu0 * logRatio + trace - nu * share * d);
}

/** log Gamma_d(nu / 2), but for a constant. */
function logGammaSum(nu: number, d: number): number {
  let total = 0;
  for (let i = 0; i < d; i++) total += logGamma(0.5 * (nu - i));
  return total;
}

/** tr(Lambda (S / nu)^-1) = |A L|^2 over all entries, with Lambda = L L^T. */
function traceOfRatio(lower: Float64Array, inverse: Float64Array, d: number): number {
  let squares = 0;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let entry = 0;
      for (let k = j; k <= i; k++) entry += inverse[i * d + k] * lower[k * d + j];
      squares += entry * entry;
    }
  }
  return squares;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
