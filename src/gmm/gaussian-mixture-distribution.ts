/**
 * A mixture of Gaussians as a distribution over rows: densities, shares, moments, draws. Where it came from is for
 * {@link GaussianMixtureModel} to know.
 *
 * @module
 */
import type { SampleOptions } from '../core/estimator.js';
import type { Cholesky } from '../core/linalg.js';
import { Samples, type SamplesLike, viewSamples } from '../core/samples.js';
import { type Ellipse, type EllipseOptions, ellipses } from './ellipses.js';
import { type EntropyBounds, entropyBounds } from './entropy-bounds.js';
import { type ImputeOptions, impute } from './imputation.js';
import type { WhitenedMixture } from './log-joint.js';
import { mahalanobis } from './mahalanobis.js';
import { type MissingRule, type RowOptions, readMissingRule } from './missing-rule.js';
import { observedLogDensities, observedLogResponsibilities, observedResponsibilities } from './observed-evaluation.js';
import {
  checkReference,
  checkThreshold,
  quantileOf,
  type ReferenceOptions,
  referenceDensities,
  type ThresholdOptions,
  tailShares,
} from './outliers.js';
import { covarianceOf, type MixtureParameters } from './parameters.js';
import { type Regression, type RegressionOptions, readRegressors, regress } from './regression.js';
import { draw, drawComponent, type LabelledSamples } from './sampling.js';

/** The inside of a mixture, for the mathematics of this room; never handed to callers, who could change it. */
export interface MixtureParts {
  readonly parameters: MixtureParameters;
  /** The Cholesky factor of each covariance; tied ones share one object. */
  readonly factors: readonly Cholesky[];
  readonly whitened: WhitenedMixture;
}

let readParts: (mixture: GaussianMixtureDistribution) => MixtureParts;

/** The inside of a mixture. */
export function partsOf(mixture: GaussianMixtureDistribution): MixtureParts {
  return readParts(mixture);
}

/** Rows for a method of a mixture, checked; `NaN` passes where the call or else the model says so. */
export function readRows(
  mixture: GaussianMixtureDistribution,
  rows: SamplesLike,
  method: string,
  options?: RowOptions,
): Samples {
  const owner = `GaussianMixtureModel.${method}`;
  const missing = readMissingRule(owner, options) ?? mixture.missing;
  return viewSamples(rows, { owner, columns: mixture.dimension, allowMissing: missing === 'marginalize' });
}

/**
 * What every mixture of Gaussians answers, whoever made it.
 *
 *     p(x) = sum_k w_k N(x; mu_k, Sigma_k)
 */
export abstract class GaussianMixtureDistribution {
  readonly densityKind = 'exact';
  /** Number of columns, d. */
  readonly dimension: number;
  /** Number of Gaussians, K. */
  readonly components: number;
  /** What becomes of `NaN` in rows, unless a call says otherwise. */
  readonly missing: MissingRule;
  readonly #parts: MixtureParts;
  static {
    readParts = (mixture) => mixture.#parts;
  }

  protected constructor(parts: MixtureParts, missing: MissingRule) {
    this.missing = missing;
    this.dimension = parts.parameters.dimension;
    this.components = parts.parameters.components;
    this.#parts = parts;
  }

  /** K weights on the simplex; a copy. */
  get weights(): Float64Array {
    return this.#parts.parameters.weights.slice();
  }

