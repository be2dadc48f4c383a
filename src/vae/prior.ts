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
    logDensity: (points, count) => {
      const values = new Float64Array(count);
      for (let k = 0; k < count; k++) values[k] = logStandardNormal(points, k * dimension, dimension);
      return values;
    },
    draw: (count, stream) => {
      const points = new Float64Array(count * dimension);
      for (let k = 0; k < points.length; k++) points[k] = stream.normal();
      return points;
    },
  };
}

/** A Gaussian mixture over codes. */
export function mixturePrior(mixture: GaussianMixtureModel): Prior {
  return {
    logDensity: (points, count) => mixture.logDensity(new Samples(points, count, mixture.dimension)),
    draw: (count, stream) => mixture.sample(count, { seed: stream.uniform() }).data,
  };
}
