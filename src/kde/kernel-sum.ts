/**
 * log sum_i w_i k(t_i) through the tree, to a guaranteed relative tolerance.
 *
 * The tree is walked depth first, nearest child first. Two numbers only ever grow: a lower bound of the sum, and the
 * error that has been spent. A node of weight W whose rows have kernel values from k_min to k_max may be settled as
 * W (k_min + k_max) / 2, at an error of at most W (k_max - k_min) / 2, when
 *
 *     spent + W (k_max - k_min) / 2  <=  tolerance * lower * (a + (1 - a) * settled),
 *
 * `lower` and `settled`, the settled share of all weight, taken with this node in. The factor never exceeds 1 and the lower
 * bound never exceeds the sum, so what is spent in the end is at most tolerance * sum: for every query, kernel and dimension. All bounds are
 * linear and nothing is ever subtracted, so nothing cancels far out in the tails.
 *
 * Where midpoints do not serve, a node may have a series of its moments, which errs less: see expansion.ts. Leaves are summed
 * row by row, by compiled loops where those can be had. The walk itself has a compiled twin too, src/simd/assembly/walk.ts,
 * which takes half the time; results of the two differ within the tolerance, each repeats its own to the bit. Polynomial kernels
 * on a line mostly need no walk: see prefix-sums.ts. Gaussian sums at queries that lie near each other take one walk for all: see
 * region-sums.ts.
 *
 * Reference: Gray & Moore (2003), *Nonparametric density estimation: toward computational tractability*,
 * doi:10.1137/1.9781611972733.19, for bounds through the tree; the budget is this file's own.
 *
 * @module
 */
import { expNegative } from '../kernels/exp.js';
import type { Kernel } from '../kernels/kernel.js';
import { type LeafKernel, leafKernel, type TreeWalk } from '../simd/index.js';
import { farthestInBox, nearestInBox } from './distances.js';
import { type Expansion, expansionFor } from './expansion.js';
import { GaussianExpansion } from './gaussian-expansion.js';
import { PrefixSums } from './prefix-sums.js';
import { FREE_SHARE, kernelTolerance, SMALL_SUM, walkTolerance } from './tolerance.js';
import type { Tree } from './tree.js';

/** No place: the walk leaves nothing out. */
export const NOTHING = -1;

/** Sums of one kernel over one tree, at one bandwidth; holds the scratch space of the walk. */
export class KernelSum {
  readonly #tree: Tree;
  readonly #kernel: Kernel;
  readonly #isGaussian: boolean;
  readonly #scales: Float64Array;
  readonly #tolerance: number;
  readonly #leafKernel: LeafKernel;
  readonly #expansion: Expansion | undefined;
  /** The compiled walk, where it can be had: it knows the gaussian's series, not those of the other kernels. */
  readonly #compiled: TreeWalk | undefined;
  readonly #series: GaussianExpansion | undefined;
  readonly #prefixSums: PrefixSums | undefined;
  readonly #stack: Uint32Array;
  readonly #nearest: Float64Array;

  /** @param scales - 1 / h_j for each axis. */
  constructor(tree: Tree, kernel: Kernel, scales: Float64Array, relativeTolerance: number) {
    this.#tree = tree;
    this.#kernel = kernel;
    this.#isGaussian = kernel.name === 'gaussian';
    this.#scales = scales;
    this.#leafKernel = leafKernel(kernel.name, kernelTolerance(relativeTolerance, tree.depth));
    this.#tolerance = walkTolerance(relativeTolerance);
    this.#expansion = expansionFor(tree, kernel, scales, relativeTolerance);
    this.#series = this.#expansion instanceof GaussianExpansion ? this.#expansion : undefined;
    this.#compiled = this.#expansion === this.#series ? tree.loops.walk : undefined;
    this.#prefixSums = PrefixSums.tryFor(tree, kernel.name, this.#leafKernel, scales[0], relativeTolerance);
    this.#stack = new Uint32Array(tree.depth + 2);
    this.#nearest = new Float64Array(tree.depth + 2);
  }

