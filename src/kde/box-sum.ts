/**
 * The weight of all kernels inside a box, through the tree.
 *
 *     sum_i w_i prod_j P(a_j <= x_ij + h_j U <= b_j)
 *
 * Each factor falls with the distance of x_ij from the middle of [a_j, b_j], so its extremes over the side of a node are
 * known, and the product's too.
 *
 * @module
 */
import type { KernelName } from '../kernels/index.js';
import { kernelProbability } from './axis-distribution.js';
import type { Density } from './density.js';

/** Below this, bounds differ by their rounding only. */
const ROUNDING = 2 ** -50;

/** A box in the coordinates of the tree; ends may be infinite. */
export interface Box {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

/**
 * The share of all weight, to a tolerance relative to itself. In one dimension for every kernel; in more for the gaussian
 * with one bandwidth per column, which is a product.
 *
 * Many rows of one column under a gaussian kernel are taken by cells where that keeps the tolerance. Otherwise a node
 * whose rows have from W k_min to W k_max is settled half way when half of W (k_max - k_min) is within half the
 * tolerance of W k_min, or of this node's share of the least that the sum can be. Cost: O(log n) nodes and the leaves where
 * the product changes fast. Where rows have bandwidth factors, what a node can hold is not known from its ends: O(n).
 */
export function boxShare(density: Density, box: Box, relativeTolerance: number): number {
  const { tree, fitted } = density;
  const measure = new BoxMeasure(density, box);
  if (fitted.factors !== undefined) return Math.min(1, measure.leaf(0) / tree.totalWeight);
  const known = density.cells?.share(box.lower[0], box.upper[0], relativeTolerance);
  if (known !== undefined) return known;
  const total = tree.nodeWeights[0];
  const tolerance = 0.5 * Math.max(relativeTolerance, ROUNDING);
  const stack = [0];
  let [sum, lower] = [0, 0];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const weight = tree.nodeWeights[node];
    const most = weight * measure.most(node);
    if (most === 0) continue;
    const least = weight * measure.least(node);
    const spread = 0.5 * (most - least);
    if (spread <= tolerance * Math.max(least, (weight / total) * (lower + least))) {
      sum += least + spread;
      lower += least;
    } else if (node >= tree.firstLeaf) {
      const exact = measure.leaf(node);
      sum += exact;
      lower += exact;
    } else {
      const [left, right] = [2 * node + 1, 2 * node + 2];
      // The fuller child first: the bound it leaves settles the other.
      if (measure.most(left) > measure.most(right)) stack.push(right, left);
      else stack.push(left, right);
    }
  }
  return Math.min(1, sum / total);
}

/** The product of a box at rows, and its extremes over nodes. */
class BoxMeasure {
  readonly #density: Density;
  readonly #box: Box;
  readonly #kernel: KernelName;
  /** Middles of the sides; those of half lines are infinite. */
  readonly #middle: Float64Array;

  constructor(density: Density, box: Box) {
    this.#density = density;
    this.#box = box;
    this.#kernel = density.kernel.name;
    this.#middle = box.lower.map((a, j) => 0.5 * a + 0.5 * box.upper[j]);
  }

  most(node: number): number {
    return this.#extreme(node, (middle, low, high) => Math.min(high, Math.max(low, middle)));
  }

  least(node: number): number {
    return this.#extreme(node, (middle, low, high) => (middle - low > high - middle ? low : high));
  }

  #extreme(node: number, pick: (middle: number, low: number, high: number) => number): number {
    const { boxes, columns } = this.#density.tree;
    let product = 1;
    for (let j = 0; j < columns && product > 0; j++) {
      // Nothing to pick between where the side is the whole line.
      if (Number.isNaN(this.#middle[j])) continue;
      const x = pick(this.#middle[j], boxes[2 * node * columns + j], boxes[(2 * node + 1) * columns + j]);
      product *= this.#side(j, x);
    }
    return product;
  }

  /** The exact sum over the rows of a node. */
  leaf(node: number): number {
    const { tree, placed, fitted } = this.#density;
    const d = placed.columns;
    let sum = 0;
    for (let place = tree.starts[node]; place < tree.ends[node]; place++) {
      const row = tree.order[place];
      let product = fitted.weights === undefined ? 1 : fitted.weights[row];
      for (let j = 0; j < d && product > 0; j++) {
        if (!Number.isNaN(this.#middle[j])) product *= this.#side(j, placed.data[row * d + j], fitted.factors?.[row]);
      }
      sum += product;
    }
    return sum;
  }

  /** P(a_j <= x + h_j lambda U <= b_j). */
  #side(j: number, x: number, factor = 1): number {
    const scale = this.#density.coordinates.scales[j] / factor;
    const { lower, upper } = this.#box;
    return kernelProbability(this.#kernel, (lower[j] - x) * scale, (upper[j] - x) * scale);
  }
}
