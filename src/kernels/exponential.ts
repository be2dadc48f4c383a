/**
 * The exponential kernel, k(t) = exp(-r) with r = sqrt(t).
 *
 * @module
 */
import { logGamma } from '../core/special-functions.js';
import type { Kernel } from './kernel.js';
import { drawOnSphere, logSphereArea } from './radial.js';

/**
 * With A_d the area of the unit sphere, Z_d = A_d int r^(d-1) exp(-r) dr = A_d Gamma(d): the radius has a
 * Gamma(d) distribution, so E[r^2] = d (d + 1), and the variance along each axis is d + 1.
 */
export const exponential: Kernel = {
  name: 'exponential',
  isCompact: false,
  profile: (t) => Math.exp(-Math.sqrt(t)),
  logProfile: (t) => -Math.sqrt(t),
  logNormalizer: (dimension) => logSphereArea(dimension) + logGamma(dimension),
  variance: (dimension) => dimension + 1,
  sample(stream, dimension, out, offset) {
    drawOnSphere(stream, dimension, stream.gamma(dimension), out, offset);
  },
};
