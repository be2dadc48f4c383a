/**
 * The gaussian kernel, k(t) = exp(-t / 2).
 *
 * @module
 */
import { LOG_2PI } from '../core/special-functions.js';
import type { Kernel } from './kernel.js';

/** Z_d = (2 pi)^(d/2); variance 1 along each axis. */
export const gaussian: Kernel = {
  name: 'gaussian',
  isCompact: false,
  profile: (t) => Math.exp(-0.5 * t),
  logProfile: (t) => -0.5 * t,
  logNormalizer: (dimension) => 0.5 * dimension * LOG_2PI,
  variance: () => 1,
  sample(stream, dimension, out, offset) {
    for (let j = 0; j < dimension; j++) out[offset + j] = stream.normal();
  },
};
