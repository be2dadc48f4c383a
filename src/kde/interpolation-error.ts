/**
 * How far a radial kernel may lie from its bilinear interpolant between nodes, box by box.
 *
 * With steps d_j between nodes, counted in bandwidths, interpolation along axis j errs by d_j^2 / 8 times the largest second
 * derivative along it; where the kernel ends with a kink of slope J, by J d_j / 4 more; and by no more than d_j / 2 times the
 * steepest slope in any case, which serves at a tip. Interpolating along one axis magnifies no error along the other, so
 * these add up. Of K(u) = g(|u|) the second derivative is
 *
 *     d^2 K / du_j^2 = g''(r) (u_j / r)^2 + g'(r) / r (1 - (u_j / r)^2).
 *
 * @module
 */
import type { Kernel, KernelName } from '../kernels/index.js';

/** What is known of a kernel's g. */
export interface RadialShape {
  /** Beyond, g counts as 0, and is at most `neglected`. */
  readonly reach: number;
  readonly neglected: number;
  /** |g'| is at most this, and at the end of its support this. */
  readonly steepness: number;
  readonly kink: number;
  /** Nodes to a bandwidth: for an error of some thousandths of the density. */
  readonly perBandwidth: number;
  /** Rows times cells from which on transforms are worth their error. */
  readonly leastPairs: number;
  /** What |g''(r)|, |g'(r)| / r and |g'(r)| are at most from `low` to `high`. */
  bend(low: number, high: number): number;
  turn(low: number, high: number): number;
  slope(low: number, high: number): number;
}

const HALF_PI = 0.5 * Math.PI;
const compact = { reach: 1, neglected: 0, perBandwidth: 32, leastPairs: 2 ** 37 };
/** exp(-r) is 1e-7 there. */
const EXPONENTIAL_REACH = 16;

const SHAPES: Readonly<Partial<Record<KernelName, RadialShape>>> = {
  epanechnikov: { ...compact, steepness: 2, kink: 2, bend: () => 2, turn: () => 2, slope: () => 2 },
  biweight: {
    ...compact,
    steepness: 1.54,
    kink: 0,
    bend: (low, high) => Math.max(Math.abs(12 * low * low - 4), Math.abs(12 * high * high - 4)),
    turn: (low) => 4 * (1 - low * low),
    slope: () => 1.54,
  },
  triweight: {
    ...compact,
    steepness: 1.72,
    kink: 0,
    // (1 - r^2) (30 r^2 - 6), which has its greatest value, 4.8, at r^2 = 0.6.
    bend(low, high) {
      const at = (r: number): number => Math.abs((1 - r * r) * (30 * r * r - 6));
      return low * low < 0.6 && high * high > 0.6 ? Math.max(4.8, at(low)) : Math.max(at(low), at(high));
    },
    turn: (low) => 6 * (1 - low * low) ** 2,
    slope: () => 1.72,
  },
  linear: { ...compact, steepness: 1, kink: 1, bend: () => 0, turn: (low) => 1 / low, slope: () => 1 },
  cosine: {
    ...compact,
    steepness: HALF_PI,
    kink: HALF_PI,
    bend: (low) => HALF_PI ** 2 * Math.cos(HALF_PI * low),
    turn: (low) => (low === 0 ? HALF_PI ** 2 : (HALF_PI * Math.sin(HALF_PI * low)) / low),
    slope: () => HALF_PI,
  },
  exponential: {
    reach: EXPONENTIAL_REACH,
    neglected: Math.exp(-EXPONENTIAL_REACH),
    perBandwidth: 8,
    leastPairs: 2 ** 32,
    steepness: 1,
    kink: 0,
    bend: (low) => Math.exp(-low),
    turn: (low) => Math.exp(-low) / low,
    slope: (low) => Math.exp(-low),
  },
};

/** The shape of a kernel without steps; `undefined` for the tophat, and for the gaussian, which is a product. */
export function shapeOf({ name }: Pick<Kernel, 'name'>): RadialShape | undefined {
  return SHAPES[name];
}

/** Bounds for the boxes from (a, b) to (a + 1, b + 1) nodes, a < rows, b < columns, row after row. */
export function interpolationErrors(
  shape: RadialShape,
  steps: readonly [number, number],
  rows: number,
  columns: number,
): Float64Array {
  const errors = new Float64Array(rows * columns);
  for (let a = 0; a < rows; a++) {
    for (let b = 0; b < columns; b++) errors[a * columns + b] = boxError(shape, steps, [a * steps[0], b * steps[1]]);
  }
  return errors;
}

function boxError(shape: RadialShape, steps: readonly [number, number], low: readonly [number, number]): number {
  const high = [low[0] + steps[0], low[1] + steps[1]];
  const [near, far] = [Math.hypot(...low), Math.hypot(...high)];
  const end = shape.neglected === 0 ? 1 : Number.POSITIVE_INFINITY;
  if (near >= end) return 0;
  const last = Math.min(far, end);
  const slope = shape.slope(near, last);
  let sum = 0;
  for (const j of [0, 1]) {
    const along = near === 0 ? 1 : Math.min(1, (high[j] / near) ** 2);
    const across = 1 - Math.min(1, (low[j] / far) ** 2);
    const second = shape.bend(near, last) * along + shape.turn(near, last) * across;
    const kink = far > end ? shape.kink * Math.min(1, high[j]) : 0;
    sum += Math.min((steps[j] * steps[j] * second) / 8 + (kink * steps[j]) / 4, 0.5 * steps[j] * slope);
  }
  return sum;
}
