/**
 * Sums at queries that lie near each other, by one walk for all of them: what large batches take.
 *
 * Space is cut into regions, half a bandwidth along each axis, counted from the low corner of the box of all rows. What a
 * walk decides - which nodes are settled, how, and in which order - depends on the region only, never on the queries that
 * happen to be there: bounds hold for all of it. So a query's sum has the same bits alone and in any company, and company is cheap.
 *
 * The budget is that of {@link KernelSum}, with a lower bound that holds for every y of the region R. The gaussian is convex in the
 * squared distance, so by Jensen's inequality a node of weight W, mean m and variances v_j has at any y a sum of at least
 *
 *     W exp(-t / 2),    t = sum_j ((y_j - m_j)^2 + v_j) s_j^2,
 *
 * the mean of the squared distances of its rows; the least over R is at its corner furthest from m. It is close to the sum
 * itself where nodes and regions are not wide, and costs what the distance of a box costs.
 *
 * For 100,000 queries to as many normal rows, Silverman's bandwidth, a query takes in two dimensions 2.6 us at a tolerance of
 * 1e-4 and 6.3 us at 1e-8, each walking alone 7.6 and 19.4; in one dimension 0.2 and 0.3 us, alone 0.8 and 1.3. Queries with a
 * region for themselves pay 0.7 to 1.1 times what they pay alone. (AMD EPYC, Node 20.) From three dimensions on there are no
 * series, and sharing was measured to give nothing.
 *
 * Reference: Gray & Moore (2001), *N-body problems in statistical learning*, for walks that queries share.
 *
 * @module
 */
import type { Kernel } from '../kernels/kernel.js';
import { type LeafKernel, leafKernel, type TreeWalk } from '../simd/index.js';
import { gaussianExpansionFor } from './expansion.js';
import type { GaussianExpansion } from './gaussian-expansion.js';
import { RegionWalk } from './region-walk.js';
import { kernelTolerance, SMALL_SUM, walkTolerance } from './tolerance.js';
import type { Tree } from './tree.js';

/** No region: the query goes alone. */
export const NOWHERE = -1;

/** Side of a region in bandwidths. 0.35 to 0.7 are about equally fast: smaller ones have less company, larger ones looser bounds. */
const SIDE = 0.5;
/** A region's walk holds for a rim of this much of its side too, so that no rounding puts a query beyond its ends. */
const RIM = 1e-6;
/** Rows further than so many regions from the low corner go alone. */
const MOST_REGIONS = 2 ** 16;
/**
 * Below this tolerance all queries go alone. Terms are added without compensation: 100,000 of them to the share of the tolerance that
 * kernel values leave.
 */
const LEAST_TOLERANCE = 1e-9;
/** Half diagonal of the median leaf, in bandwidths, from which on queries alone are faster: they were at 1.4, not at 1.1. */
const MOST_RADIUS = 1.2;

/** log sum_i w_i k(t_i) at queries of one region, for a gaussian kernel in one or two dimensions. */
export class RegionSums {
  /** Queries, row after row: a register for at least 64 of them. */
  readonly queries: Float64Array;
  /** Most queries of one {@link RegionSums.logSums}. */
  readonly most: number;
  readonly #tree: Tree;
  readonly #scales: Float64Array;
  readonly #sides: Float64Array;
  /** How many regions there are along each axis. */
  readonly #counts: Float64Array;
  readonly #tolerance: number;
  readonly #leafKernel: LeafKernel;
  readonly #expansion: GaussianExpansion;
  readonly #compiled: TreeWalk | undefined;
  readonly #plain: RegionWalk | undefined;
  readonly #least: number;

  /** Sums of a kernel over a tree, where sharing pays: a matter of the model alone. */
  static of(tree: Tree, kernel: Kernel, scales: Float64Array, relativeTolerance: number): RegionSums | undefined {
    if (relativeTolerance < LEAST_TOLERANCE || tree.depth === 0) return undefined;
    const expansion = gaussianExpansionFor(tree, kernel, scales, relativeTolerance);
    if (expansion === undefined || !hasNarrowLeaves(tree, scales)) return undefined;
    return new RegionSums(tree, scales, relativeTolerance, expansion);
  }

