/**
 * The M-step of EM: the parameters that maximise the expected log-likelihood, or log-posterior where there is a prior, from
 * the E-step's statistics.
 *
 *     w_k     = mass_k / sum_j mass_j                              (or 1 / K)
 *     delta_k = shift_k / mass_k
 *     mu_k    = mu_k,old + delta_k
 *     S_k     = scatter_k - mass_k delta_k delta_k^T
 *     Sigma_k = S_k / mass_k + ridge I                             (constrained to the covariance type)
 *
 * and with the prior of conjugate-prior.ts, whose scale holds the ridge,
 *
 *     w_k     = (mass_k + a - 1) / sum_j (mass_j + a - 1)
 *     mu_k    = (kappa m + mass_k mu_k,old + shift_k) / (kappa + mass_k)
 *     Sigma_k = (Lambda + S_k + kappa (mu_k - m)(mu_k - m)^T) / (s + mass_k)
 *
 * A shared matrix has the sums of numerators and of masses over all components. delta vanishes as EM converges, so that the
 * correction by delta delta^T cancels nothing in the result. Parts that are frozen stay, and S_k is taken about the mean
 * that stays.
 *
 * Reference: McLachlan & Peel (2000), *Finite Mixture Models*, section 3.2; Fraley & Raftery (2007),
 * doi:10.1007/s00357-007-0004-5.
 *
 * @module
 */
import { type ConjugatePrior, meansPerMatrix } from './conjugate-prior.js';
import { type CovarianceType, constrain, isDiagonal, isTied } from './covariance-type.js';
import { covarianceOf, emptyParameters, type MixtureParameters, meanOf } from './parameters.js';
import type { Statistics } from './statistics.js';

/** Which parts of a mixture stay as they are. */
export interface Frozen {
  readonly weights: boolean;
  readonly means: boolean;
  readonly covariances: boolean;
}

/** Nothing stays. */
export const NOTHING_FROZEN: Frozen = { weights: false, means: false, covariances: false };

/** What the M-step holds to beside the data. */
export interface MaximizationRules {
  readonly covariance: CovarianceType;
  /** Keeps all weights at 1 / K. */
  readonly equalWeights: boolean;
  /** Added to every variance, unless there is a prior. */
  readonly ridge: number;
  readonly prior?: ConjugatePrior | undefined;
  readonly frozen: Frozen;
}

/** Less of all mass than this is none: no row is left to speak for the component. */
const LEAST_SHARE = 1e-14;

/** Whether component k has lost all its rows. */
export function isEmpty({ mass }: Statistics, k: number): boolean {
  return !(mass[k] > LEAST_SHARE * sum(mass));
}

/**
 * One M-step. Without a prior, empty components ({@link isEmpty}) keep mean and covariance of `before`.
 *
 * @param before - The parameters that the statistics were taken with.
 * @param covariances - Where covariances go, if not into a new array; see {@link emptyParameters}.
 */
export function maximize(
  statistics: Statistics,
  before: MixtureParameters,
  rules: MaximizationRules,
  covariances?: Float64Array,
): MixtureParameters {
  const { components, dimension: d } = statistics;
  const after = emptyParameters(components, d, covariances);
  setWeights(after, before, statistics, rules);
  for (let k = 0; k < components; k++) setMean(after, before, statistics, k, rules);
  if (rules.frozen.covariances) after.covariances.set(before.covariances);
  else setCovariances(after, before, statistics, rules);
  return after;
}

function setWeights(
  { weights }: MixtureParameters,
  before: MixtureParameters,
  { components, mass }: Statistics,
  { equalWeights, frozen, prior }: MaximizationRules,
): void {
  if (frozen.weights) {
    weights.set(before.weights);
    return;
  }
  const pseudo = prior ? prior.weightConcentration - 1 : 0;
  const total = sum(mass) + components * pseudo;
  for (let k = 0; k < components; k++) weights[k] = equalWeights ? 1 / components : (mass[k] + pseudo) / total;
}

function setMean(
  after: MixtureParameters,
  before: MixtureParameters,
  statistics: Statistics,
  k: number,
  { frozen, prior }: MaximizationRules,
): void {
  const d = after.dimension;
  const mean = meanOf(after, k);
  const old = meanOf(before, k);
  mean.set(old);
  if (frozen.means || (!prior && isEmpty(statistics, k))) return;
  const rows = statistics.mass[k] + (prior ? prior.meanPrecision : 0);
  for (let j = 0; j < d; j++) {
    const pull = prior ? prior.meanPrecision * (prior.mean[j] - old[j]) : 0;
    mean[j] = old[j] + (statistics.shift[k * d + j] + pull) / rows;
  }
}