  /**
   * log sum_i w_i k(t_i) over all rows but the one at place `except`; `-Infinity` where no kernel reaches.
   *
   * Cost: O(log n) nodes and the rows of the leaves in reach; no allocation.
   */
  logSum(query: Float64Array, except: number = NOTHING): number {
    this.#load(query);
    const sum = this.#sum(query, 0, except);
    if (this.#kernel.isCompact || sum >= SMALL_SUM * this.#tree.nodeWeights[0]) return Math.log(sum);
    // Far out: count in units of the nearest row's kernel value, so that its term is its whole weight.
    const shift = -this.#kernel.logProfile(this.nearestDistance(query, except));
    if (shift === Number.POSITIVE_INFINITY) return Number.NEGATIVE_INFINITY;
    return Math.log(this.#sum(query, shift, except)) - shift;
  }

  /** The squared scaled distance, stretched where rows have factors, to the nearest row, the one at place `except` left out; infinite if there is none. */
  nearestDistance(query: Float64Array, except: number = NOTHING): number {
    this.#load(query);
    let best = Number.POSITIVE_INFINITY;
    let height = this.#push(0, 0, this.#nearestTo(0, query));
    while (height > 0) {
      height--;
      if (this.#nearest[height] >= best) continue;
      const node = this.#stack[height];
      if (node < this.#tree.firstLeaf) {
        height = this.#open(node, height, query);
        continue;
      }
      best = Math.min(best, this.#leafNearest(node, except));
    }
    return best;
  }

  /** exp(shift) sum_i w_i k(t_i), where shift + log k(t_i) <= 0 for all rows: by the compiled walk or its plain twin. */
  #sum(query: Float64Array, shift: number, except: number): number {
    const known = this.#prefixSums?.sum(query[0], except) ?? -1;
    if (known >= 0) return known;
    if (this.#compiled === undefined) return this.#walk(query, shift, except);
    const moments = shift === 0 ? this.#series?.moments : undefined;
    const [order, rounding] = [moments?.order ?? 0, moments?.rounding ?? 0];
    return this.#compiled.sum(this.#leafKernel, except, shift, this.#tolerance, order, rounding);
  }

  #walk(query: Float64Array, shift: number, except: number): number {
    const tree = this.#tree;
    const { nodeWeights, starts, ends, firstLeaf } = tree;
    const stack = this.#stack;
    const nearest = this.#nearest;
    const free = this.#tolerance * FREE_SHARE;
    const tied = (this.#tolerance * (1 - FREE_SHARE)) / nodeWeights[0];
    const expansion = shift === 0 ? this.#expansion : undefined;
    let lower = 0;
    let spent = 0;
    let settled = 0;
    // The estimate is summed with Kahan's compensation: leaves may be many.
    let sum = 0;
    let lost = 0;
    let height = this.#push(0, 0, this.#nearestTo(0, query));
    while (height > 0) {
      height--;
      const node = stack[height];
      const weight = nodeWeights[node];
      let term = -1;
      if (except < starts[node] || except >= ends[node]) {
        const most = weight * this.#value(nearest[height], shift);
        if (most === 0) {
          settled += weight;
          continue;
        }
        const budget = free + tied * (settled + weight);
        let least = 0;
        if (spent + 0.5 * most > budget * lower) {
          least = weight * this.#value(this.#farthest(node, query), shift);
        }
        const allowance = budget * (lower + least) - spent;
        if (0.5 * (most - least) <= allowance) {
          spent += 0.5 * (most - least);
          lower += least;
          term = 0.5 * (most + least);
        } else if (expansion !== undefined) {
          term = expansion.sum(node, query, most, allowance);
          if (term >= 0) {
            spent += expansion.error;
            lower += Math.max(least, term - expansion.error);
          }
        }
      }
      if (term < 0) {
        if (node < firstLeaf) {
          height = this.#open(node, height, query);
          continue;
        }
        term = this.#leafSum(node, shift, except);
        lower += term;
      }
      settled += weight;
      const corrected = term - lost;
      const next = sum + corrected;
      lost = next - sum - corrected;
      sum = next;
    }
    return sum;
  }

  /** A kernel value that bounds those of a box. No row is nearer than the nearest, so shifted values stop at 1. */
  #value(distance: number, shift: number): number {
    if (this.#isGaussian) return expNegative(Math.min(0, shift - 0.5 * distance));
    if (this.#kernel.isCompact) return this.#kernel.profile(distance);
    return expNegative(Math.min(0, shift + this.#kernel.logProfile(distance)));
  }

  /** What no row of a node is nearer than: the distance of its box by the least stretch. */
  #nearestTo(node: number, query: Float64Array): number {
    const distance = nearestInBox(this.#tree, node, query, this.#scales);
    const { stretchBounds } = this.#tree;
    return stretchBounds === undefined ? distance : distance * stretchBounds[2 * node];
  }

  #farthest(node: number, query: Float64Array): number {
    const distance = farthestInBox(this.#tree, node, query, this.#scales);
    const { stretchBounds } = this.#tree;
    return stretchBounds === undefined ? distance : distance * stretchBounds[2 * node + 1];
  }

  #push(height: number, node: number, nearest: number): number {
    this.#stack[height] = node;
    this.#nearest[height] = nearest;
    return height + 1;
  }

  /** Puts the children of a node on the stack, the nearer one on top. */
  #open(node: number, height: number, query: Float64Array): number {
    const left = 2 * node + 1;
    const right = left + 1;
    const toLeft = this.#nearestTo(left, query);
    const toRight = this.#nearestTo(right, query);
    if (toLeft <= toRight) return this.#push(this.#push(height, right, toRight), left, toLeft);
    return this.#push(this.#push(height, left, toLeft), right, toRight);
  }

  /** exp(shift) sum_i w_i k(t_i) over a leaf. */
  #leafSum(leaf: number, shift: number, except: number): number {
    const { loops, starts, ends } = this.#tree;
    const start = starts[leaf];
    const end = ends[leaf];
    if (except < start || except >= end) return loops.sum(this.#leafKernel, start, end, start, end, shift);
    const before = loops.sum(this.#leafKernel, start, end, start, except, shift);
    return before + loops.sum(this.#leafKernel, start, end, except + 1, end, shift);
  }

  /** min_i t_i over a leaf. */
  #leafNearest(leaf: number, except: number): number {
    const { loops, starts, ends } = this.#tree;
    const start = starts[leaf];
    const end = ends[leaf];
    if (except < start || except >= end) return loops.nearest(start, end, start, end);
    return Math.min(loops.nearest(start, end, start, except), loops.nearest(start, end, except + 1, end));
  }

  /** Tells the loops over leaves, which other sums may have used meanwhile, what they are about. */
  #load(query: Float64Array): void {
    const { query: register, scales } = this.#tree.loops;
    for (let j = 0; j < query.length; j++) {
      register[j] = query[j];
      scales[j] = this.#scales[j];
    }
    if (this.#series) this.#compiled?.ratios.set(this.#series.ratios);
  }
}
