/**
 * Radial distributions in R^d: the sphere's area, and a direction times a radius.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';
import { LOG_PI, logGamma } from '../core/special-functions.js';

/** log of the area of the unit sphere in R^d, 2 pi^(d/2) / Gamma(d/2): 2 points for d = 1, 2 pi for d = 2. */
export function logSphereArea(dimension: number): number {
  return Math.LN2 + 0.5 * dimension * LOG_PI - logGamma(0.5 * dimension);
}

/** Writes a uniformly drawn point of the sphere of the given radius: a normal vector, brought to that length. */
export function drawOnSphere(
  stream: RandomStream,
  dimension: number,
  radius: number,
  out: Float64Array,
  offset: number,
): void {
  let square = 0;
  // A normal vector of length 0 has no direction; it is drawn about once in 2^53 for d = 1.
  while (square === 0) {
    for (let j = 0; j < dimension; j++) {
      const x = stream.normal();
      out[offset + j] = x;
      square += x * x;
    }
  }
  const scale = radius / Math.sqrt(square);
  for (let j = 0; j < dimension; j++) out[offset + j] *= scale;
}
