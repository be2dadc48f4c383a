/**
 * The linear (triangular, cone) kernel, k(t) = 1 - r with r = sqrt(t).
 *
 * @module
 */
import type { Kernel } from './kernel.js';
import { drawOnSphere, logSphereArea } from './radial.js';

/** 1 - sqrt(t), 0 beyond t = 1; written so that nothing cancels near the edge. */
function cone(t: number): number {
  return t < 1 ? (1 - t) / (1 + Math.sqrt(t)) : 0;
}

/**
 * With A_d the area of the unit sphere, Z_d = A_d int r^(d-1) (1 - r) dr = A_d / (d (d + 1)): the radius has a
 * Beta(d, 2) distribution, so the variance along each axis is E[r^2] / d = (d + 1) / ((d + 2) (d + 3)).
 */
export const linear: Kernel = {
  name: 'linear',
  isCompact: true,
  profile: cone,
  logProfile: (t) => Math.log(cone(t)),
  logNormalizer: (dimension) => logSphereArea(dimension) - Math.log(dimension) - Math.log(dimension + 1),
  variance: (dimension) => (dimension + 1) / ((dimension + 2) * (dimension + 3)),
  sample(stream, dimension, out, offset) {
    drawOnSphere(stream, dimension, stream.beta(dimension, 2), out, offset);
  },
};
