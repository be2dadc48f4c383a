/**
 * The fitted Gaussian mixture.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { allocateSamples, checkSampling, type GenerativeModel, type SampleOptions } from '../core/estimator.js';
import type { Cholesky } from '../core/linalg.js';
import { type ModelJson, type ModelState, stateFromJson, stateToJson } from '../core/model-state.js';
import { CategoricalSampler, RandomStream } from '../core/random.js';
import { Samples, type SamplesLike, viewSamples } from '../core/samples.js';
import { type CovarianceType, covarianceParameters, isDiagonal } from './covariance-type.js';
import { type MixtureDescription, readDescription } from './description.js';
import { logDensities, responsibilities } from './evaluation.js';
import { type WhitenedMixture, whiten } from './log-joint.js';
import { covarianceOf, factorize, type MixtureParameters } from './parameters.js';
import { type FitReport, fromState, toState } from './state.js';

/** Rows beside the component that each was drawn from. */
export interface LabelledSamples {
  readonly samples: Samples;
  /** One component per row. */
  readonly components: Uint32Array;
}

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
export class GaussianMixtureModel implements GenerativeModel {
  readonly densityKind = 'exact';
  /** Number of columns, d. */
  readonly dimension: number;
  /** Number of Gaussians, K. */
  readonly components: number;
  /** The constraint that the covariances follow. */
  readonly covariance: CovarianceType;
  /** Whether the weights were held at 1 / K. */
  readonly equalWeights: boolean;
  /** Whether EM converged; true for a mixture built from parameters. */
  readonly converged: boolean;
  /** EM iterations of the start that was kept. */
  readonly iterations: number;
  /**
   * Mean log-density per row, in nats: of the initialisation, then after each iteration. The last belongs to the
   * parameters of this model. Empty for a mixture built from parameters.
   */
  readonly history: readonly number[];
  /** What went other than it should in the fit, in words: not converged, components that collapsed. */
  readonly warnings: readonly string[];
  readonly #parameters: MixtureParameters;
  readonly #factors: readonly Cholesky[];
  readonly #mixture: WhitenedMixture;

