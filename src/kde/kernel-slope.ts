/**
 * How fast the kernels fall, and the sums that gradients and mean shift are made of.
 *
 * @module
 */
import type { Kernel, KernelName } from '../kernels/index.js';
import type { Density } from './density.js';
import { nearestInBox } from './distances.js';

/** What one kernel contributes to a gradient. */
export interface KernelSlope {
  /** g(t) = -2 k'(t), in units of exp(-shift); 0 at cusps. */
  readonly slope: (t: number, shift: number) => number;
  /** The greatest g(t) sqrt(t) of distances t >= near. */
  readonly greatest: (near: number, shift: number) => number;
}

/** Below 1 no further: there a kernel's slope may rise with distance. */
const polynomial = (m: number): KernelSlope => ({
  slope: (t) => (t < 1 ? 2 * m * (1 - t) ** (m - 1) : 0),
  greatest: (near) => (near < 1 ? 2 * m : 0),
});

/** The slopes of all kernels. */
export const KERNEL_SLOPES: Readonly<Record<KernelName, KernelSlope>> = {
  gaussian: {
    slope: (t, shift) => Math.exp(shift - 0.5 * t),
    greatest: (near, shift) => Math.sqrt(Math.max(1, near)) * Math.exp(shift - 0.5 * Math.max(1, near)),
  },
  exponential: {
    slope: (t, shift) => (t > 0 ? Math.exp(shift - Math.sqrt(t)) / Math.sqrt(t) : 0),
    greatest: (near, shift) => Math.exp(shift - Math.sqrt(near)),
  },
  tophat: { slope: () => 0, greatest: (near) => (near <= 1 ? 1 : 0) },
  epanechnikov: polynomial(1),
  biweight: polynomial(2),
  triweight: polynomial(3),
  linear: { slope: (t) => (t > 0 && t < 1 ? 1 / Math.sqrt(t) : 0), greatest: (near) => (near < 1 ? 1 : 0) },
  cosine: {
    // pi / (2 r) sin(pi r / 2), pi^2 / 4 at 0.
    slope: (t) => {
      const half = 0.5 * Math.PI * Math.sqrt(t);
      if (t >= 1) return 0;
      return 0.25 * Math.PI * Math.PI * (half > 0 ? Math.sin(half) / half : 1);
    },
    greatest: (near) => (near < 1 ? 0.5 * Math.PI : 0),
  },
};

/** Sums over the kernels at one point z, all in units of exp(-shift). */
export interface LocalSums {
  readonly shift: number;
  /** sum_i w_i k(t_i). */
  readonly mass: number;
  /** sum_i w_i g(t_i). */
  readonly slope: number;
  /** sum_i w_i g(t_i) (z_i - z), along each axis of z. */
  readonly pull: Float64Array;
}

/**
 * The sums at z. Rows that are left out change `pull`, counted in bandwidths, by at most `tolerance` times `mass`.
 *
 * Where rows have bandwidth factors lambda_i, w_i counts lambda_i^-d of its own, and g is divided by lambda_i^2.
 *
 * The tree is walked nearest first; a node of weight W is left out when the most it can pull is within its share of the
 * tolerance of the mass found so far. Cost: the rows in reach at the tolerance.
 */
export function localSums(density: Density, z: Float64Array, tolerance: number): LocalSums {
  const { tree, placed, kernel, coordinates } = density;
  const { scales } = coordinates;
  const { stretchBounds } = tree;
  const shift = kernel.isCompact ? 0 : -kernel.logProfile(density.kernelSum.nearestDistance(z));
  const { slope: slopeAt, greatest } = KERNEL_SLOPES[kernel.name];
  const d = placed.columns;
  const pull = new Float64Array(d);
  let [mass, slope] = [0, 0];
  const budget = tolerance / tree.nodeWeights[0];
  const stack = [0];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const near = nearestInBox(tree, node, z, scales) * (stretchBounds?.[2 * node] ?? 1);
    const steepest = stretchBounds === undefined ? 1 : Math.sqrt(stretchBounds[2 * node + 1]);
    if (steepest * greatest(near, shift) <= budget * mass) continue;
    if (node < tree.firstLeaf) {
      const [left, right] = [2 * node + 1, 2 * node + 2];
      if (nearestInBox(tree, left, z, scales) <= nearestInBox(tree, right, z, scales)) stack.push(right, left);
      else stack.push(left, right);
      continue;
    }
    for (let place = tree.starts[node]; place < tree.ends[node]; place++) {
      const from = tree.order[place] * d;
      let t = 0;
      for (let j = 0; j < d; j++) t += ((placed.data[from + j] - z[j]) * scales[j]) ** 2;
      const weight = tree.weights === undefined ? 1 : tree.weights[place];
      const stretch = tree.stretches === undefined ? 1 : tree.stretches[place];
      mass += weight * valueAt(kernel, t * stretch, shift);
      const g = weight * stretch * slopeAt(t * stretch, shift);
      if (g === 0) continue;
      slope += g;
      for (let j = 0; j < d; j++) pull[j] += g * (placed.data[from + j] - z[j]);
    }
  }
  return { shift, mass, slope, pull };
}

function valueAt(kernel: Kernel, t: number, shift: number): number {
  return kernel.isCompact ? kernel.profile(t) : Math.exp(shift + kernel.logProfile(t));
}
