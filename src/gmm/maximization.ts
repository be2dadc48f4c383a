/**
 * The M-step of EM: the parameters that maximise the expected log-likelihood, from the E-step's statistics.
 *
 *     w_k     = mass_k / sum_j mass_j                              (or 1 / K)
 *     delta_k = shift_k / mass_k
 *     mu_k    = mu_k,old + delta_k
 *     Sigma_k = scatter_k / mass_k - delta_k delta_k^T + ridge I   (then constrained to the covariance type)
 *
 * The tied matrix is the mean of the components' by mass. delta vanishes as EM converges, so that the correction by
 * delta delta^T cancels nothing in the result.
 *
 * Reference: McLachlan & Peel (2000), *Finite Mixture Models*, section 3.2.
 *
 * @module
 */
import { type CovarianceType, constrain, isTied } from './covariance-type.js';
import { covarianceOf, emptyParameters, type MixtureParameters, meanOf } from './parameters.js';
import type { Statistics } from './statistics.js';

/** What the M-step holds to beside the data. */
export interface MaximizationRules {
  readonly covariance: CovarianceType;
  /** Keeps all weights at 1 / K. */
  readonly equalWeights: boolean;
  /** Added to every variance. */
  readonly ridge: number;
}

/** Less of all mass than this is none: no row is left to speak for the component. */
const LEAST_SHARE = 1e-14;

/** Whether component k has lost all its rows. */
export function isEmpty({ mass }: Statistics, k: number): boolean {
  return !(mass[k] > LEAST_SHARE * sum(mass));
}

/**
 * One M-step. Empty components ({@link isEmpty}) keep mean and covariance of `before`.
 *
 * @param before - The parameters that the statistics were taken with.
 */
export function maximize(
  statistics: Statistics,
  before: MixtureParameters,
  rules: MaximizationRules,
): MixtureParameters {
  const { components, dimension: d, mass } = statistics;
  const after = emptyParameters(components, d);
  const total = sum(mass);
  for (let k = 0; k < components; k++) {
    after.weights[k] = rules.equalWeights ? 1 / components : mass[k] / total;
    if (isEmpty(statistics, k)) {
      meanOf(after, k).set(meanOf(before, k));
      covarianceOf(after, k).set(covarianceOf(before, k));
      continue;
    }
    const mean = meanOf(after, k);
    for (let j = 0; j < d; j++) mean[j] = before.means[k * d + j] + statistics.shift[k * d + j] / mass[k];
    centredCovariance(statistics, k, covarianceOf(after, k));
  }
  if (isTied(rules.covariance)) tie(after, statistics);
  finishCovariances(after, statistics, rules);
  return after;
}

/** Writes scatter_k / mass_k - delta_k delta_k^T. */
export function centredCovariance(statistics: Statistics, k: number, out: Float64Array): void {
  const { dimension: d, diagonal, mass, shift, scatter } = statistics;
  let next = k * (diagonal ? d : (d * (d + 1)) / 2);
  for (let i = 0; i < d; i++) {
    for (let j = diagonal ? i : 0; j <= i; j++) {
      const product = (shift[k * d + i] / mass[k]) * (shift[k * d + j] / mass[k]);
      const entry = scatter[next++] / mass[k] - product;
      out[i * d + j] = entry;
      out[j * d + i] = entry;
    }
  }
}

/** Replaces all covariances by their mean by mass. */
function tie(parameters: MixtureParameters, statistics: Statistics): void {
  const { components, dimension: d } = parameters;
  const shared = new Float64Array(d * d);
  let total = 0;
  for (let k = 0; k < components; k++) {
    if (isEmpty(statistics, k)) continue;
    const covariance = covarianceOf(parameters, k);
    for (let i = 0; i < d * d; i++) shared[i] += statistics.mass[k] * covariance[i];
    total += statistics.mass[k];
  }
  for (let i = 0; i < d * d; i++) shared[i] /= total;
  for (let k = 0; k < components; k++) covarianceOf(parameters, k).set(shared);
}

function finishCovariances(parameters: MixtureParameters, statistics: Statistics, rules: MaximizationRules): void {
  const { components, dimension: d } = parameters;
  for (let k = 0; k < components; k++) {
    // What an empty component keeps of its own has had its ridge.
    if (isEmpty(statistics, k) && !isTied(rules.covariance)) continue;
    const covariance = covarianceOf(parameters, k);
    constrain(rules.covariance, covariance, d);
    for (let i = 0; i < d; i++) covariance[i * d + i] += rules.ridge;
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
