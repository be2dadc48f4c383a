/**
 * Compact polynomial kernels on a line by prefix sums: with the columns in order, the rows in reach of a query x are those of
 * some leaves side by side, and of one leaf at either end in part. Those two are summed row by row; of all between,
 *
 *     sum_i w_i (1 - H^2 (u_i - x)^2)^m = sum_j C(m, j) (-H^2)^j Q_2j,    Q_n = sum_i w_i (u_i - x)^n,
 *
 * where Q_n comes from D_n = P_n(b) - P_n(a), the difference of two prefix sums of w_i u_i^n, by moving their centre to x. A
 * query is two searches among the leaves, whatever the bandwidth; 1 - |u| takes a third one, for the leaf that x lies in.
 *
 * Such differences cancel: what remains of the P_n is about W (h / range)^n. They are therefore held in double-double,
 * numbers of 106 bits, and every query has a bound on what rounding can have cost it; where that is more than is allowed, the
 * tree is walked. Lengths are counted from the middle of all rows in a power of two that makes all |u_i| <= 1, so that
 * |D_n| <= W_in, the weight between, and
 *
 *     |error of Q_n| <= (1 + |x|)^n (2^-91 W_in + (b - a + 1) 2^-103 W),
 *
 * for at most six passes of shifts here and when sums are made, and one addition for each leaf. Besides, the moments of
 * a leaf about its own middle are summed in doubles: an error of (rows + 256) 2^-53 of the weight at most.
 *
 * Microseconds of a query before, by the walk with its series (line-expansion.ts), and now; standard normal rows and queries,
 * Silverman's bandwidth, minimum of 21 runs of 4,000 queries in turns on a busy core of an AMD EPYC, Node 20:
 *
 * | rows | epanechnikov, 1e-4 | 1e-8 | triweight, 1e-4 | 1e-8 |
 * |---|---|---|---|---|
 * | 10,000 | 1.6, 1.1 | 3.2, 1.1 | 5.9, 1.0 | 4.0, 1.0 |
 * | 1,000,000 | 9.6, 2.7 | 12.2, 2.3 | 5.3, 2.1 | 14.7, 3.2 |
 *
 * The first query of a tree of a million rows waits 6 to 20 ms for the sums. The linear kernel gains a factor of 2.
 *
 * Reference: Dekker (1971), *A floating-point technique for extending the available precision*, doi:10.1007/BF01397083;
 * Joldes, Muller & Popescu (2017), doi:10.1145/3121432, for the error of one operation.
 *
 * @module
 */
import type { KernelName } from '../kernels/index.js';
import type { LeafKernel } from '../simd/index.js';
import { type LeafSums, leafSumsOf } from './leaf-sums.js';
import { walkTolerance } from './tolerance.js';
import type { Tree } from './tree.js';

/** The power m of (1 - t)^m. The tophat, m = 0, gains nothing: the walk settles its nodes exactly by their weight. */
const POWERS: Readonly<Partial<Record<KernelName, number>>> = { epanechnikov: 1, biweight: 2, triweight: 3 };
/** C(m, j) (-1)^j. */
const BINOMIALS = [[1], [1, -1], [1, -2, 1], [1, -3, 3, -1]];
/** Fewer leaves are walked. */
const LEAST_LEAVES = 8;
/** Tolerances below this leave no room for rounding. */
const LEAST_TOLERANCE = 1e-12;

/** Sums over the rows in reach, and whether they can be trusted. */
export class PrefixSums {
  readonly #tree: Tree;
  readonly #leafKernel: LeafKernel;
  /** m; `undefined` for 1 - |u|. */
  readonly #power: number | undefined;
  readonly #scale: number;
  readonly #tolerance: number;
  readonly #rounding: number;
  #sums: LeafSums | undefined;
  /** The query, the place left out and its leaf. */
  #x = 0;
  #except = -1;
  #exceptLeaf = -1;
  /** What is summed so far: by prefix sums, their error at most, and row by row. */
  #between = 0;
  #error = 0;
  #partial = 0;

  /** For a kernel on a tree; `undefined` where walks are better. A matter of the model alone, never of the rows asked for. */
  static tryFor(
    tree: Tree,
    name: KernelName,
    leafKernel: LeafKernel,
    scale: number,
    relativeTolerance: number,
  ): PrefixSums | undefined {
    const power = POWERS[name];
    if (tree.columns !== 1 || tree.stretches !== undefined || tree.firstLeaf + 1 < LEAST_LEAVES) return undefined;
    if ((power === undefined && name !== 'linear') || relativeTolerance < LEAST_TOLERANCE) return undefined;
    return new PrefixSums(tree, leafKernel, power, scale, walkTolerance(relativeTolerance));
  }

  private constructor(tree: Tree, leafKernel: LeafKernel, power: number | undefined, scale: number, tolerance: number) {
    this.#tree = tree;
    this.#leafKernel = leafKernel;
    this.#power = power;
    this.#scale = scale;
    this.#tolerance = tolerance;
    this.#rounding = 2 ** (power ?? 1) * (256 + tree.rows / (tree.firstLeaf + 1)) * 2 ** -53;
  }