  private constructor(tree: Tree, scales: Float64Array, relativeTolerance: number, expansion: GaussianExpansion) {
    const { loops, boxes, columns } = tree;
    this.queries = loops.queries;
    this.most = loops.sums.length;
    this.#tree = tree;
    this.#scales = scales;
    this.#sides = scales.map((s) => SIDE / s);
    this.#counts = this.#sides.map((side, j) => Math.floor((boxes[columns + j] - boxes[j]) / side) + 1);
    this.#tolerance = walkTolerance(relativeTolerance);
    this.#leafKernel = leafKernel('gaussian', kernelTolerance(relativeTolerance, tree.depth));
    this.#expansion = expansion;
    this.#compiled = loops.walk;
    this.#plain = loops.walk ? undefined : new RegionWalk(tree, scales, expansion, this.#leafKernel);
    this.#least = SMALL_SUM * tree.nodeWeights[0];
  }

  /** The number of the region of a query, below 2^32; {@link NOWHERE} for one that goes alone. */
  regionOf(query: Float64Array): number {
    let region = 0;
    for (let j = query.length - 1; j >= 0; j--) {
      const x = query[j];
      const index = Math.floor((x - this.#tree.boxes[j]) / this.#sides[j]);
      // The ends are looked at too: far from 0, a region may be narrower than the step from one double to the next.
      const isInside = index >= 0 && index < this.#counts[j] && index < MOST_REGIONS;
      if (!isInside || x < this.#low(index, j) || x > this.#high(index, j)) return NOWHERE;
      region = region * Math.min(this.#counts[j], MOST_REGIONS) + index;
    }
    return region;
  }

  /**
   * Writes log of the sums at the first `count` {@link queries}, all of this region, to `out[0 ..]`; `NaN` for those
   * that must go alone.
   *
   * Cost: O(log n) nodes, and for each query a series or the rows of a leaf for those of them that are near.
   */
  logSums(region: number, count: number, out: Float64Array): void {
    const { loops } = this.#tree;
    this.#load(region);
    for (let i = 0; i < count; i++) {
      loops.sums[i] = 0;
      loops.shifts[i] = 0;
    }
    const isDone = this.#add(count);
    for (let i = 0; i < count; i++) {
      const sum = loops.sums[i];
      out[i] = isDone && sum >= this.#least ? Math.log(sum) : Number.NaN;
    }
  }

  #add(count: number): boolean {
    const { order, rounding } = this.#expansion.moments;
    const walk = this.#compiled;
    if (walk) return walk.addRegion(this.#leafKernel, count, this.#tolerance, order, rounding);
    return this.#plain?.add(count, this.#tolerance) ?? false;
  }

  /** Tells the loops, which other sums may have used meanwhile, what they are about. */
  #load(region: number): void {
    const { loops, columns } = this.#tree;
    const ends = this.#compiled?.region ?? (this.#plain as RegionWalk).region;
    let rest = region;
    for (let j = 0; j < columns; j++) {
      const count = Math.min(this.#counts[j], MOST_REGIONS);
      const index = rest % count;
      rest = (rest - index) / count;
      ends[2 * j] = this.#high(index, j);
      ends[2 * j + 1] = this.#low(index, j);
      loops.scales[j] = this.#scales[j];
      if (this.#compiled) this.#compiled.ratios[j] = this.#expansion.ratios[j];
    }
  }

  #low(index: number, j: number): number {
    return this.#tree.boxes[j] + (index - RIM) * this.#sides[j];
  }

  #high(index: number, j: number): number {
    return this.#tree.boxes[j] + (index + 1 + RIM) * this.#sides[j];
  }
}

/** Whether half the leaves are narrow enough for regions to share what lies around them. */
function hasNarrowLeaves({ boxes, columns, firstLeaf, starts }: Tree, scales: Float64Array): boolean {
  let narrow = 0;
  for (let leaf = firstLeaf; leaf < starts.length; leaf++) {
    let squares = 0;
    for (let j = 0; j < columns; j++) {
      const side = (boxes[(2 * leaf + 1) * columns + j] - boxes[2 * leaf * columns + j]) * scales[j];
      squares += side * side;
    }
    if (squares <= (2 * MOST_RADIUS) ** 2) narrow++;
  }
  return 2 * narrow >= starts.length - firstLeaf;
}
