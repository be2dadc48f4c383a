/**
 * Sums of a tabulated profile over the rows of a tree, to a relative tolerance: {@link KernelSum} for a kernel that has no
 * loops of its own.
 *
 * @module
 */
import { farthestInBox, leafDistances, nearestInBox } from './distances.js';
import type { SelfConvolution } from './self-convolution.js';
import { FREE_SHARE, walkTolerance } from './tolerance.js';
import type { Tree } from './tree.js';

/** log sum_i w_i p(t_i), p never rising; of trees without stretches. */
export class TabulatedSum {
  readonly #tree: Tree;
  readonly #kernel: SelfConvolution;
  readonly #scales: Float64Array;
  readonly #tolerance: number;
  readonly #stack: Uint32Array;
  readonly #distances: Float64Array;

  constructor(tree: Tree, kernel: SelfConvolution, scales: Float64Array, relativeTolerance: number) {
    this.#tree = tree;
    this.#kernel = kernel;
    this.#scales = scales;
    this.#tolerance = walkTolerance(relativeTolerance);
    this.#stack = new Uint32Array(tree.depth + 2);
    this.#distances = new Float64Array(tree.loops.sums.length);
  }

  /** The sum over all rows; `-Infinity` where none is in reach. */
  logSum(query: Float64Array): number {
    return Math.log(this.#sum(query, 0));
  }

  /**
   * A share of the sum over all pairs of rows: that of the row at a place, weighed, with itself and twice with the rows at
   * later places. Over all places these add up to all pairs, at half the work.
   */
  logPairs(query: Float64Array, place: number): number {
    return Math.log((this.#tree.weights?.[place] ?? 1) + 2 * this.#sum(query, place + 1));
  }

  /** Over the places from `from` on. */
  #sum(query: Float64Array, from: number): number {
    const { nodeWeights, firstLeaf, starts, ends } = this.#tree;
    const tied = (this.#tolerance * (1 - FREE_SHARE)) / nodeWeights[0];
    let [sum, lower, spent, settled] = [0, 0, 0, 0];
    let height = 1;
    this.#stack[0] = 0;
    while (height > 0) {
      const node = this.#stack[--height];
      if (ends[node] <= from) continue;
      const weight = nodeWeights[node];
      if (starts[node] < from) {
        if (node < firstLeaf) height = this.#open(node, height, query);
        else sum += this.#leafSum(node, query, from);
        continue;
      }
      const most = weight * this.#kernel.profile(nearestInBox(this.#tree, node, query, this.#scales));
      const least =
        most === 0 ? 0 : weight * this.#kernel.profile(farthestInBox(this.#tree, node, query, this.#scales));
      const half = 0.5 * (most - least);
      // As in the walk of KernelSum: `spent` stays within the tolerance of `lower`, which never exceeds the sum.
      const budget = this.#tolerance * FREE_SHARE + tied * (settled + weight);
      if (spent + half <= budget * (lower + least)) {
        spent += half;
        lower += least;
        sum += 0.5 * (most + least);
      } else if (node < firstLeaf) {
        height = this.#open(node, height, query);
        continue;
      } else {
        const term = this.#leafSum(node, query, from);
        lower += term;
        sum += term;
      }
      settled += weight;
    }
    return sum;
  }

  /** Puts the children of a node on the stack, the nearer one on top. */
  #open(node: number, height: number, query: Float64Array): number {
    const left = 2 * node + 1;
    const toLeft = nearestInBox(this.#tree, left, query, this.#scales);
    const isLeftNearer = toLeft <= nearestInBox(this.#tree, left + 1, query, this.#scales);
    this.#stack[height] = isLeftNearer ? left + 1 : left;
    this.#stack[height + 1] = isLeftNearer ? left : left + 1;
    return height + 2;
  }

  #leafSum(leaf: number, query: Float64Array, from: number): number {
    const { starts, weights } = this.#tree;
    const count = leafDistances(this.#tree, leaf, query, this.#scales, this.#distances);
    const before = Math.max(0, from - starts[leaf]);
    const distances = before === 0 ? this.#distances : this.#distances.subarray(before);
    return this.#kernel.sum(distances, count - before, weights, starts[leaf] + before);
  }
}
