/**
 * A mixture of Gaussians as a distribution over rows: densities, shares, draws. Where it came from is for
 * {@link GaussianMixtureModel} to know.
 *
 * @module
 */
import { allocateSamples, checkSampling, type SampleOptions } from '../core/estimator.js';
import type { Cholesky } from '../core/linalg.js';
import { CategoricalSampler, RandomStream } from '../core/random.js';
import { Samples, type SamplesLike, viewSamples } from '../core/samples.js';
import { logDensities, responsibilities } from './evaluation.js';
import type { WhitenedMixture } from './log-joint.js';
import type { MissingRule } from './missing-rule.js';
import { covarianceOf, type MixtureParameters } from './parameters.js';

/** Rows beside the component that each was drawn from. */
export interface LabelledSamples {
  readonly samples: Samples;
  /** One component per row. */
  readonly components: Uint32Array;
}

/** The inside of a mixture, for the mathematics of this room; never handed to callers, who could change it. */
export interface MixtureParts {
  readonly parameters: MixtureParameters;
  /** The Cholesky factor of each covariance. */
  readonly factors: readonly Cholesky[];
  readonly whitened: WhitenedMixture;
}

let readParts: (mixture: GaussianMixtureDistribution) => MixtureParts;

/** The inside of a mixture. */
export function partsOf(mixture: GaussianMixtureDistribution): MixtureParts {
  return readParts(mixture);
}

/** Rows for a method of a mixture, checked. */
export function readRows(mixture: GaussianMixtureDistribution, rows: SamplesLike, method: string): Samples {
  return viewSamples(rows, { owner: `GaussianMixtureModel.${method}`, columns: mixture.dimension });
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
   *
   * Cost: O(n K d^2).
   *
   * @throws ModelError for rows of another width or with numbers that are not finite.
   */
  logDensity(rows: SamplesLike): Float64Array {
    return logDensities(this.#parts.whitened, readRows(this, rows, 'logDensity'));
  }

  /** The mean of {@link logDensity} over rows. */
  meanLogDensity(rows: SamplesLike): number {
    const logDensity = logDensities(this.#parts.whitened, readRows(this, rows, 'meanLogDensity'));
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
    return responsibilities(this.#parts.whitened, readRows(this, rows, 'responsibilities'));
  }

  /** The likeliest component of each row; the first of equals. */
  predict(rows: SamplesLike): Uint32Array {
    const shares = responsibilities(this.#parts.whitened, readRows(this, rows, 'predict'));
    return Uint32Array.from({ length: shares.rows }, (_, i) => {
      let best = 0;
      for (let k = 1; k < shares.columns; k++) if (shares.get(i, k) > shares.get(i, best)) best = k;
      return best;
    });
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
    const { parameters, factors } = this.#parts;
    const { seed } = checkSampling(owner, count, options);
    const d = this.dimension;
    const data = allocateSamples(owner, count, d);
    const components = new Uint32Array(count);
    const stream = RandomStream.of(seed, 'GaussianMixtureModel.sample');
    const [choices, normals] = [stream.child('components'), stream.child('normals')];
    const sampler = new CategoricalSampler(parameters.weights);
    const z = new Float64Array(d);
    for (let i = 0; i < count; i++) {
      const k = sampler.draw(choices);
      components[i] = k;
      const { lower } = factors[k];
      for (let j = 0; j < d; j++) z[j] = normals.normal();
      for (let row = 0; row < d; row++) {
        let x = parameters.means[k * d + row];
        for (let j = 0; j <= row; j++) x += lower[row * d + j] * z[j];
        data[i * d + row] = x;
      }
    }
    return { samples: new Samples(data, count, d), components };
  }
}
