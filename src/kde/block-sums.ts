/**
 * Sums at the rows of the tree themselves, a leaf of them at a time: what cross-validation takes at each bandwidth.
 *
 * The walk is that of {@link KernelSum}, with a box in place of the query: bounds hold for all rows of the block, and the
 * lower bound that the budget is measured by is the least of theirs. Nodes are judged once for the whole block, and rows
 * that lie near are summed by one call for each pair of leaves.
 *
 * On a line the walks of {@link RegionSums} are faster still: 0.3 us a row of 100,000 where these take 0.9 (gaussian, relative
 * tolerance 1e-8). A row's own term is taken off its sum afterwards: where that leaves two thirds of it, half the tolerance for the sum
 * is three quarters of it for the rest. In two dimensions they take as long as these, which measure the budget by the rows' own
 * sums.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { Kernel } from '../kernels/kernel.js';
import { type LeafKernel, leafKernel } from '../simd/index.js';
import { farthestBetweenBoxes, nearestBetweenBoxes } from './distances.js';
import { gaussianExpansionFor } from './expansion.js';
import type { GaussianExpansion } from './gaussian-expansion.js';
import { KernelSum, NOTHING } from './kernel-sum.js';
import { NOWHERE, RegionSums } from './region-sums.js';
import { FREE_SHARE, kernelTolerance, SMALL_SUM, walkTolerance } from './tolerance.js';
import type { Tree } from './tree.js';

/** Most dimensions in which the rows of a leaf lie close enough for one walk to serve them all. */
const MOST_COLUMNS = 3;

/** log sum_j w_j k(t_ij) at each row i of a tree; its own term is left out where that is asked for. */
export class BlockSums {
  readonly #tree: Tree;
  readonly #kernel: Kernel;
  readonly #scales: Float64Array;
  readonly #leavesOut: boolean;
  readonly #tolerance: number;
  readonly #leafKernel: LeafKernel;
  readonly #expansion: GaussianExpansion | undefined;
  /** Rows whose sums are too small for a shared walk go one by one. */
  readonly #single: KernelSum;
  readonly #isShared: boolean;
  readonly #regions: RegionSums | undefined;
  readonly #query: Float64Array;
  readonly #lower: Float64Array;
  readonly #sums: Float64Array;
  readonly #stack: Uint32Array;
  #block = NOTHING;
  /** The leaf of the place last looked at. */
  #leaf: number;

  /** @param leavesOut - Whether the sum at a row is that over all others. */
  constructor(tree: Tree, kernel: Kernel, scales: Float64Array, relativeTolerance: number, leavesOut: boolean) {
    this.#tree = tree;
    this.#kernel = kernel;
    this.#scales = scales;
    this.#leavesOut = leavesOut;
    this.#tolerance = walkTolerance(relativeTolerance);
    this.#leafKernel = leafKernel(kernel.name, kernelTolerance(relativeTolerance, tree.depth));
    this.#expansion = gaussianExpansionFor(tree, kernel, scales, relativeTolerance);
    this.#single = new KernelSum(tree, kernel, scales, relativeTolerance);
    // On a line the other kernels cost O(log n) row by row.
    this.#isShared =
      tree.stretches === undefined &&
      tree.columns <= MOST_COLUMNS &&
      (tree.columns > 1 || kernel.name === 'gaussian' || kernel.name === 'tophat');
    this.#regions = tree.columns === 1 ? RegionSums.of(tree, kernel, scales, 0.5 * relativeTolerance) : undefined;
    this.#leaf = tree.firstLeaf;
    this.#query = new Float64Array(tree.columns);
    this.#lower = new Float64Array(tree.loops.sums.length);
    this.#sums = new Float64Array(tree.loops.sums.length);
    this.#stack = new Uint32Array(tree.depth + 2);
  }

  /** Does beforehand what the first sums would else wait for, with the event loop given its turns. */
  async prepare(pacer: Pacer): Promise<void> {
    await this.#expansion?.moments.fillSlowly(pacer);
  }

