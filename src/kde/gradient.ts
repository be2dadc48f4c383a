/**
 * The gradient of the log-density.
 *
 * @module
 */
import { logSlope, logSlopeDerivative } from './bounds.js';
import type { Density } from './density.js';
import { isMirrored } from './folding.js';
import { localSums } from './kernel-slope.js';

/** The sums of all images at one point, each as seen from the point itself. */
export interface PointSums {
  /** log f, up to the normaliser and the derivative of the transformation. */
  readonly logMass: number;
  /** Gradient of that along y. */
  readonly gradient: Float64Array;
  /** Mean shift along y: by how far the weighted mean of the rows in reach, by g, lies from it. */
  readonly meanShift: Float64Array;
  /** What the shift is to H times the gradient: sum w k / sum w g, 1 for the gaussian kernel. */
  readonly ratio: number;
}

/**
 * The sums at y, the coordinates behind transformations.
 *
 *     grad log f = H^-1 sum_i w_i g(t_i) (y_i - y) / sum_i w_i k(t_i),    g(t) = -2 k'(t),
 *
 * over all images; along a column in which an image is mirrored it counts backwards.
 */
export function pointSums(density: Density, y: Float64Array, tolerance: number): PointSums {
  const { coordinates } = density;
  const d = coordinates.dimension;
  let unit = Number.NEGATIVE_INFINITY;
  let [mass, slope] = [0, 0];
  const gradient = new Float64Array(d);
  const pull = new Float64Array(d);
  const total = (): number => unit + Math.log(mass);
  density.sum.forEachImage(y, total, (z, indices) => {
    const sums = localSums(density, z, Math.max(tolerance, 2 ** -50));
    if (sums.mass === 0) return;
    // All sums in units of the largest so far.
    if (-sums.shift > unit) {
      const factor = Math.exp(unit + sums.shift);
      unit = -sums.shift;
      mass *= factor;
      slope *= factor;
      for (let j = 0; j < d; j++) {
        gradient[j] *= factor;
        pull[j] *= factor;
      }
    }
    const share = Math.exp(-sums.shift - unit);
    mass += share * sums.mass;
    slope += share * sums.slope;
    const [along, shifted] = [sums.pull, sums.pull.slice()];
    coordinates.stepOfY(shifted);
    for (let j = 0; j < d; j++) along[j] *= coordinates.scales[j] * coordinates.scales[j];
    coordinates.gradientOfY(along);
    coordinates.folds.forEach((fold, i) => {
      if (!isMirrored(fold, indices[i])) return;
      along[fold.column] *= -1;
      shifted[fold.column] *= -1;
    });
    for (let j = 0; j < d; j++) {
      gradient[j] += share * along[j];
      pull[j] += share * shifted[j];
    }
  });
  const divide = (values: Float64Array, by: number): Float64Array => values.map((v) => (by > 0 ? v / by : 0));
  return { logMass: total(), gradient: divide(gradient, mass), meanShift: divide(pull, slope), ratio: mass / slope };
}

/** Writes the gradient of log f at the x at `data[from ..]` into `out[from ..]`; zeros where there is no density. */
export function gradientAt(density: Density, data: Float64Array, from: number, out: Float64Array): void {
  const { coordinates } = density;
  const d = coordinates.dimension;
  const y = new Float64Array(d);
  if (coordinates.unbound(data, from, y) === Number.NEGATIVE_INFINITY) return;
  const { gradient } = pointSums(density, y, density.fitted.relativeTolerance);
  for (let j = 0; j < d; j++) {
    const bounds = coordinates.boundsOf(j);
    const x = data[from + j];
    // d log f / dx = (d log g / dy) dy/dx + d log |dy/dx| / dx.
    out[from + j] =
      bounds?.by === 'transformation'
        ? gradient[j] * Math.exp(logSlope(bounds, x)) + logSlopeDerivative(bounds, x)
        : gradient[j];
  }
}
