/**
 * The compiled walk through a tree: the sum of all kernel values at one query, to a relative tolerance. Its plain twin, and
 * what both do, is KernelSum in the kernel density's room.
 *
 * @module
 */
import type { LeafKernel } from './leaf-kernels.js';

/** Doubles of a node's record before the low and high ends of its box, axis by axis. */
export const NODE_HEAD = 6;
/** Doubles of an entry of the stack: node, unused, nearest and farthest distance. */
const ENTRY = 4;

/** What trees a walk is for. */
export interface WalkShape {
  /** Number of nodes, numbered as in a heap. */
  readonly nodes: number;
  /** Levels below the root. */
  readonly depth: number;
  /** Moments of each node; 0 for a tree that has none. */
  readonly moments: number;
}

/** How many doubles a walk needs: nodes, moments, ratios, scales at building, stack, spreads, region. */
export function walkLengths({ nodes, depth, moments }: WalkShape, columns: number): number[] {
  const spreads = moments === 0 ? 0 : 2 * nodes * columns;
  const records = nodes * (NODE_HEAD + 2 * columns);
  return [records, nodes * moments, columns, columns, ENTRY * (depth + 2), spreads, 2 * columns];
}

/** What assembly/walk.ts exports. Addresses are in bytes. */
export interface WalkExports {
  walk(
    kernel: LeafKernel,
    columns: number,
    query: number,
    scales: number,
    nodes: number,
    firstLeaf: number,
    points: number,
    weights: number,
    stretches: number,
    stack: number,
    except: number,
    shift: number,
    tolerance: number,
    moments: number,
    order: number,
    rounding: number,
    ratios: number,
    built: number,
  ): number;
  fillMoments(
    node: number,
    columns: number,
    nodes: number,
    firstLeaf: number,
    points: number,
    weights: number,
    built: number,
    moments: number,
    order: number,
  ): void;
  addSeries(
    columns: number,
    queries: number,
    count: number,
    scales: number,
    ratios: number,
    record: number,
    moments: number,
    order: number,
    p: number,
    sums: number,
  ): void;
  walkRegion(
    kernel: LeafKernel,
    columns: number,
    queries: number,
    count: number,
    region: number,
    scales: number,
    nodes: number,
    spreads: number,
    firstLeaf: number,
    points: number,
    weights: number,
    stack: number,
    tolerance: number,
    moments: number,
    order: number,
    rounding: number,
    ratios: number,
    built: number,
    shifts: number,
    sums: number,
  ): number;
}

/** Addresses of the arrays that a walk shares with the loops over leaves. */
export interface WalkAddresses {
  readonly query: number;
  readonly scales: number;
  readonly coordinates: number;
  readonly weights: number;
  readonly stretches: number;
  readonly queries: number;
  readonly shifts: number;
  readonly sums: number;
}

/** A walk over a tree whose records are filled once. */
export class TreeWalk {
  /**
   * A record for each node: first place, place behind the last, weight, 0, least and greatest stretch (1 where there are
   * none), then low and high end of its box along each axis.
   */
  readonly nodes: Float64Array;
  /** The moments of each node, in order; all 0 until they are needed: the first is then the node's weight. */
  readonly moments: Float64Array;
  /** Scales now over scales at building, one for each axis: a register, as the query and the scales. */
  readonly ratios: Float64Array;
  /** Scales at building, one for each axis; to be filled by the owner, as the nodes. */
  readonly built: Float64Array;
  /**
   * For each node of a tree with moments, along each axis: the mean of its rows, from the low end of its box, and their
   * variance; to be filled by the owner.
   */
  readonly spreads: Float64Array;
  /** High and low end of a region along each axis: a register. */
  readonly region: Float64Array;
  readonly #exports: WalkExports;
  readonly #columns: number;
  readonly #firstLeaf: number;
  readonly #shared: WalkAddresses;
  readonly #nodesAt: number;
  readonly #momentsAt: number;
  readonly #ratiosAt: number;
  readonly #builtAt: number;
  readonly #stackAt: number;
  readonly #spreadsAt: number;
  readonly #regionAt: number;

