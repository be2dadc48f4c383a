/**
 * Nearest rows, through the kd-tree of kernel density estimation.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { Samples } from '../core/samples.js';
import { leafDistances, nearestInBox } from '../kde/distances.js';
import { buildTreeSlowly, type Tree } from '../kde/tree.js';
import { type LeafLoops, makeLeafLoops } from '../simd/index.js';

/** In 10 columns a quarter faster than 32 and half as long as 16; in 2 columns all three are alike (10,000 rows). */
const LEAF_SIZE = 64;

/** The k nearest rows of a query, nearest first. */
export interface Neighbours {
  /** Squared distances. */
  readonly squares: Float64Array;
  /** Numbers of the rows. */
  readonly rows: Uint32Array;
}

/**
 * Rows that can be asked which of them are nearest.
 *
 * Distances in the tree's boxes are rounded the same way as those to rows, so that the search is exact. Cost: O(log n) in few
 * columns; up to n distances in many.
 *
 * Reference: Friedman, Bentley & Finkel (1977), doi:10.1145/355744.355745.
 */
export class NeighbourSearch {
  readonly #tree: Tree;
  readonly #scales: Float64Array;
  readonly #distances: Float64Array;
  readonly #stack: Uint32Array;
  /** Finds the nearest row of a leaf quickly: most leaves have none near enough, and are done with. */
  readonly #loops: LeafLoops;

  static async of(samples: Samples, pacer: Pacer): Promise<NeighbourSearch> {
    const scales = new Float64Array(samples.columns).fill(1);
    return new NeighbourSearch(
      await buildTreeSlowly({ samples, weights: undefined }, scales, LEAF_SIZE, pacer),
      scales,
    );
  }

  private constructor(tree: Tree, scales: Float64Array) {
    this.#tree = tree;
    this.#scales = scales;
    this.#distances = new Float64Array(LEAF_SIZE);
    // A walk keeps one node for each level beside its own.
    this.#stack = new Uint32Array(tree.depth + 2);
    this.#loops = makeLeafLoops({ rows: tree.rows, columns: tree.columns, weighted: false });
    this.#loops.coordinates.set(tree.coordinates);
    this.#loops.scales.set(scales);
  }

  /** The `count` nearest rows; `except` is a row that does not count as its own neighbour, -1 for none. */
  nearest(query: Float64Array, count: number, except = -1): Neighbours {
    const tree = this.#tree;
    const list = new NearestList(count);
    this.#loops.query.set(query);
    let depth = 0;
    this.#stack[depth++] = 0;
    while (depth > 0) {
      const node = this.#stack[--depth];
      if (nearestInBox(tree, node, query, this.#scales) >= list.worst) continue;
      if (node >= tree.firstLeaf) this.#visit(node, query, except, list);
      else depth = this.#push(node, query, depth);
    }
    return { squares: list.squares, rows: list.rows };
  }

  /** Puts the two children on the stack, the nearer on top. */
  #push(node: number, query: Float64Array, depth: number): number {
    const [left, right] = [2 * node + 1, 2 * node + 2];
    const toLeft = nearestInBox(this.#tree, left, query, this.#scales);
    const toRight = nearestInBox(this.#tree, right, query, this.#scales);
    this.#stack[depth] = toLeft <= toRight ? right : left;
    this.#stack[depth + 1] = toLeft <= toRight ? left : right;
    return depth + 2;
  }

  #visit(leaf: number, query: Float64Array, except: number, list: NearestList): void {
    const { starts, order } = this.#tree;
    if (this.#nearestInLeaf(leaf) >= list.worst) return;
    const count = leafDistances(this.#tree, leaf, query, this.#scales, this.#distances);
    for (let i = 0; i < count; i++) {
      const row = order[starts[leaf] + i];
      if (this.#distances[i] < list.worst && row !== except) list.insert(this.#distances[i], row);
    }
  }

  #nearestInLeaf(leaf: number): number {
    const [start, end] = [this.#tree.starts[leaf], this.#tree.ends[leaf]];
    return this.#loops.nearest(start, end, start, end);
  }

  /** The greatest of some numbers of rows within each node, for {@link isWithin}. */
  greatest(squares: Float64Array): Float64Array {
    const { starts, ends, order, firstLeaf } = this.#tree;
    const greatest = new Float64Array(starts.length);
    for (let node = starts.length - 1; node >= 0; node--) {
      if (node < firstLeaf) greatest[node] = Math.max(greatest[2 * node + 1], greatest[2 * node + 2]);
      else for (let i = starts[node]; i < ends[node]; i++) greatest[node] = Math.max(greatest[node], squares[order[i]]);
    }
    return greatest;
  }

  /**
   * Whether the query lies in the ball of any row.
   *
   * @param squares - Squared radius of each row's ball.
   * @param greatest - {@link greatest} of them.
   */
  isWithin(query: Float64Array, squares: Float64Array, greatest: Float64Array): boolean {
    const tree = this.#tree;
    this.#loops.query.set(query);
    let depth = 0;
    this.#stack[depth++] = 0;
    while (depth > 0) {
      const node = this.#stack[--depth];
      if (nearestInBox(tree, node, query, this.#scales) > greatest[node]) continue;
      if (node < tree.firstLeaf) {
        depth = this.#push(node, query, depth);
        continue;
      }
      if (this.#nearestInLeaf(node) > greatest[node]) continue;
      const count = leafDistances(tree, node, query, this.#scales, this.#distances);
      const start = tree.starts[node];
      for (let i = 0; i < count; i++) if (this.#distances[i] <= squares[tree.order[start + i]]) return true;
    }
    return false;
  }
}

/** The nearest rows so far, in order. Insertion is quick: most rows that come later are farther away. */
class NearestList {
  readonly squares: Float64Array;
  readonly rows: Uint32Array;
  #worst = Number.POSITIVE_INFINITY;

  constructor(count: number) {
    this.squares = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    this.rows = new Uint32Array(count);
  }

  /** The distance that a newcomer must beat. */
  get worst(): number {
    return this.#worst;
  }

  insert(square: number, row: number): void {
    const { squares, rows } = this;
    let i = squares.length - 1;
    for (; i > 0 && squares[i - 1] > square; i--) {
      squares[i] = squares[i - 1];
      rows[i] = rows[i - 1];
    }
    squares[i] = square;
    rows[i] = row;
    this.#worst = squares[squares.length - 1];
  }
}
