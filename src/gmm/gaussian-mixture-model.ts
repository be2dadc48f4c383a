/**
 * The fitted Gaussian mixture.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { GenerativeModel } from '../core/estimator.js';
import { type ModelJson, type ModelState, stateFromJson, stateToJson } from '../core/model-state.js';
import type { Samples, SamplesLike } from '../core/samples.js';
import { readColumns } from './columns.js';
import { conditionalParameters, type Given, readGiven } from './conditional.js';
import { type CovarianceType, covarianceParameters, isDiagonal } from './covariance-type.js';
import { type MixtureDescription, readDescription } from './description.js';
import { type Clustering, mergesByEntropy } from './entropy-merging.js';
import { GaussianMixtureDistribution, type MixtureParts, partsOf, readRows } from './gaussian-mixture-distribution.js';
import { type Divergence, klDivergence, type SimulationOptions } from './kl-divergence.js';
import { whiten } from './log-joint.js';
import { parametersOfColumns } from './marginal.js';
import { type MergeOptions, mergeGroups, readGroups } from './merging.js';
import type { RowOptions } from './missing-rule.js';
import { observedLogDensities, observedLogResponsibilities, observedResponsibilities } from './observed-evaluation.js';
import { factorize, type MixtureParameters } from './parameters.js';
import { type FitReport, fromState, type MixturePart, type Objective, toState, unfitted } from './state.js';
import { type UpdateOptions, updated } from './update.js';

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
  bic(rows: SamplesLike, options?: RowOptions): number {
    const logDensity = observedLogDensities(partsOf(this), readRows(this, rows, 'bic', options));
    return -2 * sum(logDensity) + this.degreesOfFreedom * Math.log(logDensity.length);
  }

  /**
   * Akaike information criterion of the model for rows, -2 sum_i log p(x_i) + 2 degreesOfFreedom: smaller is better.
   * Reference: Akaike (1974), doi:10.1109/TAC.1974.1100705.
   */
  aic(rows: SamplesLike, options?: RowOptions): number {
    const logDensity = observedLogDensities(partsOf(this), readRows(this, rows, 'aic', options));
    return -2 * sum(logDensity) + 2 * this.degreesOfFreedom;
  }

  /**
   * Integrated completed likelihood of the model for rows, bic - 2 sum_i log max_k r_ik: smaller is better. Beside the
   * fit it asks that rows belong clearly to one component each.
   *
   * Reference: Biernacki, Celeux & Govaert (2000), doi:10.1109/34.865189.
   */
  icl(rows: SamplesLike, options?: RowOptions): number {
    const samples = readRows(this, rows, 'icl', options);
    return this.bic(samples, options) + assignmentPenalty(observedLogResponsibilities(partsOf(this), samples));
  }

  /**
   * The mixture of some columns, in the order given: their distribution whatever the others are.
   *
   * @throws ModelError `invalid-option` for columns that do not exist or come twice.
   * @example
   * const weights = [1];
   * const covariances = [[[1, 0.5], [0.5, 1]]];
   * const model = GaussianMixtureModel.fromParameters({ weights, means: [[0, 0]], covariances });
   * model.marginal([1]).logDensity([[0]]); // Float64Array [ -0.9189385332046728 ]
   */
  marginal(columns: ArrayLike<number>): GaussianMixtureModel {
    const owner = 'GaussianMixtureModel.marginal';
    const chosen = readColumns(columns, { owner, name: 'columns', dimension: this.dimension });
    return this.#derive(parametersOfColumns(partsOf(this).parameters, chosen), { equalWeights: this.equalWeights });
  }

  /**
   * The mixture of the columns that are not given, ascending, where the others have the given values:
   * `model.conditional({ given: { 1: 79 } })`. Weights stay finite however far off the values are.
   *
   * @throws ModelError `invalid-option` for columns that do not exist, none or all; `invalid-data` for values that are
   * not finite, or so large that a conditional mean overflows.
   * @example
   * const weights = [1];
   * const covariances = [[[1, 0.5], [0.5, 1]]];
   * const model = GaussianMixtureModel.fromParameters({ weights, means: [[0, 0]], covariances });
   * const conditional = model.conditional({ given: { 1: 2 } });
   * conditional.means.get(0, 0); // 1
   * conditional.covariances[0].get(0, 0); // 0.75
   */
  conditional(options: Given): GaussianMixtureModel {
    const owner = 'GaussianMixtureModel.conditional';
    const given = readGiven(owner, options, this.dimension);
    return this.#derive(conditionalParameters(owner, partsOf(this), given), {});
  }

  /**
   * A mixture of fewer components, whose mean and covariance are the same: give the `groups` that become one each, or
   * how many `components` are to be left, and the nearest pairs are merged. Covariances are `'full'`.
   *
   * Reference: Runnalls (2007), doi:10.1109/TAES.2007.4383588.
   * @example
   * const weights = [0.5, 0.5];
   * const model = GaussianMixtureModel.fromParameters({ weights, means: [[-1], [1]], covariances: [[[1]], [[1]]] });
   * model.mergeComponents({ components: 1 }).covariances[0].get(0, 0); // 2
   */
  mergeComponents(options: MergeOptions): GaussianMixtureModel {
    const { parameters } = partsOf(this);
    const groups = readGroups('GaussianMixtureModel.mergeComponents', options, parameters);
    return this.#derive(mergeGroups(parameters, groups), { covariance: 'full' });
  }

  /**
   * Which components make one cluster: they are united pair by pair, so that the entropy of the rows' assignment falls
   * most each time. All stages, from K clusters to one; the density stays that of this model.
   *
   * Cost: O(n K^3). Reference: Baudry et al. (2010), doi:10.1198/jcgs.2010.08111.
   */
  clusterings(rows: SamplesLike, options?: RowOptions): Clustering[] {
    return mergesByEntropy(observedResponsibilities(partsOf(this), readRows(this, rows, 'clusterings', options)));
  }

  /**
   * KL(this || other) = E[log p(X) - log q(X)], in nats, by simulation from this model, with its standard error.
   *
   * @param other - Any model over as many columns.
   * @example
   * const normal = (mean: number) =>
   *   GaussianMixtureModel.fromParameters({ weights: [1], means: [[mean]], covariances: [[[1]]] });
   * const { divergence, standardError } = normal(0).klDivergence(normal(1), { seed: 1 });
   * Math.abs(divergence - 0.5) < 4 * standardError; // true
   */
  klDivergence(other: GenerativeModel, options?: SimulationOptions): Divergence {
    return klDivergence('GaussianMixtureModel.klDivergence', this, other, options);
  }

  /** A mixture that follows from this one: not fitted, but of the same rules. */
  #derive(parameters: MixtureParameters, changes: Partial<FitReport>): GaussianMixtureModel {
    const report = { ...unfitted(this.covariance), missing: this.missing, ...changes };
    return new GaussianMixtureModel(parameters, report);
  }

  /**
   * A new mixture, brought up to date with further rows by one incremental step of EM; this one stays. Rows count as much
   * as those that the mixture was fitted to, see {@link rows}.
   *
   * Cost: O(n K d^2 + K d^3).
   *
   * @throws ModelError for rows or weights that will not do, and for a mixture that was not fitted unless `rows` is told.
   */
  update(rows: SamplesLike, options?: UpdateOptions): GaussianMixtureModel {
    return new GaussianMixtureModel(...updated(this, rows, options));
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

/** -2 sum_i log max_k r_ik. */
function assignmentPenalty(logShares: Samples): number {
  let total = 0;
  for (let i = 0; i < logShares.rows; i++) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < logShares.columns; k++) largest = Math.max(largest, logShares.get(i, k));
    total -= 2 * largest;
  }
  return total;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
