/**
 * Laws of the code: the standard normal of training, or a mixture fitted to the codes afterwards.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';
import { Samples } from '../core/samples.js';
import type { GaussianMixtureModel } from '../gmm/index.js';
import { logStandardNormal } from './latent.js';

/** A law p(z) of codes; points are row-major. */
export interface Prior {
  /** log p(z) of each point. */
  logDensity(points: Float64Array, count: number): Float64Array;
  draw(count: number, stream: RandomStream): Float64Array;
}

/** N(0, I). */
export function standardNormal(dimension: number): Prior {
  return {
    logDensity: (points, count) =>
      Float64Array.from({ length: count }, (_, k) => logStandardNormal(points, k * dimension, dimension)),
    draw: (count, stream) => Float64Array.from({ length: count * dimension }, () => stream.normal()),
  };
}

/** A Gaussian mixture over codes. */
export function mixturePrior(mixture: GaussianMixtureModel): Prior {
  return {
    logDensity: (points, count) => mixture.logDensity(new Samples(points, count, mixture.dimension)),
    draw: (count, stream) => mixture.sample(count, { seed: stream.uniform() }).data,
  };
}
