/**
 * Variational inference from one start to its end, in standardised units.
 *
 * Each iteration is an update of the posterior on the statistics at hand, then an E-step with the new one: the evidence
 * lower bound that an E-step finds belongs to the posterior that it was taken with, and never falls.
 *
 * @module
 */

import type { Cholesky } from '../core/linalg.js';
import type { Pacer } from '../core/progress.js';
import type { ConjugatePrior } from './conjugate-prior.js';
import { hasConverged } from './convergence.js';
import type { CovarianceType } from './covariance-type.js';
import { expectation, type WeightedRows } from './expectation.js';
import { formOf, whitenAs } from './log-joint.js';
import { factorize, type MixtureParameters } from './parameters.js';
import type { Statistics } from './statistics.js';
import { type WeightPosterior, type WeightPrior, weightPosterior } from './stick-breaking.js';
import { expectations, type Posterior, updatePosterior } from './variational-posterior.js';

/** What a run is told. */
export interface InferenceSettings {
  readonly covariance: CovarianceType;
  readonly prior: ConjugatePrior;
  readonly weightPrior: WeightPrior;
  readonly weightConcentration: number;
  /** What the run is called in progress reports. */
  readonly phase: string;
  readonly maxIterations: number;
  readonly tolerance: number;
  /** What bounds are lower by in the data's units than in standardised ones. */
  readonly logVolume: number;
}

/** How a run ended. */
export interface Inference {
  readonly posterior: Posterior;
  readonly weights: WeightPosterior;
  /** The evidence lower bound per row: after the first update, then after each iteration. */
  readonly history: readonly number[];
  readonly converged: boolean;
  readonly iterations: number;
}

/** Runs inference from the responsibilities of a plain mixture. */
export async function infer(
  rows: WeightedRows,
  start: MixtureParameters,
  settings: InferenceSettings,
  pacer: Pacer,
): Promise<Inference> {
  const { covariance, prior, maxIterations, tolerance, phase, logVolume } = settings;
  const factors = factorize(start, covariance) as Cholesky[];
  const mixture = whitenAs(formOf(covariance, rows.columns), start, factors);
  let point = await step(await expectation(rows, mixture, pacer), start);
  const history = [point.bound];
  let converged = false;
  while (!converged && history.length <= maxIterations) {
    point = await step(point.statistics, point.posterior.parameters);
    history.push(point.bound);
    converged = hasConverged(history, history.length - 1, tolerance);
    const completed = history.length - 1;
    await pacer.step({ phase, completed, total: maxIterations, objective: point.bound - logVolume });
  }
  const { posterior, weights } = point;
  return { posterior, weights, history, converged, iterations: history.length - 1 };

  /** Updates the posterior on statistics about `centres`, and takes the E-step with it. */
  async function step(statistics: Statistics, centres: MixtureParameters) {
    const posterior = updatePosterior(statistics, centres, prior, covariance);
    const weights = weightPosterior(settings.weightPrior, settings.weightConcentration, statistics.mass);
    const { mixture: expected, divergence } = expectations(posterior, weights, prior, covariance);
    const next = await expectation(rows, expected, pacer);
    const bound = (next.logDensity - weights.divergence - divergence) / rows.total;
    return { posterior, weights, statistics: next, bound };
  }
}