  private constructor(parameters: MixtureParameters, report: FitReport) {
    this.dimension = parameters.dimension;
    this.components = parameters.components;
    this.covariance = report.covariance;
    this.equalWeights = report.equalWeights;
    this.converged = report.converged;
    this.iterations = report.iterations;
    this.history = Object.freeze([...report.history]);
    this.warnings = Object.freeze([...report.warnings]);
    this.#parameters = parameters;
    this.#factors = factorize(parameters, report.covariance).map((factor, k) => {
      if (factor) return factor;
      const must = `covariance of component ${k} must be positive definite`;
      throw modelError('not-positive-definite', { owner: 'GaussianMixtureModel', must });
    });
    this.#mixture = whiten(parameters, this.#factors, isDiagonal(report.covariance));
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

  /** K weights on the simplex; a copy. */
  get weights(): Float64Array {
    return this.#parameters.weights.slice();
  }

  /** K x d means; a copy. */
  get means(): Samples {
    return new Samples(this.#parameters.means.slice(), this.components, this.dimension);
  }

  /** K covariances, d x d each, whatever the type; copies. */
  get covariances(): readonly Samples[] {
    const d = this.dimension;
    return Array.from(
      { length: this.components },
      (_, k) => new Samples(covarianceOf(this.#parameters, k).slice(), d, d),
    );
  }

  /**
   * Free parameters: of the covariances, K d means, and K - 1 weights unless they are equal by design.
   */
  get degreesOfFreedom(): number {
    const { components, dimension } = this;
    const free = this.equalWeights ? 0 : components - 1;
    return covarianceParameters(this.covariance, components, dimension) + components * dimension + free;
  }

  /**
   * log p(x) of each row, in nats, by log-sum-exp. Rows so far off that squared distances overflow give `-Infinity`.
   *
   * Cost: O(n K d^2).
   *
   * @throws ModelError for rows of another width or with numbers that are not finite.
   */
  logDensity(rows: SamplesLike): Float64Array {
    return logDensities(this.#mixture, this.#read(rows, 'logDensity'));
  }

  /** The mean of {@link logDensity} over rows. */
  meanLogDensity(rows: SamplesLike): number {
    const logDensity = logDensities(this.#mixture, this.#read(rows, 'meanLogDensity'));
    return logDensity.reduce((sum, value) => sum + value, 0) / logDensity.length;
  }

  /**
   * The probability that each row came from each component, n x K; rows sum to 1, however far off.
   *
   *     r_ik = w_k N(x_i; mu_k, Sigma_k) / p(x_i)
   *
   * @throws ModelError as {@link logDensity}.
   */
  responsibilities(rows: SamplesLike): Samples {
    return responsibilities(this.#mixture, this.#read(rows, 'responsibilities'));
  }

  /** The likeliest component of each row; the first of equals. */
  predict(rows: SamplesLike): Uint32Array {
    const shares = responsibilities(this.#mixture, this.#read(rows, 'predict'));
    return Uint32Array.from({ length: shares.rows }, (_, i) => {
      let best = 0;
      for (let k = 1; k < shares.columns; k++) if (shares.get(i, k) > shares.get(i, best)) best = k;
      return best;
    });
  }

  /**
   * Bayesian information criterion of the model for rows, -2 sum_i log p(x_i) + degreesOfFreedom log n: smaller is
   * better. Reference: Schwarz (1978), doi:10.1214/aos/1176344136.
   */
  bic(rows: SamplesLike): number {
    const logDensity = logDensities(this.#mixture, this.#read(rows, 'bic'));
    const total = logDensity.reduce((sum, value) => sum + value, 0);
    return -2 * total + this.degreesOfFreedom * Math.log(logDensity.length);
  }

  /**
   * Akaike information criterion of the model for rows, -2 sum_i log p(x_i) + 2 degreesOfFreedom: smaller is better.
   * Reference: Akaike (1974), doi:10.1109/TAC.1974.1100705.
   */
  aic(rows: SamplesLike): number {
    const logDensity = logDensities(this.#mixture, this.#read(rows, 'aic'));
    return -2 * logDensity.reduce((sum, value) => sum + value, 0) + 2 * this.degreesOfFreedom;
  }

  /**
   * Draws `count` independent rows: a component by weight, then mu_k + L_k z with z standard normal and
   * Sigma_k = L_k L_k^T. Rows come shuffled, not by component.
   *
   * @throws ModelError `invalid-option` for a bad count or seed.
   */
  sample(count: number, options?: SampleOptions): Samples {
    return this.#draw('GaussianMixtureModel.sample', count, options).samples;
  }

  /** The rows that {@link sample} draws, with the component of each. */
  sampleWithComponents(count: number, options?: SampleOptions): LabelledSamples {
    return this.#draw('GaussianMixtureModel.sampleWithComponents', count, options);
  }

  #draw(owner: string, count: number, options: SampleOptions | undefined): LabelledSamples {
    const { seed } = checkSampling(owner, count, options);
    const d = this.dimension;
    const data = allocateSamples(owner, count, d);
    const components = new Uint32Array(count);
    const stream = RandomStream.of(seed, 'GaussianMixtureModel.sample');
    const [choices, normals] = [stream.child('components'), stream.child('normals')];
    const sampler = new CategoricalSampler(this.#parameters.weights);
    const z = new Float64Array(d);
    for (let i = 0; i < count; i++) {
      const k = sampler.draw(choices);
      components[i] = k;
      const { lower } = this.#factors[k];
      for (let j = 0; j < d; j++) z[j] = normals.normal();
      for (let row = 0; row < d; row++) {
        let x = this.#parameters.means[k * d + row];
        for (let j = 0; j <= row; j++) x += lower[row * d + j] * z[j];
        data[i * d + row] = x;
      }
    }
    return { samples: new Samples(data, count, d), components };
  }

  /** All there is to the model, for files. */
  toState(): ModelState {
    return toState(this.#parameters, this);
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

  #read(rows: SamplesLike, method: string): Samples {
    return viewSamples(rows, { owner: `GaussianMixtureModel.${method}`, columns: this.dimension });
  }
}