  constructor(
    shape: WalkShape,
    columns: number,
    exports: WalkExports,
    shared: WalkAddresses,
    arrays: readonly Float64Array[],
  ) {
    [this.nodes, this.moments, this.ratios, this.built, , this.spreads, this.region] = arrays;
    this.#exports = exports;
    this.#columns = columns;
    this.#firstLeaf = 2 ** shape.depth - 1;
    this.#shared = shared;
    const addresses = arrays.map((array) => array.byteOffset);
    [this.#nodesAt, this.#momentsAt, this.#ratiosAt, this.#builtAt, this.#stackAt] = addresses;
    [this.#spreadsAt, this.#regionAt] = addresses.slice(5);
  }

  /**
   * exp(shift) sum_i w_i k(t_i) over all rows but the one at place `except`. Moments are computed when they are first
   * needed.
   *
   * @param order - Order of the series of nodes; 0 for none.
   * @param rounding - Rounding of a series, relative to the sum of its terms in absolute value.
   */
  sum(kernel: LeafKernel, except: number, shift: number, tolerance: number, order: number, rounding: number): number {
    const { query, scales, coordinates, weights, stretches } = this.#shared;
    return this.#exports.walk(
      kernel,
      this.#columns,
      query,
      scales,
      this.#nodesAt,
      this.#firstLeaf,
      coordinates,
      weights,
      stretches,
      this.#stackAt,
      except,
      shift,
      tolerance,
      order === 0 ? 0 : this.#momentsAt,
      order,
      rounding,
      this.#ratiosAt,
      this.#builtAt,
    );
  }

  /**
   * Computes the moments of a node, and of those below it, where they are not there yet.
   *
   * @param order - How many moments there are along the first axis.
   */
  fillMoments(node: number, order: number): void {
    const { coordinates, weights } = this.#shared;
    const [nodes, built, moments] = [this.#nodesAt, this.#builtAt, this.#momentsAt];
    this.#exports.fillMoments(node, this.#columns, nodes, this.#firstLeaf, coordinates, weights, built, moments, order);
  }

  /**
   * Adds to the sums of the first `count` queries, registers of the loops over leaves, that of a node by the gaussian's
   * series of order p.
   *
   * @param from - Where the node's moments start.
   * @param order - How many moments it has along the first axis.
   */
  addSeries(node: number, from: number, order: number, p: number, count: number): void {
    const { scales, queries, sums } = this.#shared;
    const record = this.#nodesAt + 8 * node * (NODE_HEAD + 2 * this.#columns);
    const moments = this.#momentsAt + 8 * from;
    this.#exports.addSeries(this.#columns, queries, count, scales, this.#ratiosAt, record, moments, order, p, sums);
  }

  /**
   * Adds sum_i w_i k(t_i) of a gaussian kernel to the sums of the first `count` queries, registers of the loops over leaves,
   * all of which lie in the region; false, and sums undefined, where they are better off alone. Shifts must be 0.
   *
   * @param order - Order of the series of nodes.
   * @param rounding - Rounding of a series, relative to the sum of its terms in absolute value.
   */
  addRegion(kernel: LeafKernel, count: number, tolerance: number, order: number, rounding: number): boolean {
    const { scales, coordinates, weights, queries, shifts, sums } = this.#shared;
    const isDone = this.#exports.walkRegion(
      kernel,
      this.#columns,
      queries,
      count,
      this.#regionAt,
      scales,
      this.#nodesAt,
      this.#spreadsAt,
      this.#firstLeaf,
      coordinates,
      weights,
      this.#stackAt,
      tolerance,
      this.#momentsAt,
      order,
      rounding,
      this.#ratiosAt,
      this.#builtAt,
      shifts,
      sums,
    );
    return isDone !== 0;
  }
}
