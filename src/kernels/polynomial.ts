/**
 * The kernels k(t) = (1 - t)^m on the unit ball: tophat, epanechnikov, biweight and triweight.
 *
 * @module
 */
import { LOG_PI, logGamma } from '../core/special-functions.js';
import type { Kernel, KernelName } from './kernel.js';
import { drawOnSphere } from './radial.js';

/**
 * What the four share. r^2 has a Beta(d/2, m + 1) distribution, so
 *
 *     Z_d = pi^(d/2) Gamma(m + 1) / Gamma(d/2 + m + 1),    variance = E[r^2] / d = 1 / (d + 2 m + 2).
 *
 * Reference: Wand & Jones (1995), *Kernel Smoothing*, section 2.7 and appendix B, for d = 1.
 */
function polynomial(
  name: KernelName,
  m: number,
): Pick<Kernel, 'name' | 'isCompact' | 'logProfile' | 'logNormalizer' | 'variance' | 'sample'> {
  return {
    name,
    isCompact: true,
    logProfile: (t) => (t < 1 ? m * Math.log1p(-t) : Number.NEGATIVE_INFINITY),
    logNormalizer: (dimension) => 0.5 * dimension * LOG_PI + logGamma(m + 1) - logGamma(0.5 * dimension + m + 1),
    variance: (dimension) => 1 / (dimension + 2 * m + 2),
    sample(stream, dimension, out, offset) {
      drawOnSphere(stream, dimension, Math.sqrt(stream.beta(0.5 * dimension, m + 1)), out, offset);
    },
  };
}

/** k(t) = 1 on the closed unit ball. */
export const tophat: Kernel = {
  ...polynomial('tophat', 0),
  profile: (t) => (t <= 1 ? 1 : 0),
  logProfile: (t) => (t <= 1 ? 0 : Number.NEGATIVE_INFINITY),
};

/** k(t) = 1 - t. */
export const epanechnikov: Kernel = {
  ...polynomial('epanechnikov', 1),
  profile: (t) => Math.max(0, 1 - t),
};

/** k(t) = (1 - t)^2. */
export const biweight: Kernel = {
  ...polynomial('biweight', 2),
  profile: (t) => Math.max(0, 1 - t) ** 2,
};

/** k(t) = (1 - t)^3. */
export const triweight: Kernel = {
  ...polynomial('triweight', 3),
  profile: (t) => Math.max(0, 1 - t) ** 3,
};