  /** The sum at the row at a place; fast where places are asked for in their order. */
  logSum(place: number): number {
    if (!this.#isShared) return this.#alone(place);
    const leaf = this.#leafOf(place);
    if (leaf !== this.#block) {
      this.#block = leaf;
      if (this.#regions) this.#takeRegions(leaf, this.#regions);
      else this.#walk(leaf);
    }
    const sum = this.#sums[place - this.#tree.starts[leaf]];
    if (this.#kernel.isCompact || sum >= SMALL_SUM * this.#tree.nodeWeights[0]) return Math.log(sum);
    return this.#alone(place);
  }

  #leafOf(place: number): number {
    const { depth, rows, starts, ends, firstLeaf } = this.#tree;
    let leaf = this.#leaf;
    if (place >= starts[leaf] && place < ends[leaf]) return leaf;
    leaf = firstLeaf + Math.floor((place / rows) * 2 ** depth);
    while (place < starts[leaf]) leaf--;
    while (place >= ends[leaf]) leaf++;
    this.#leaf = leaf;
    return leaf;
  }

  #alone(place: number): number {
    return this.#single.logSum(this.#load(place), this.#leavesOut ? place : NOTHING);
  }

  /** The sums at all rows of a leaf, one region after the other; 0 for those that must go alone. */
  #takeRegions(block: number, regions: RegionSums): void {
    const { starts, ends } = this.#tree;
    const count = ends[block] - starts[block];
    const places = new Map<number, number[]>();
    for (let i = 0; i < count; i++) {
      const region = regions.regionOf(this.#load(starts[block] + i));
      const others = places.get(region);
      if (others) others.push(i);
      else places.set(region, [i]);
    }
    this.#sums.fill(0);
    for (const [region, own] of places) {
      if (region === NOWHERE) continue;
      own.forEach((i, k) => {
        regions.queries[k] = this.#load(starts[block] + i)[0];
      });
      regions.logSums(region, own.length, this.#lower);
      own.forEach((i, k) => {
        this.#sums[i] = this.#withoutOwn(Math.exp(this.#lower[k]), starts[block] + i);
      });
    }
  }

  /** What is left of a row's sum; 0 where that is too little for the sum's tolerance, or where there is no sum. */
  #withoutOwn(sum: number, place: number): number {
    const own = this.#leavesOut ? (this.#tree.weights?.[place] ?? 1) : 0;
    return sum >= 3 * own ? sum - own : 0;
  }

  /** The sums at all rows of a leaf. */
  #walk(block: number): void {
    const { nodeWeights, starts, ends, firstLeaf } = this.#tree;
    const count = ends[block] - starts[block];
    const free = this.#tolerance * FREE_SHARE;
    const tied = (this.#tolerance * (1 - FREE_SHARE)) / nodeWeights[0];
    this.#sums.fill(0);
    this.#lower.fill(0);
    this.#loadBlock(block);
    let spent = 0;
    let least = 0;
    let settled = 0;
    let height = 1;
    this.#stack[0] = 0;
    while (height > 0) {
      const node = this.#stack[--height];
      const weight = nodeWeights[node];
      const holdsBlock = starts[node] <= starts[block] && ends[node] >= ends[block];
      if (!holdsBlock) {
        const most = weight * this.#value(nearestBetweenBoxes(this.#tree, block, node, this.#scales));
        if (most === 0) {
          settled += weight;
          continue;
        }
        const low = weight * this.#value(farthestBetweenBoxes(this.#tree, block, node, this.#scales));
        const allowance = (free + tied * (settled + weight)) * (least + low) - spent;
        const error = this.#settle(block, node, most, low, allowance);
        if (error >= 0) {
          spent += error;
          settled += weight;
          least = this.#leastLower(count);
          continue;
        }
      }
      if (node < firstLeaf) {
        height = this.#open(block, node, height);
        continue;
      }
      this.#addLeaf(block, node);
      settled += weight;
      least = this.#leastLower(count);
    }
  }

  /** Adds a node to all sums as a whole; returns the error, -1 where it would exceed the allowance. */
  #settle(block: number, node: number, most: number, low: number, allowance: number): number {
    const count = this.#tree.ends[block] - this.#tree.starts[block];
    const half = 0.5 * (most - low);
    if (half <= allowance) {
      for (let i = 0; i < count; i++) {
        this.#sums[i] += 0.5 * (most + low);
        this.#lower[i] += low;
      }
      return half;
    }
    const order = this.#expansion?.orderFor(node, most, allowance) ?? 0;
    if (order === 0 || this.#expansion === undefined) return -1;
    const error = this.#expansion.errorOf(node, most, order);
    if (!(error <= allowance)) return -1;
    this.#tree.loops.sums.fill(0);
    this.#addSeries(block, node, order, count, this.#expansion);
    for (let i = 0; i < count; i++) {
      const term = this.#tree.loops.sums[i];
      this.#sums[i] += term;
      this.#lower[i] += Math.max(low, term - error);
    }
    return error;
  }

  #addSeries(block: number, node: number, order: number, count: number, expansion: GaussianExpansion): void {
    const { loops, starts } = this.#tree;
    const { moments } = expansion;
    if (loops.walk) {
      loops.walk.addSeries(node, moments.of(node), moments.order, order, count);
      return;
    }
    for (let i = 0; i < count; i++) {
      loops.sums[i] += expansion.evaluate(node, this.#load(starts[block] + i), order);
    }
  }

  /** Adds the rows of a leaf to all sums. */
  #addLeaf(block: number, leaf: number): void {
    const { loops, starts, ends } = this.#tree;
    const [start, end] = [starts[leaf], ends[leaf]];
    const count = ends[block] - starts[block];
    loops.sums.fill(0);
    if (leaf === block && this.#leavesOut) this.#addOthers(block);
    else loops.addSums(this.#leafKernel, start, end, start, end, count);
    for (let i = 0; i < count; i++) {
      this.#sums[i] += loops.sums[i];
      this.#lower[i] += loops.sums[i];
    }
  }

  #addOthers(block: number): void {
    const { loops, starts, ends } = this.#tree;
    const [start, end] = [starts[block], ends[block]];
    for (let place = start; place < end; place++) {
      loops.query.set(this.#load(place));
      const before = loops.sum(this.#leafKernel, start, end, start, place, 0);
      loops.sums[place - start] = before + loops.sum(this.#leafKernel, start, end, place + 1, end, 0);
    }
  }

  #leastLower(count: number): number {
    let least = this.#lower[0];
    for (let i = 1; i < count; i++) if (this.#lower[i] < least) least = this.#lower[i];
    return least;
  }

  #value(distance: number): number {
    return this.#kernel.profile(distance);
  }

  /** Puts the children of a node on the stack, the nearer one on top. */
  #open(block: number, node: number, height: number): number {
    const left = 2 * node + 1;
    const toLeft = nearestBetweenBoxes(this.#tree, block, left, this.#scales);
    const toRight = nearestBetweenBoxes(this.#tree, block, left + 1, this.#scales);
    const isLeftNearer = toLeft <= toRight;
    this.#stack[height] = isLeftNearer ? left + 1 : left;
    this.#stack[height + 1] = isLeftNearer ? left : left + 1;
    return height + 2;
  }

  /** The row at a place, in scratch space that the next one takes. */
  #load(place: number): Float64Array {
    const { coordinates, columns, starts, ends } = this.#tree;
    const leaf = this.#leafOf(place);
    const count = ends[leaf] - starts[leaf];
    const at = starts[leaf] * columns + place - starts[leaf];
    for (let j = 0; j < columns; j++) this.#query[j] = coordinates[at + j * count];
    return this.#query;
  }

  /** Tells the loops the rows of a block as queries. */
  #loadBlock(block: number): void {
    const { loops, starts, ends, columns } = this.#tree;
    for (let place = starts[block]; place < ends[block]; place++) {
      loops.queries.set(this.#load(place), (place - starts[block]) * columns);
    }
    loops.scales.set(this.#scales);
    loops.shifts.fill(0);
    if (this.#expansion) loops.walk?.ratios.set(this.#expansion.ratios);
  }
}
