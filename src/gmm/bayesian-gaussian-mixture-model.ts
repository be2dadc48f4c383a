/**
 * The fitted Bayesian mixture.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { allocateSamples, checkSampling, type GenerativeModel, type SampleOptions } from '../core/estimator.js';
import { type ModelJson, type ModelState, stateFromJson, stateToJson } from '../core/model-state.js';
import { CategoricalSampler, RandomStream } from '../core/random.js';
import { Samples, type SamplesLike, viewSamples } from '../core/samples.js';
import { logSumExp } from '../core/special-functions.js';
import type { CheckedBayesianOptions } from './bayesian-options.js';
import { type BayesianReport, fromState, KIND, toState } from './bayesian-state.js';
import type { CovarianceType } from './covariance-type.js';
import { GaussianMixtureModel } from './gaussian-mixture-model.js';
import { componentOrder, covarianceOf, reorder } from './parameters.js';
import { logVolume, type Standardization, toDataUnits } from './standardization.js';
import { unfitted } from './state.js';
import type { WeightPrior } from './stick-breaking.js';
import { drawStudent, logTerms, predictive, type StudentMixture } from './student-mixture.js';
import type { Inference } from './variational-inference.js';

/**
 * A distribution over mixtures of at most K Gaussians, as far as variational inference knows it.
 *
 * Its density is the predictive one, with the parameters integrated out: a mixture of t distributions, whose tails are the
 * heavier the fewer rows speak for a component. {@link toGaussianMixture} has the mixture of Gaussians at the expected
 * parameters, for all that a {@link GaussianMixtureModel} can do. Components come by decreasing weight. Immutable.
 *
 * @example
 * const rows = [[-2.1], [-1.9], [-2.0], [-2.2], [3.9], [4.1], [4.0]];
 * const model = await new BayesianGaussianMixture({ components: 4, seed: 1 }).fit(rows);
 * model.effectiveComponents; // 2
 * model.toGaussianMixture().means.get(0, 0).toFixed(1); // '-2.0'
 */
export class BayesianGaussianMixtureModel implements GenerativeModel {
  readonly densityKind = 'exact';
  /** Number of columns, d. */
  readonly dimension: number;
  /** Most components, K. */
  readonly components: number;
  /** The constraint that the covariances follow. */
  readonly covariance: CovarianceType;
  /** The prior of the weights. */
  readonly weightPrior: WeightPrior;
  /** Its concentration. */
  readonly weightConcentration: number;
  /** Whether inference converged. */
  readonly converged: boolean;
  /** Iterations of the start that was kept. */
  readonly iterations: number;
  /**
   * The evidence lower bound in nats per row: after the first update, then after each iteration; it never falls. The last
   * belongs to this model.
   */
  readonly history: readonly number[];
  /** What went other than it should in the fit, in words. */
  readonly warnings: readonly string[];
  readonly #report: BayesianReport;
  readonly #predictive: StudentMixture;

  private constructor(report: BayesianReport) {
    const { parameters, meanPrecisions, degreesOfFreedom, covariance } = report;
    const mixture = predictive(parameters, meanPrecisions, degreesOfFreedom, covariance);
    if (!mixture) {
      throw modelError('not-positive-definite', { owner: KIND, must: 'covariances must be positive definite' });
    }
    this.#report = report;
    this.#predictive = mixture;
    this.dimension = parameters.dimension;
    this.components = parameters.components;
    this.covariance = covariance;
    this.weightPrior = report.weightPrior;
    this.weightConcentration = report.weightConcentration;
    this.converged = report.converged;
    this.iterations = report.iterations;
    this.history = Object.freeze([...report.history]);
    this.warnings = Object.freeze([...report.warnings]);
  }

  /** @internal The result of a fit, from standardised units. */
  static fromFit(
    { posterior, weights, history, converged, iterations }: Inference,
    options: Omit<CheckedBayesianOptions, 'seed' | 'prior'> & { readonly weightConcentration: number },
    map: Standardization,
  ): BayesianGaussianMixtureModel {
    const parameters = toDataUnits(posterior.parameters, map);
    parameters.weights.set(weights.expected);
    const order = componentOrder(parameters);
    const sorted = (values: Float64Array) => Float64Array.from(order, (k) => values[k]);
    const volume = logVolume(map);
    const { covariance, weightPrior, weightConcentration, maxIterations, tolerance } = options;
    const told = converged || maxIterations === 0;
    return new BayesianGaussianMixtureModel({
      parameters: reorder(parameters, order),
      counts: sorted(posterior.mass),
      meanPrecisions: sorted(posterior.meanPrecisions),
      degreesOfFreedom: sorted(posterior.degreesOfFreedom),
      covariance,
      weightPrior,
      weightConcentration,
      converged,
      iterations,
      history: history.map((bound) => bound - volume),
      warnings: told
        ? []
        : [
            `Inference did not converge in ${iterations} iterations. Raise "maxIterations" or "tolerance" (now ${tolerance}).`,
          ],
    });
  }

