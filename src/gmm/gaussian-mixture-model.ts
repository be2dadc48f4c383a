/**
 * The fitted Gaussian mixture.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { GenerativeModel } from '../core/estimator.js';
import { type ModelJson, type ModelState, stateFromJson, stateToJson } from '../core/model-state.js';
import type { SamplesLike } from '../core/samples.js';
import { type CovarianceType, covarianceParameters, isDiagonal } from './covariance-type.js';
import { type MixtureDescription, readDescription } from './description.js';
import { logDensities } from './evaluation.js';
import { GaussianMixtureDistribution, type MixtureParts, partsOf, readRows } from './gaussian-mixture-distribution.js';
import { whiten } from './log-joint.js';
import { factorize, type MixtureParameters } from './parameters.js';
import { type FitReport, fromState, type MixturePart, type Objective, toState } from './state.js';

/**
 * A mixture of K Gaussians over d columns.
 *
 *     p(x) = sum_k w_k N(x; mu_k, Sigma_k)
 *
 * Immutable: `weights`, `means` and `covariances` hand out copies.
 *
 * @example
 * const model = GaussianMixtureModel.fromParameters({
 *   weights: [0.5, 0.5],
 *   means: [[-1], [1]],
 *   covariances: [[[1]], [[1]]],
 * });
 * model.logDensity([[0]]); // Float64Array [ -1.4189385332046727 ]
 * model.responsibilities([[0]]).toArray(); // [ [ 0.5, 0.5 ] ]
 */
export class GaussianMixtureModel extends GaussianMixtureDistribution implements GenerativeModel {
  /** The constraint that the covariances follow. */
  readonly covariance: CovarianceType;
  /** Whether the weights were held at 1 / K. */
  readonly equalWeights: boolean;
  /** Whether EM converged; true for a mixture built from parameters. */
  readonly converged: boolean;
  /** EM iterations of the start that was kept. */
  readonly iterations: number;
  /**
   * The {@link objective} in nats per row: of the initialisation, then after each iteration. The last belongs to the
   * parameters of this model. Empty for a mixture built from parameters.
   */
  readonly history: readonly number[];
  /**
   * What the fit maximised and {@link history} holds: the mean log-density per row, or with a prior that and, per row,
   * the prior's log-density less that at its mode, which is never above 0.
   */
  readonly objective: Objective;
  /** The parts that the fit left as they were given. */
  readonly frozen: readonly MixturePart[];
  /** How many rows, or what total of their weights, the mixture was fitted to; 0 for one built from parameters. */
  readonly rows: number;
  /** What went other than it should in the fit, in words: not converged, components that collapsed. */
  readonly warnings: readonly string[];
  /** Components that only `regularization` kept from collapsing, ascending; {@link warnings} say what to do. */
  readonly collapsed: readonly number[];

  private constructor(parameters: MixtureParameters, report: FitReport) {
    super(prepare(parameters, report.covariance), report.missing);
    this.covariance = report.covariance;
    this.equalWeights = report.equalWeights;
    this.converged = report.converged;
    this.iterations = report.iterations;
    this.history = Object.freeze([...report.history]);
    this.objective = report.objective;
    this.frozen = Object.freeze([...report.frozen]);
    this.rows = report.rows;
    this.warnings = Object.freeze([...report.warnings]);
    this.collapsed = Object.freeze([...report.collapsed]);
  }

  /** @internal The result of a fit; the arrays are kept, not copied. */
  static fromFit(parameters: MixtureParameters, report: FitReport): GaussianMixtureModel {
    return new GaussianMixtureModel(parameters, report);
  }

  /**
   * A mixture with parameters of your own.
   *
   * @throws ModelError `invalid-data`, `shape-mismatch` or `invalid-option` when they make no mixture.
   */
  static fromParameters(description: MixtureDescription): GaussianMixtureModel {
    const owner = 'GaussianMixtureModel.fromParameters';
    return new GaussianMixtureModel(...readDescription(description, owner));
  }

  /**
   * Free parameters: of the covariances, K d means, and K - 1 weights unless they are equal by design; none of frozen
   * parts.
   */
  get degreesOfFreedom(): number {
    const { components, dimension, frozen } = this;
    const weights = this.equalWeights || frozen.includes('weights') ? 0 : components - 1;
    const means = frozen.includes('means') ? 0 : components * dimension;
    if (frozen.includes('covariances')) return weights + means;
    return weights + means + covarianceParameters(this.covariance, components, dimension);
  }

  /**
   * Bayesian information criterion of the model for rows, -2 sum_i log p(x_i) + degreesOfFreedom log n: smaller is
   * better. Reference: Schwarz (1978), doi:10.1214/aos/1176344136.
   */
  bic(rows: SamplesLike): number {
    const logDensity = logDensities(partsOf(this).whitened, readRows(this, rows, 'bic'));
    return -2 * sum(logDensity) + this.degreesOfFreedom * Math.log(logDensity.length);
  }

  /**
   * Akaike information criterion of the model for rows, -2 sum_i log p(x_i) + 2 degreesOfFreedom: smaller is better.
   * Reference: Akaike (1974), doi:10.1109/TAC.1974.1100705.
   */
  aic(rows: SamplesLike): number {
    const logDensity = logDensities(partsOf(this).whitened, readRows(this, rows, 'aic'));
    return -2 * sum(logDensity) + 2 * this.degreesOfFreedom;
  }

  /** All there is to the model, for files. */
  toState(): ModelState {
    return toState(partsOf(this).parameters, this);
  }

  /** The model as plain JSON; {@link fromJSON} reads it back to the bit. */
  toJSON(): ModelJson {
    return stateToJson(this.toState());
  }

  /** @throws ModelError `invalid-model-file` when the state is not that of a Gaussian mixture. */
  static fromState(state: ModelState): GaussianMixtureModel {
    return new GaussianMixtureModel(...fromState(state));
  }

  /**
   * Reads what {@link toJSON} wrote, as an object or as text.
   *
   * @throws ModelError `invalid-model-file` when it is anything else.
   */
  static fromJSON(json: unknown): GaussianMixtureModel {
    return GaussianMixtureModel.fromState(stateFromJson(json, 'GaussianMixtureModel.fromJSON'));
  }
}

/** Factorizes the covariances, once and for all. */
function prepare(parameters: MixtureParameters, type: CovarianceType): MixtureParts {
  const factors = factorize(parameters, type).map((factor, k) => {
    if (factor) return factor;
    const must = `covariance of component ${k} must be positive definite`;
    throw modelError('not-positive-definite', { owner: 'GaussianMixtureModel', must });
  });
  return { parameters, factors, whitened: whiten(parameters, factors, isDiagonal(type)) };
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
