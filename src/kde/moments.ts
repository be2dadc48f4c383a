/**
 * Moments of the rows in each node about the centre c of its box,
 *
 *     M_a = sum_i w_i prod_j ((p_ij - c_j) s_j)^(a_j) / a_j!,    |a| < order,
 *
 * in one and two dimensions. With s the scales that the tree was built with, they do not depend on the bandwidth: one
 * set serves all kernels and all bandwidths of a tree.
 *
 * Leaves are summed row by row; a node has its moments from its children by moving their centres,
 *
 *     M_a(c) = sum_(b <= a) M_b(c') prod_j e_j^(a_j - b_j) / (a_j - b_j)!,    e_j = (c'_j - c_j) s_j.
 *
 * A child's box lies in its parent's, so |e_j| is at most the difference of their half sides; the half sides H_j of a node
 * therefore bound the rounding through all levels: each M_a is right to a few hundred units in the last place of
 * W prod_j H_j^(a_j) / a_j!.
 *
 * Reference: Lee, Gray & Moore (2005), *Dual-tree fast Gauss transforms*, section 3, for moments up a kd-tree.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { Tree } from './tree.js';

/**
 * Orders for d = 1 and 2. In two dimensions 24 in place of 16 take a third off the time of a query; more gain little and
 * take memory. From three dimensions on, leaves have fewer rows than series have terms.
 */
const ORDERS = [0, 24, 24];

/** 1 / n for n up to all orders. */
const INVERSES = Float64Array.from({ length: 32 }, (_, n) => 1 / n);

/** Trees with more moments than this, 256 MiB of them, go without: those of 8 million rows in two dimensions. */
const MOST_MOMENTS = 2 ** 25;

/** How many moments each of some nodes has; 0 where there are none. */
export function momentsPerNode(columns: number, nodes: number): number {
  const order = ORDERS[columns] ?? 0;
  const size = columns === 2 ? (order * (order + 1)) / 2 : order;
  return size * nodes <= MOST_MOMENTS ? size : 0;
}

/** Nodes whose moments are computed between two looks at the clock: a millisecond or two. */
const NODES_PER_LOOK = 64;

const known = new WeakMap<Tree, NodeMoments>();

/** The moments of a tree that has some, shared by all who ask. */
export function momentsOf(tree: Tree): NodeMoments {
  const found = known.get(tree) ?? new NodeMoments(tree);
  known.set(tree, found);
  return found;
}

/** Moments by node; each is computed when it is first asked for, always the same way. */
export class NodeMoments {
  /** Exponents go up to order - 1 in sum. */
  readonly order: number;
  /** Moments per node: in two dimensions (0, 0), (0, 1), ..., (1, 0), (1, 1), ... */
  readonly size: number;
  /** All moments: those of a node start at {@link NodeMoments.of}. */
  readonly values: Float64Array;
  /** Rounding of a series of moments, relative to the sum of the absolute values of its terms at most. */
  readonly rounding: number;
  readonly #tree: Tree;
  readonly #powers: Float64Array;
  readonly #others: Float64Array;
  readonly #moved: Float64Array;

  constructor(tree: Tree) {
    this.order = ORDERS[tree.columns];
    this.size = momentsPerNode(tree.columns, tree.starts.length);
    this.values = tree.loops.walk?.moments ?? new Float64Array(tree.starts.length * this.size);
    // Rows of a leaf, and about 20 levels of 24 terms each, in units in the last place.
    this.rounding = (1024 + tree.rows / 2 ** tree.depth) * 2 ** -53;
    this.#tree = tree;
    this.#powers = new Float64Array(this.order);
    this.#others = new Float64Array(this.order);
    this.#moved = new Float64Array(this.size);
  }

  /** Where the moments of a node start. */
  of(node: number): number {
    const at = node * this.size;
    // The first moment is the node's weight.
    if (this.values[at] !== 0) return at;
    const { walk } = this.#tree.loops;
    if (walk) walk.fillMoments(node, this.order);
    else this.#compute(node);
    return at;
  }