  /** Expected weights, K, on the simplex; a copy. */
  get weights(): Float64Array {
    return this.#report.parameters.weights.slice();
  }

  /** Expected means, K x d; a copy. */
  get means(): Samples {
    return new Samples(this.#report.parameters.means.slice(), this.components, this.dimension);
  }

  /** Inverses of the expected precision matrices, K of d x d; copies. */
  get covariances(): readonly Samples[] {
    const d = this.dimension;
    const { parameters } = this.#report;
    return Array.from({ length: this.components }, (_, k) => new Samples(covarianceOf(parameters, k).slice(), d, d));
  }

  /** The expected number of rows of each component, K; a copy. */
  get counts(): Float64Array {
    return this.#report.counts.slice();
  }

  /** How many components have at least one row to expect. */
  get effectiveComponents(): number {
    return this.#report.counts.filter((count) => count >= 1).length;
  }

  /**
   * log p(x) of each row under the predictive distribution, in nats. Cost: O(n K d^2).
   *
   * @throws ModelError for rows of another width or with numbers that are not finite.
   */
  logDensity(rows: SamplesLike): Float64Array {
    const read = this.#read(rows, 'logDensity');
    const terms = new Float64Array(this.components);
    return Float64Array.from({ length: read.rows }, (_, i) => {
      logTerms(this.#predictive, read, i, terms);
      return logSumExp(terms);
    });
  }

  /**
   * The probability that each row came from each component, n x K.
   *
   * @throws ModelError as {@link logDensity}.
   */
  responsibilities(rows: SamplesLike): Samples {
    const read = this.#read(rows, 'responsibilities');
    const { components } = this;
    const result = allocateSamples(`${KIND}.responsibilities`, read.rows, components);
    const terms = new Float64Array(components);
    for (let i = 0; i < read.rows; i++) {
      logTerms(this.#predictive, read, i, terms);
      const total = logSumExp(terms);
      for (let k = 0; k < components; k++) {
        // Where nothing has a density, nothing but the weights is left to go by.
        const isLost = total === Number.NEGATIVE_INFINITY;
        result[i * components + k] = isLost ? this.#report.parameters.weights[k] : Math.exp(terms[k] - total);
      }
    }
    return new Samples(result, read.rows, components);
  }

  /** The likeliest component of each row; the first of equals. */
  predict(rows: SamplesLike): Uint32Array {
    const shares = this.responsibilities(rows);
    return Uint32Array.from({ length: shares.rows }, (_, i) => {
      let best = 0;
      for (let k = 1; k < shares.columns; k++) if (shares.get(i, k) > shares.get(i, best)) best = k;
      return best;
    });
  }

  /**
   * Draws `count` independent rows of the predictive distribution.
   *
   * @throws ModelError `invalid-option` for a bad count or seed.
   */
  sample(count: number, options?: SampleOptions): Samples {
    const owner = `${KIND}.sample`;
    const { seed } = checkSampling(owner, count, options);
    const d = this.dimension;
    const data = allocateSamples(owner, count, d);
    const stream = RandomStream.of(seed, owner);
    const [choices, normals, gammas] = [stream.child('components'), stream.child('normals'), stream.child('gammas')];
    const sampler = new CategoricalSampler(this.#report.parameters.weights);
    for (let i = 0; i < count; i++) {
      const out = data.subarray(i * d, (i + 1) * d);
      drawStudent(this.#predictive, sampler.draw(choices), normals, gammas, out);
    }
    return new Samples(data, count, d);
  }

  /** The mixture of Gaussians with the expected weights, means and precisions as its parameters. */
  toGaussianMixture(): GaussianMixtureModel {
    const { parameters, covariance } = this.#report;
    const { components } = parameters;
    const copy = reorder(
      parameters,
      Array.from({ length: components }, (_, k) => k),
    );
    return GaussianMixtureModel.fromFit(copy, unfitted(covariance));
  }

  /** All there is to the model, for files. */
  toState(): ModelState {
    return toState(this.#report);
  }

  /** The model as plain JSON; {@link fromJSON} reads it back to the bit. */
  toJSON(): ModelJson {
    return stateToJson(this.toState());
  }

  /** @throws ModelError `invalid-model-file` when the state is not that of a Bayesian mixture. */
  static fromState(state: ModelState): BayesianGaussianMixtureModel {
    return new BayesianGaussianMixtureModel(fromState(state));
  }

  /**
   * Reads what {@link toJSON} wrote, as an object or as text.
   *
   * @throws ModelError `invalid-model-file` when it is anything else.
   */
  static fromJSON(json: unknown): BayesianGaussianMixtureModel {
    return BayesianGaussianMixtureModel.fromState(stateFromJson(json, `${KIND}.fromJSON`));
  }

  #read(rows: SamplesLike, method: string): Samples {
    return viewSamples(rows, { owner: `${KIND}.${method}`, columns: this.dimension });
  }
}
