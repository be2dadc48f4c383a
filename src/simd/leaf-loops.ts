/**
 * Sums of kernel values over the leaves of a tree: the inner loop of kernel density estimation.
 *
 *     sum_i w_i exp(shift) k(t_i),    t_i = sum_j ((x_j - p_ij) s_j)^2
 *
 * over a run of rows p_i, for a query x and scales s (1 / bandwidth). Rows lie leaf by leaf, within a leaf axis by axis, as
 * in the tree: a leaf of the places `start` to `end - 1` in d dimensions has axis j of the row at place i at
 *
 *     coordinates[start * d + j * (end - start) + (i - start)].
 *
 * Rows may have stretches g_i of their own, by which their t_i are multiplied: 1 / lambda_i^2 for bandwidth factors lambda_i.
 *
 * Compiled, millions of pairs a second on one core for d = 1, 2, 3, 4, 6, 16: the gaussian kernel takes 431, 372, 328, 287,
 * 241, 111; with the short exponential 455, 410, 356, 315, 252, 112; exponential 334 to 104; compact kernels 360 to 650 for
 * d = 2. Plain loops take 80, 60, 46, 39, 33, 17. Weights cost 2 %; many queries in one call gain 4 %. (Leaves of 64
 * rows, scripts/bench-simd.mjs, AMD EPYC, Node 20.) Distances have the same bits as the plain ones; each kernel value is
 * accurate to 4.5e-16 (short: 2e-12) beside the rounding of its argument.
 *
 * @module
 */

import { bytes } from './kernel-sums.generated.js';
import type { LeafKernel } from './leaf-kernels.js';
import { PlainLeafLoops } from './plain-leaf-loops.js';
import { TreeWalk, type WalkExports, type WalkShape, walkLengths } from './tree-walk.js';
import { instantiate } from './webassembly.js';

/** What rows the loops are for. */
export interface LeafShape {
  /** Number of rows, n. */
  readonly rows: number;
  /** Number of columns, d. */
  readonly columns: number;
  /** Whether rows have weights of their own. */
  readonly weighted: boolean;
  /** Whether rows have stretches of their own; false unless told otherwise. */
  readonly stretched?: boolean;
  /** The tree that the leaves belong to, where it is to be walked. */
  readonly walk?: WalkShape;
  /** Most queries of one {@link LeafLoops.addSums}; 0 unless told otherwise. */
  readonly queries?: number;
}

/**
 * Loops over rows that lie in memory of their own, filled once and read from then on.
 *
 * `query`, `scales`, `queries`, `shifts` and `sums` are registers: whoever starts a run of calls sets them first.
 */
export interface LeafLoops {
  /** n x d coordinates, in the order above; to be filled by the owner. */
  readonly coordinates: Float64Array;
  /** n weights by place, to be filled by the owner; `undefined` for weights of 1. */
  readonly weights: Float64Array | undefined;
  /** n stretches by place, to be filled by the owner; `undefined` for stretches of 1. */
  readonly stretches: Float64Array | undefined;
  /** The query of {@link sum} and {@link nearest}: d numbers. */
  readonly query: Float64Array;
  /** s, d numbers. */
  readonly scales: Float64Array;
  /** The queries of {@link addSums}, row after row. */
  readonly queries: Float64Array;
  /** The shift of each of them. */
  readonly shifts: Float64Array;
  /** The sum of each of them. */
  readonly sums: Float64Array;
  /** The walk through the tree; `undefined` where none was asked for, and in plain loops. */
  readonly walk: TreeWalk | undefined;

  /**
   * The sum over the places `from` to `to - 1` of the leaf that holds `start` to `end - 1`; 0 over none.
   *
   * For the exponentials shift + log k(t_i) must be 700 at most; values below 2^-1022 count as 0. Compact kernels take no
   * notice of the shift.
   */
  sum(kernel: LeafKernel, start: number, end: number, from: number, to: number, shift: number): number;
  /** min t_i over the same places; infinite over none. */
  nearest(start: number, end: number, from: number, to: number): number;
  /** Adds the sum for each of the first `count` queries, the same to the bit as {@link sum}'s, to `sums`. */
  addSums(kernel: LeafKernel, start: number, end: number, from: number, to: number, count: number): void;
}

/** Loops for rows of this shape: compiled where that can be had, else plain. */
export function makeLeafLoops(shape: LeafShape): LeafLoops {
  return CompiledLeafLoops.tryFor(shape) ?? new PlainLeafLoops(shape);
}