  /** Computes all moments, with the event loop given its turns. */
  async fillSlowly(pacer: Pacer): Promise<void> {
    const nodes = this.#tree.starts.length;
    if (this.values[0] !== 0) return;
    // From the leaves up, so that no node has to wait for many.
    const fill = (from: number, to: number): void => {
      for (let i = from; i < to; i++) this.of(nodes - 1 - i);
    };
    await pacer.run('moments of nodes', nodes, fill, NODES_PER_LOOK);
  }

  #compute(node: number): void {
    if (node >= this.#tree.firstLeaf) {
      this.#sumLeaf(node);
      return;
    }
    for (const child of [2 * node + 1, 2 * node + 2]) {
      const from = this.of(child);
      this.#moved.set(this.values.subarray(from, from + this.size));
      this.#move(child, node);
      const to = node * this.size;
      for (let a = 0; a < this.size; a++) this.values[to + a] += this.#moved[a];
    }
  }

  #sumLeaf(leaf: number): void {
    const { coordinates, weights, starts, ends, columns, scales } = this.#tree;
    const start = starts[leaf];
    const count = ends[leaf] - start;
    const base = start * columns;
    const to = leaf * this.size;
    const x = centre(this.#tree, leaf, 0);
    const y = columns === 1 ? 0 : centre(this.#tree, leaf, 1);
    for (let i = 0; i < count; i++) {
      const weight = weights === undefined ? 1 : weights[start + i];
      this.#raise((coordinates[base + i] - x) * scales[0], weight, this.#powers);
      if (columns === 1) {
        for (let a = 0; a < this.order; a++) this.values[to + a] += this.#powers[a];
      } else {
        this.#raise((coordinates[base + count + i] - y) * scales[1], 1, this.#others);
        this.#addProducts(to);
      }
    }
  }

  #addProducts(to: number): void {
    const { order, values } = this;
    let at = to;
    for (let a = 0; a < order; a++) {
      const power = this.#powers[a];
      for (let b = 0; a + b < order; b++) values[at++] += power * this.#others[b];
    }
  }

  /** out_n = first u^n / n!. */
  #raise(u: number, first: number, out: Float64Array): void {
    out[0] = first;
    for (let n = 1; n < this.order; n++) out[n] = out[n - 1] * (u * INVERSES[n]);
  }

  /** Moves what `#moved` holds from the centre of one node to that of another, axis by axis. */
  #move(from: number, to: number): void {
    const { order } = this;
    const moved = this.#moved;
    const tree = this.#tree;
    const powers = this.#powers;
    this.#raise((centre(tree, from, 0) - centre(tree, to, 0)) * tree.scales[0], 1, powers);
    if (tree.columns === 1) {
      convolve(moved, 0, order, powers);
      return;
    }
    // Along the first axis the entry above (a, b) is order - a places behind it.
    for (let a = order - 1; a > 0; a--) {
      const row = rowStart(a, order);
      for (let i = 0; i < a; i++) {
        const power = powers[a - i];
        const source = rowStart(i, order);
        for (let b = 0; a + b < order; b++) moved[row + b] += power * moved[source + b];
      }
    }
    this.#raise((centre(tree, from, 1) - centre(tree, to, 1)) * tree.scales[1], 1, powers);
    for (let a = 0; a < order; a++) convolve(moved, rowStart(a, order), order - a, powers);
  }
}

/** Where the moments (a, 0), (a, 1), ... start. */
function rowStart(a: number, order: number): number {
  return a * order - (a * (a - 1)) / 2;
}

/** m_n <- sum_(k <= n) powers_(n - k) m_k, in place from the top. */
function convolve(values: Float64Array, start: number, count: number, powers: Float64Array): void {
  for (let n = count - 1; n > 0; n--) {
    let sum = values[start + n];
    for (let k = 0; k < n; k++) sum += powers[n - k] * values[start + k];
    values[start + n] = sum;
  }
}

/** The centre of a node's box along an axis; inside the box, rounding included. */
export function centre({ boxes, columns }: Tree, node: number, axis: number): number {
  const low = boxes[2 * node * columns + axis];
  return low + 0.5 * (boxes[(2 * node + 1) * columns + axis] - low);
}