  /** K x d means; a copy. */
  get means(): Samples {
    return new Samples(this.#parts.parameters.means.slice(), this.components, this.dimension);
  }

  /** K covariances, d x d each, whatever the type; copies. */
  get covariances(): readonly Samples[] {
    const d = this.dimension;
    const { parameters } = this.#parts;
    return Array.from({ length: this.components }, (_, k) => new Samples(covarianceOf(parameters, k).slice(), d, d));
  }

  /**
   * log p(x) of each row, in nats, by log-sum-exp. Rows so far off that squared distances overflow give `-Infinity`.
   * Where values may be missing, the density is that of what is there.
   *
   * Cost: O(n K d^2), and O(K d^3) for each pattern of missing values.
   *
   * @throws ModelError for rows of another width or with numbers that are not finite.
   */
  logDensity(rows: SamplesLike, options?: RowOptions): Float64Array {
    return observedLogDensities(this.#parts, readRows(this, rows, 'logDensity', options));
  }

  /** The mean of {@link logDensity} over rows. */
  meanLogDensity(rows: SamplesLike, options?: RowOptions): number {
    const logDensity = observedLogDensities(this.#parts, readRows(this, rows, 'meanLogDensity', options));
    return logDensity.reduce((sum, value) => sum + value, 0) / logDensity.length;
  }

  /**
   * The probability that each row came from each component, n x K; rows sum to 1, however far off.
   *
   *     r_ik = w_k N(x_i; mu_k, Sigma_k) / p(x_i)
   *
   * @throws ModelError as {@link logDensity}.
   */
  responsibilities(rows: SamplesLike, options?: RowOptions): Samples {
    return observedResponsibilities(this.#parts, readRows(this, rows, 'responsibilities', options));
  }

  /** log r_ik, n x K, in nats: exact where {@link responsibilities} underflow to 0 or round to 1. */
  logResponsibilities(rows: SamplesLike, options?: RowOptions): Samples {
    return observedLogResponsibilities(this.#parts, readRows(this, rows, 'logResponsibilities', options));
  }

  /** The likeliest component of each row; the first of equals. */
  predict(rows: SamplesLike, options?: RowOptions): Uint32Array {
    const shares = observedResponsibilities(this.#parts, readRows(this, rows, 'predict', options));
    return Uint32Array.from({ length: shares.rows }, (_, i) => {
      let best = 0;
      for (let k = 1; k < shares.columns; k++) if (shares.get(i, k) > shares.get(i, best)) best = k;
      return best;
    });
  }

  /**
   * Mahalanobis distances |L_k^-1 (x_i - mu_k)| with Sigma_k = L_k L_k^T, in standard deviations, n x K.
   *
   * Cost: O(n K d^2). Reference: Mahalanobis (1936), *On the generalised distance in statistics*.
   * @example
   * const weights = [1];
   * const covariances = [[[1, 0.5], [0.5, 1]]];
   * const model = GaussianMixtureModel.fromParameters({ weights, means: [[0, 0]], covariances });
   * model.mahalanobis([[1, 1]]).get(0, 0); // 1.1547005383792515
   */
  mahalanobis(rows: SamplesLike): Samples {
    const samples = readRows(this, rows, 'mahalanobis', { missing: 'refuse' });
    return mahalanobis('GaussianMixtureModel.mahalanobis', this.#parts, samples);
  }

  /**
   * Mean and variance of the other columns, given some: `rows` hold the given columns only, in the order of `given`.
   *
   *     E[x_a | x_b] = sum_k r_k(x_b) m_k(x_b)
   *
   * with r_k the responsibilities and m_k the linear regression within each component.
   *
   * Cost: O(n K d^2). Reference: Ghahramani & Jordan (1994), *Supervised learning from incomplete data via an EM approach*.
   *
   * @throws ModelError `invalid-option` for columns that do not exist or leave none to predict.
   * @example
   * const weights = [1];
   * const covariances = [[[1, 0.5], [0.5, 1]]];
   * const model = GaussianMixtureModel.fromParameters({ weights, means: [[0, 0]], covariances });
   * const { means, variances } = model.regress([[2], [4]], { given: [0] });
   * means.toArray(); // [ [ 1 ], [ 2 ] ]
   * variances.get(0, 0); // 0.75
   */
  regress(rows: SamplesLike, options: RegressionOptions): Regression {
    const owner = 'GaussianMixtureModel.regress';
    const given = readRegressors(owner, options, this.dimension);
    const rules = { owner, columns: given.length, columnsFrom: 'option "given" has' };
    return regress(owner, this.#parts, given, viewSamples(rows, rules));
  }

  /**
   * Copies rows and fills each `NaN` in: with the conditional mean given what is there of its row, or with a draw from
   * the conditional distribution. What is there stays to the bit.
   *
   * Cost: O(n K d^2), and O(K d^3) for each pattern of missing values.
   * @example
   * const weights = [1];
   * const covariances = [[[1, 0.5], [0.5, 1]]];
   * const model = GaussianMixtureModel.fromParameters({ weights, means: [[0, 0]], covariances });
   * model.impute([[2, Number.NaN]]).toArray(); // [ [ 2, 1 ] ]
   */
  impute(rows: SamplesLike, options?: ImputeOptions): Samples {
    return impute('GaussianMixtureModel.impute', this.#parts, readRows(this, rows, 'impute', MARGINALIZE), options);
  }

  /**
   * For each row, the share of probability at densities no greater than its own, Pr[p(X) <= p(x)]: near 0 for outliers.
   * X are rows drawn from the model, or the `reference` rows; below 1 / (1 + their number) nothing is resolved.
   *
   * Reference: Hyndman (1996), doi:10.1080/00031305.1996.10474359.
   */
  tailProbabilities(rows: SamplesLike, options?: ReferenceOptions): Float64Array {
    const reference = checkReference('GaussianMixtureModel.tailProbabilities', options);
    return tailShares(this.#complete(rows, 'tailProbabilities'), this.#reference(reference, 'tailProbabilities'));
  }

  /**
   * The log-density, in nats, below which a `quantile` of rows lies: of rows drawn from the model, or of `reference`.
   * Rows with a smaller {@link logDensity} are outliers at that level.
   * @example
   * const weights = [1];
   * const covariances = [[[1, 0.5], [0.5, 1]]];
   * const model = GaussianMixtureModel.fromParameters({ weights, means: [[0, 0]], covariances });
   * const threshold = model.outlierThreshold({ quantile: 0.01, seed: 1 });
   * model.logDensity([[5, -5]])[0] < threshold; // true
   */
  outlierThreshold(options?: ThresholdOptions): number {
    const checked = checkThreshold('GaussianMixtureModel.outlierThreshold', options);
    return quantileOf(this.#reference(checked, 'outlierThreshold'), checked.quantile as number);
  }

  #complete(rows: SamplesLike, method: string): Float64Array {
    return observedLogDensities(this.#parts, readRows(this, rows, method, { missing: 'refuse' }));
  }

  #reference(options: ReferenceOptions, method: string): Float64Array {
    const draws = (count: number, given: SampleOptions) => this.sample(count, given);
    return referenceDensities(options, (rows) => this.#complete(rows, method), draws);
  }

  /**
   * The ellipse of each component over two columns that holds `level` of it, for plots.
   *
   * @throws ModelError `shape-mismatch` for a mixture of one column.
   * @example
   * const weights = [1];
   * const covariances = [[[1, 0.5], [0.5, 1]]];
   * const model = GaussianMixtureModel.fromParameters({ weights, means: [[0, 0]], covariances });
   * model.ellipses({ level: 0.5 })[0].semiAxes; // [ 1.442026887, 0.832554611 ]
   */
  ellipses(options?: EllipseOptions): Ellipse[] {
    return ellipses('GaussianMixtureModel.ellipses', this.#parts.parameters, options);
  }

  /**
   * Bounds on the differential entropy -E[log p(X)], in nats; exact for one component and for components far apart.
   *
   * Cost: O(K^2 d^3). References: Huber et al. (2008), doi:10.1109/MFI.2008.4648062; Kolchinsky & Tracey (2017),
   * doi:10.3390/e19070361.
   * @example
   * const weights = [1];
   * const covariances = [[[1, 0.5], [0.5, 1]]];
   * const model = GaussianMixtureModel.fromParameters({ weights, means: [[0, 0]], covariances });
   * model.entropyBounds(); // { lower: 2.694036030183455, upper: 2.694036030183455 }
   */
  entropyBounds(): EntropyBounds {
    return entropyBounds(this.#parts);
  }

  /**
   * Draws `count` independent rows: a component by weight, then mu_k + L_k z with z standard normal and
   * Sigma_k = L_k L_k^T. Rows come shuffled, not by component.
   *
   * @throws ModelError `invalid-option` for a bad count or seed.
   */
  sample(count: number, options?: SampleOptions): Samples {
    return draw('GaussianMixtureModel.sample', this.#parts, count, options).samples;
  }

  /** The rows that {@link sample} draws, with the component of each. */
  sampleWithComponents(count: number, options?: SampleOptions): LabelledSamples {
    return draw('GaussianMixtureModel.sampleWithComponents', this.#parts, count, options);
  }

  /** Draws `count` independent rows from one component. */
  sampleComponent(component: number, count: number, options?: SampleOptions): Samples {
    return drawComponent('GaussianMixtureModel.sampleComponent', this.#parts, component, count, options);
  }
}

const MARGINALIZE: RowOptions = { missing: 'marginalize' };