/** What assembly/kernel-sums.ts exports. Addresses and strides are in bytes. */
interface Exports extends WalkExports {
  sum(
    kernel: LeafKernel,
    columns: number,
    query: number,
    scales: number,
    points: number,
    stride: number,
    count: number,
    weights: number,
    stretches: number,
    shift: number,
  ): number;
  nearest(
    columns: number,
    query: number,
    scales: number,
    points: number,
    stride: number,
    count: number,
    stretches: number,
  ): number;
  addSums(
    kernel: LeafKernel,
    columns: number,
    queries: number,
    queryCount: number,
    scales: number,
    points: number,
    stride: number,
    count: number,
    weights: number,
    stretches: number,
    shifts: number,
    sums: number,
  ): void;
}

class CompiledLeafLoops implements LeafLoops {
  readonly coordinates: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly stretches: Float64Array | undefined;
  readonly query: Float64Array;
  readonly scales: Float64Array;
  readonly queries: Float64Array;
  readonly shifts: Float64Array;
  readonly sums: Float64Array;
  readonly walk: TreeWalk | undefined;
  readonly #exports: Exports;
  readonly #columns: number;
  /** Addresses, read once: each read of `byteOffset` costs as much as a row. */
  readonly #coordinatesAt: number;
  readonly #weightsAt: number;
  readonly #stretchesAt: number;
  readonly #queryAt: number;
  readonly #scalesAt: number;

  static tryFor(shape: LeafShape): LeafLoops | undefined {
    const { rows, columns, weighted, stretched = false, walk, queries = 0 } = shape;
    const registers = [columns, columns, queries * columns, queries, queries];
    const lengths = [...registers, rows * columns, weighted ? rows : 0, stretched ? rows : 0];
    const loaded = instantiate<Exports>(bytes, [...lengths, ...(walk ? walkLengths(walk, columns) : [])]);
    return loaded && new CompiledLeafLoops(shape, loaded.exports, loaded.arrays);
  }

  private constructor(shape: LeafShape, exports: Exports, arrays: readonly Float64Array[]) {
    [this.query, this.scales, this.queries, this.shifts, this.sums, this.coordinates] = arrays;
    this.weights = shape.weighted ? arrays[6] : undefined;
    this.stretches = shape.stretched ? arrays[7] : undefined;
    this.#exports = exports;
    this.#columns = shape.columns;
    this.#coordinatesAt = this.coordinates.byteOffset;
    this.#weightsAt = this.weights?.byteOffset ?? 0;
    this.#stretchesAt = this.stretches?.byteOffset ?? 0;
    this.#queryAt = this.query.byteOffset;
    this.#scalesAt = this.scales.byteOffset;
    const shared = {
      query: this.#queryAt,
      scales: this.#scalesAt,
      coordinates: this.#coordinatesAt,
      weights: this.#weightsAt,
      stretches: this.#stretchesAt,
      queries: this.queries.byteOffset,
      shifts: this.shifts.byteOffset,
      sums: this.sums.byteOffset,
    };
    this.walk = shape.walk && new TreeWalk(shape.walk, shape.columns, exports, shared, arrays.slice(8));
  }

  sum(kernel: LeafKernel, start: number, end: number, from: number, to: number, shift: number): number {
    const columns = this.#columns;
    return this.#exports.sum(
      kernel,
      columns,
      this.#queryAt,
      this.#scalesAt,
      this.#coordinatesAt + 8 * (start * columns + (from - start)),
      8 * (end - start),
      to - from,
      this.#weightsAt === 0 ? 0 : this.#weightsAt + 8 * from,
      this.#stretchesAt === 0 ? 0 : this.#stretchesAt + 8 * from,
      shift,
    );
  }

  nearest(start: number, end: number, from: number, to: number): number {
    const columns = this.#columns;
    return this.#exports.nearest(
      columns,
      this.#queryAt,
      this.#scalesAt,
      this.#coordinatesAt + 8 * (start * columns + (from - start)),
      8 * (end - start),
      to - from,
      this.#stretchesAt === 0 ? 0 : this.#stretchesAt + 8 * from,
    );
  }

  addSums(kernel: LeafKernel, start: number, end: number, from: number, to: number, count: number): void {
    const columns = this.#columns;
    this.#exports.addSums(
      kernel,
      columns,
      this.queries.byteOffset,
      count,
      this.#scalesAt,
      this.#coordinatesAt + 8 * (start * columns + (from - start)),
      8 * (end - start),
      to - from,
      this.#weightsAt === 0 ? 0 : this.#weightsAt + 8 * from,
      this.#stretchesAt === 0 ? 0 : this.#stretchesAt + 8 * from,
      this.shifts.byteOffset,
      this.sums.byteOffset,
    );
  }
}