  /**
   * sum_i w_i k(t_i) over all rows but the one at place `except`; -1 where rounding may have cost too much. The loops over
   * leaves must know of the query.
   */
  sum(x: number, except: number): number {
    const leaves = this.#tree.firstLeaf + 1;
    const [a, b] = [this.#firstInReach(x), this.#firstBeyond(x)];
    this.#x = x;
    this.#except = except;
    this.#exceptLeaf = except < 0 ? -1 : this.#leafOf(except);
    this.#between = 0;
    this.#error = 0;
    this.#partial = 0;
    // A leaf that reaches out on both sides is b and a - 1.
    if (a > 0) this.#addLeaf(a - 1);
    if (b < leaves && b !== a - 1) this.#addLeaf(b);
    if (this.#power !== undefined) this.#addLeaves(a, b, 0);
    else if (a < b) {
      const middle = Math.min(b, Math.max(a, this.#firstBehind(x)));
      const straddles = middle < b && this.#low(middle) < x;
      this.#addLeaves(a, middle, -1);
      if (straddles) this.#addLeaf(middle);
      this.#addLeaves(straddles ? middle + 1 : middle, b, 1);
    }
    const sum = this.#between + this.#partial;
    return this.#error <= this.#tolerance * (sum - this.#error) ? sum : -1;
  }

  #low(leaf: number): number {
    return this.#tree.boxes[2 * (this.#tree.firstLeaf + leaf)];
  }

  /** The first leaf none of whose rows lie out of reach to the left. */
  #firstInReach(x: number): number {
    const { boxes, firstLeaf } = this.#tree;
    let [from, to] = [0, firstLeaf + 1];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((x - boxes[2 * (firstLeaf + middle)]) * this.#scale > 1) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** The first leaf that has rows out of reach to the right. */
  #firstBeyond(x: number): number {
    const { boxes, firstLeaf } = this.#tree;
    let [from, to] = [0, firstLeaf + 1];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((boxes[2 * (firstLeaf + middle) + 1] - x) * this.#scale > 1) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  /** The first leaf that has rows to the right of x. */
  #firstBehind(x: number): number {
    const { boxes, firstLeaf } = this.#tree;
    let [from, to] = [0, firstLeaf + 1];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (boxes[2 * (firstLeaf + middle) + 1] > x) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  #leafOf(place: number): number {
    const { starts, firstLeaf } = this.#tree;
    let [from, to] = [0, firstLeaf];
    while (from < to) {
      const middle = (from + to + 1) >> 1;
      if (starts[firstLeaf + middle] <= place) from = middle;
      else to = middle - 1;
    }
    return from;
  }

  /** Adds a leaf row by row. */
  #addLeaf(leaf: number): void {
    const { loops, starts, ends, firstLeaf } = this.#tree;
    const [start, end] = [starts[firstLeaf + leaf], ends[firstLeaf + leaf]];
    if (leaf !== this.#exceptLeaf) {
      this.#partial += loops.sum(this.#leafKernel, start, end, start, end, 0);
      return;
    }
    this.#partial += loops.sum(this.#leafKernel, start, end, start, this.#except, 0);
    this.#partial += loops.sum(this.#leafKernel, start, end, this.#except + 1, end, 0);
  }

  /** Adds the leaves `from` to `to - 1`, all in reach; for 1 - |u| those on one side, -1 or 1. */
  #addLeaves(from: number, to: number, side: number): void {
    if (from >= to) return;
    this.#sums ??= leafSumsOf(this.#tree, this.#power === undefined ? 1 : 2 * this.#power);
    const sums = this.#sums;
    sums.clear();
    const without = this.#exceptLeaf;
    if (without >= from && without < to) {
      this.#addLeaf(without);
      sums.add(from, without);
      sums.add(without + 1, to);
    } else sums.add(from, to);
    const weight = sums.moment(0);
    const x = sums.moveTo(this.#x);
    // Lengths in units of the bandwidth, as H and H (1 + |x|).
    const scale = this.#scale / sums.unit;
    const farthest = scale * (1 + Math.abs(x));
    const lost = 2 ** -91 * weight + (to - from + 1) * 2 ** -103 * this.#tree.nodeWeights[0];
    if (this.#power === undefined) {
      this.#between += weight - side * scale * sums.moment(1);
      this.#error += (1 + farthest) * lost + this.#rounding * weight;
      return;
    }
    const coefficients = BINOMIALS[this.#power];
    let sum = 0;
    for (let j = this.#power; j >= 0; j--) sum = sum * scale * scale + coefficients[j] * sums.moment(2 * j);
    this.#between += sum;
    this.#error += (1 + farthest * farthest) ** this.#power * lost + this.#rounding * weight;
  }
}