function setCovariances(
  after: MixtureParameters,
  before: MixtureParameters,
  statistics: Statistics,
  rules: MaximizationRules,
): void {
  const { components, dimension: d, mass } = statistics;
  const { covariance: type, prior } = rules;
  const pseudoRows = prior ? prior.pseudoRows + meansPerMatrix(type, components) : 0;
  const shared = isTied(type) ? new Float64Array(d * d) : undefined;
  // The pull of a prior fills matrices.
  const isClear = statistics.diagonal && !prior;
  let rows = 0;
  for (let k = 0; k < components; k++) {
    const own = covarianceOf(after, k);
    if (!prior && isEmpty(statistics, k)) {
      // What it keeps of its own has had its ridge.
      own.set(covarianceOf(before, k));
      continue;
    }
    productsAbout(statistics, k, meanOf(before, k), meanOf(after, k), own);
    if (prior) addPull(prior, meanOf(after, k), own);
    rows += mass[k];
    if (shared) for (let i = 0; i < d * d; i++) shared[i] += own[i];
    else finish(own, d, mass[k] + pseudoRows, rules, isClear);
  }
  if (!shared) return;
  if (statistics.pooled) addTriangle(statistics, shared);
  finish(shared, d, rows + pseudoRows, rules, isClear);
  for (let k = 0; k < components; k++) covarianceOf(after, k).set(shared);
}

/**
 * Writes sum_i w_i r_ik (x_i - mean)(x_i - mean)^T, from sums about the old mean; where scatters are pooled, what this
 * component adds to their sum.
 *
 *     = scatter - shift delta^T - delta shift^T + mass delta delta^T,    delta = mean - old
 */
export function productsAbout(
  statistics: Statistics,
  k: number,
  old: Float64Array,
  mean: Float64Array,
  out: Float64Array,
): void {
  const { dimension: d, diagonal, mass, pooled, shift, scatter } = statistics;
  let next = k * (diagonal ? d : (d * (d + 1)) / 2);
  for (let i = 0; i < d; i++) {
    const di = mean[i] - old[i];
    for (let j = diagonal ? i : 0; j <= i; j++) {
      const dj = mean[j] - old[j];
      const entry = (pooled ? 0 : scatter[next++]) - shift[k * d + i] * dj - di * shift[k * d + j] + mass[k] * di * dj;
      out[i * d + j] = entry;
      out[j * d + i] = entry;
    }
  }
}

/** Adds the sum of all scatters to a matrix. */
function addTriangle({ dimension: d, diagonal, scatter }: Statistics, out: Float64Array): void {
  let next = 0;
  for (let i = 0; i < d; i++) {
    for (let j = diagonal ? i : 0; j <= i; j++, next++) {
      out[i * d + j] += scatter[next];
      if (j < i) out[j * d + i] += scatter[next];
    }
  }
}

/** Adds kappa (mu_k - m)(mu_k - m)^T. */
export function addPull({ mean: centre, meanPrecision }: ConjugatePrior, mean: Float64Array, out: Float64Array): void {
  const d = mean.length;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) out[i * d + j] += meanPrecision * (mean[i] - centre[i]) * (mean[j] - centre[j]);
  }
}

/**
 * From sums of products to a covariance: the prior's scale, the type, the number of rows, and the ridge.
 *
 * @param isClear - Whether there is nothing beside the diagonal as it is.
 */
function finish(
  sums: Float64Array,
  d: number,
  rows: number,
  { covariance, prior, ridge }: MaximizationRules,
  isClear: boolean,
): void {
  constrain(covariance, sums, d, isClear);
  // Off a diagonal matrix's diagonal there is nothing to divide.
  const step = isDiagonal(covariance) ? d + 1 : 1;
  for (let i = 0; i < d * d; i += step) sums[i] = (sums[i] + (prior ? prior.scale[i] : 0)) / rows;
  if (!prior) for (let i = 0; i < d * d; i += d + 1) sums[i] += ridge;
}

/** Writes scatter_k / mass_k - delta_k delta_k^T, the covariance of component k's rows. */
export function centredCovariance(statistics: Statistics, k: number, out: Float64Array): void {
  const { dimension: d, mass, shift } = statistics;
  const old = new Float64Array(d);
  const mean = Float64Array.from({ length: d }, (_, j) => shift[k * d + j] / mass[k]);
  productsAbout(statistics, k, old, mean, out);
  for (let i = 0; i < d * d; i++) out[i] /= mass[k];
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
