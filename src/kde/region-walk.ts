/**
 * The walk for all queries of a region, written plainly: the twin of src/simd/assembly/region-walk.ts, and what runs where that
 * cannot. What it does and why is told in region-sums.ts.
 *
 * @module
 */
import { expNegative } from '../kernels/exp.js';
import type { LeafKernel } from '../simd/index.js';
import type { GaussianExpansion } from './gaussian-expansion.js';
import { FREE_SHARE } from './tolerance.js';
import type { Tree } from './tree.js';

/**
 * Where at the first leaf t at most and t at least are further apart, that is the bounds by a factor of exp(6), queries are better off
 * alone: of 6, 12 and 30, 12 does well with narrow leaves and with wide ones.
 */
const MOST_SPREAD = 12;

/** Walks a tree for the queries that the loops hold. */
export class RegionWalk {
  /** High and low end of the region along each axis: a register. */
  readonly region: Float64Array;
  readonly #tree: Tree;
  readonly #scales: Float64Array;
  readonly #expansion: GaussianExpansion;
  readonly #leafKernel: LeafKernel;
  readonly #query: Float64Array;
  readonly #stack: Uint32Array;

  constructor(tree: Tree, scales: Float64Array, expansion: GaussianExpansion, kernel: LeafKernel) {
    this.#tree = tree;
    this.#scales = scales;
    this.#expansion = expansion;
    this.#leafKernel = kernel;
    this.region = new Float64Array(2 * tree.columns);
    this.#query = new Float64Array(tree.columns);
    this.#stack = new Uint32Array(tree.depth + 2);
  }

  /** Adds sum_i w_i k(t_i) to the sums of the first `count` queries; false, and sums undefined, where they must go alone. */
  add(count: number, tolerance: number): boolean {
    const { nodeWeights, firstLeaf, starts, ends, loops } = this.#tree;
    const free = tolerance * FREE_SHARE;
    const tied = (tolerance * (1 - FREE_SHARE)) / nodeWeights[0];
    let [lower, spent, settled, shared] = [0, 0, 0, 0];
    let height = 1;
    this.#stack[0] = 0;
    while (height > 0) {
      const node = this.#stack[--height];
      const weight = nodeWeights[node];
      const nearest = this.#nearest(node);
      const most = weight * expNegative(-0.5 * nearest);
      if (most === 0) {
        settled += weight;
        continue;
      }
      const mean = this.#mean(node);
      const least = weight * expNegative(-0.5 * mean);
      const allowance = (free + tied * (settled + weight)) * (lower + least) - spent;
      const half = 0.5 * (most - least);
      if (half <= allowance) {
        spent += half;
        shared += 0.5 * (most + least);
      } else {
        const error = this.#addSeries(node, count, most, allowance);
        if (error >= 0) spent += error;
        else if (node < firstLeaf) {
          height = this.#open(node, height);
          continue;
        } else {
          if (settled === 0 && mean - nearest > MOST_SPREAD) return false;
          loops.addSums(this.#leafKernel, starts[node], ends[node], starts[node], ends[node], count);
        }
      }
      lower += least;
      settled += weight;
    }
    for (let i = 0; i < count; i++) loops.sums[i] += shared;
    return true;
  }

  /** What the node's sum by its series may be off by, after adding it; -1 where that is not allowed, or does not pay. */
  #addSeries(node: number, count: number, most: number, allowance: number): number {
    const order = this.#expansion.orderFor(node, most, allowance);
    if (order === 0) return -1;
    const error = this.#expansion.errorOf(node, most, order);
    if (!(error <= allowance)) return -1;
    const { loops, columns } = this.#tree;
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < columns; j++) this.#query[j] = loops.queries[i * columns + j];
      loops.sums[i] += this.#expansion.evaluate(node, this.#query, order);
    }
    return error;
  }

  /** The least t of any row of a node at any query of the region. */
  #nearest(node: number): number {
    const { boxes, columns } = this.#tree;
    let t = 0;
    for (let j = 0; j < columns; j++) {
      const below = boxes[2 * node * columns + j] - this.region[2 * j];
      const above = this.region[2 * j + 1] - boxes[(2 * node + 1) * columns + j];
      const u = Math.max(below, above, 0) * this.#scales[j];
      t += u * u;
    }
    return t;
  }

  /** The mean t of the rows of a node at the query of the region where it is greatest. */
  #mean(node: number): number {
    const { boxes, columns, spreads } = this.#tree;
    let t = 0;
    for (let j = 0; j < columns; j++) {
      const low = boxes[2 * node * columns + j];
      const mean = spreads[2 * (node * columns + j)];
      // The mean as a number would be rounded to the steps of doubles far from 0.
      const scale = this.#scales[j];
      const u = Math.max(low - this.region[2 * j + 1] + mean, this.region[2 * j] - low - mean) * scale;
      t += u * u + spreads[2 * (node * columns + j) + 1] * scale * scale;
    }
    return t;
  }

  /** Puts the children of a node on the stack, the nearer one on top. */
  #open(node: number, height: number): number {
    const left = 2 * node + 1;
    const isLeftNearer = this.#mean(left) <= this.#mean(left + 1);
    this.#stack[height] = isLeftNearer ? left + 1 : left;
    this.#stack[height + 1] = isLeftNearer ? left : left + 1;
    return height + 2;
  }
}
