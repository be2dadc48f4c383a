/**
 * The cosine kernel, k(t) = cos(pi r / 2) with r = sqrt(t).
 *
 * @module
 */
import type { Kernel } from './kernel.js';
import { drawOnSphere, logSphereArea } from './radial.js';

const HALF_PI = Math.PI / 2;

/** cos(pi r / 2) = sin(pi (1 - r) / 2), with 1 - r = (1 - t) / (1 + r), so that nothing cancels near the edge. */
function cosineProfile(t: number): number {
  return t < 1 ? Math.sin((HALF_PI * (1 - t)) / (1 + Math.sqrt(t))) : 0;
}

/**
 * log of I_n = int_0^1 r^n cos(pi r / 2) dr.
 *
 * With s = 1 - r and a = pi/2, I_n = int (1 - s)^n sin(a s) ds; term by term of the sine's series,
 *
 *     I_n = a / ((n + 1) (n + 2)) * (1 - q_1 (1 - q_2 (1 - ...))),    q_k = a^2 / ((n + 2k + 1) (n + 2k + 2)).
 *
 * All q_k <= 0.21, so nothing cancels. The usual recurrence I_n = 1/a - n (n - 1) I_(n-2) / a^2 loses all digits as n
 * grows, and is easily stopped at the wrong end for odd n.
 */
function logCosineMoment(n: number): number {
  let series = 1;
  for (let k = 12; k >= 1; k--) {
    const q = (HALF_PI * HALF_PI) / ((n + 2 * k + 1) * (n + 2 * k + 2));
    series = 1 - q * series;
  }
  return Math.log(HALF_PI) - Math.log(n + 1) - Math.log(n + 2) + Math.log(series);
}

/**
 * With A_d the area of the unit sphere, Z_d = A_d I_(d-1), and the variance along each axis is I_(d+1) / (d I_(d-1)).
 *
 * The radius is drawn by rejection: r^(d-1) cos(pi r / 2) <= (pi / 2) r^(d-1) (1 - r), a Beta(d, 2) density up to its
 * constant. More than four proposals in five are accepted, in every dimension.
 */
export const cosine: Kernel = {
  name: 'cosine',
  isCompact: true,
  profile: cosineProfile,
  logProfile: (t) => Math.log(cosineProfile(t)),
  logNormalizer: (dimension) => logSphereArea(dimension) + logCosineMoment(dimension - 1),
  variance: (dimension) => Math.exp(logCosineMoment(dimension + 1) - logCosineMoment(dimension - 1)) / dimension,
  sample(stream, dimension, out, offset) {
    for (;;) {
      const radius = stream.beta(dimension, 2);
      const height = HALF_PI * (1 - radius);
      if (stream.uniform() * height > Math.sin(height)) continue;
      drawOnSphere(stream, dimension, radius, out, offset);
      return;
    }
  },
};
