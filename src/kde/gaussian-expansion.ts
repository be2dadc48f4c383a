/**
 * The gaussian kernel's series about the centre of a node: with y = (x - c) / h and He_n Hermite's polynomials,
 *
 *     sum_i w_i exp(-|y - u_i|^2 / 2) = exp(-|y|^2 / 2) sum_a He_a(y) M_a + R,    |a| < p.
 *
 * Along the line from the centre to a row the p-th derivative of the kernel is He_p times the kernel, and by Cramer's
 * inequality |He_p(z)| <= 1.0865 sqrt(p!) exp(z^2 / 4). So, with r the half diagonal of the box in bandwidths and t its
 * least squared distance,
 *
 *     |R| <= 1.0865 W exp(-t / 4) r^p / sqrt(p!).
 *
 * The terms in absolute value sum to at most W exp(-|y|^2 / 2 + |y| r + r^2 / 2): that much rounding is added to the error.
 *
 * Reference: Greengard & Strain (1991), *The fast Gauss transform*, doi:10.1137/0912004; for the inequality, Abramowitz &
 * Stegun (1964), 22.14.17.
 *
 * @module
 */
import { expNegative } from '../kernels/exp.js';
import type { Expansion } from './expansion.js';
import { centre, momentsOf, type NodeMoments } from './moments.js';
import type { Tree } from './tree.js';

const CRAMER = 1.0865;
/** 1.0865 / sqrt(n!). */
const REMAINDERS = remainders(32);
/** Largest half diagonal of a node, in bandwidths, that a series is tried on: beyond, 24 terms are never enough. */
const MOST_RADIUS = Math.sqrt(6);
/** A term costs about this many rows of a leaf sum: here, and in the compiled loops for blocks of queries. */
const ROWS_PER_TERM = 0.5;
const COMPILED_ROWS_PER_TERM = 0.15;

/** See {@link Expansion}. */
export class GaussianExpansion implements Expansion {
  error = 0;
  readonly #tree: Tree;
  readonly #scales: Float64Array;
  readonly moments: NodeMoments;
  /** Bandwidth at building over bandwidth now, for each axis. */
  readonly ratios: Float64Array;
  readonly #rowsPerTerm: number;
  /** r of each node; made when first asked for, as the compiled walk has its own. */
  #radii: Float64Array | undefined;
  readonly #first: Float64Array;
  readonly #second: Float64Array;

  constructor(tree: Tree, scales: Float64Array, ratios: Float64Array) {
    this.#tree = tree;
    this.#scales = scales;
    this.moments = momentsOf(tree);
    this.ratios = ratios;
    this.#rowsPerTerm = tree.loops.walk ? COMPILED_ROWS_PER_TERM : ROWS_PER_TERM;
    this.#first = new Float64Array(this.moments.order);
    this.#second = new Float64Array(this.moments.order);
  }

  sum(node: number, query: Float64Array, most: number, allowance: number): number {
    const p = this.orderFor(node, most, allowance);
    if (p === 0) return -1;
    const radius = this.#radiusOf(node);
    const squares = this.#squares(node, query);
    const kernel = expNegative(-0.5 * squares);
    const growth = expNegative(-radius * (Math.sqrt(squares) + 0.5 * radius));
    const rounding = (this.moments.rounding * this.#tree.nodeWeights[node] * kernel) / growth;
    this.error = this.#remainder(node, most, p) + rounding;
    return this.error <= allowance ? kernel * this.#series(node, query, p) : -1;
  }

  /** The least order whose remainder is within the allowance; 0 where there is none, or where rows are cheaper. */
  orderFor(node: number, most: number, allowance: number): number {
    const { columns, nodeWeights, starts, ends } = this.#tree;
    const radius = this.#radiusOf(node);
    const { order } = this.moments;
    // W exp(-t / 4) r^p, t being the least squared distance.
    let remainder = Math.sqrt(nodeWeights[node]) * Math.sqrt(most) * radius;
    let p = 1;
    while (remainder * REMAINDERS[p] > allowance) {
      if (++p > order || radius > MOST_RADIUS) return 0;
      remainder *= radius;
    }
    const terms = columns === 1 ? p : 0.5 * p * (p + 1);
    return terms * this.#rowsPerTerm > ends[node] - starts[node] ? 0 : p;
  }

  #radiusOf(node: number): number {
    this.#radii ??= this.#tree.nodeWeights.map((_, i) => halfDiagonal(this.#tree, i, this.#scales));
    return this.#radii[node];
  }

  /** The error of a series at any query of which `most` holds. */
  errorOf(node: number, most: number, p: number): number {
    // -|y|^2 / 2 + |y| r + r^2 / 2 is at most r^2.
    const rounding = this.moments.rounding * this.#tree.nodeWeights[node] * Math.exp(this.#radiusOf(node) ** 2);
    return this.#remainder(node, most, p) + rounding;
  }

  /** The sum over a node by a series of this order. */
  evaluate(node: number, query: Float64Array, p: number): number {
    return expNegative(-0.5 * this.#squares(node, query)) * this.#series(node, query, p);
  }

  #remainder(node: number, most: number, p: number): number {
    return Math.sqrt(this.#tree.nodeWeights[node]) * Math.sqrt(most) * this.#radiusOf(node) ** p * REMAINDERS[p];
  }

  #series(node: number, query: Float64Array, p: number): number {
    return this.#tree.columns === 1 ? this.#series1(node, query, p) : this.#series2(node, query, p);
  }

  /** |y|^2. */
  #squares(node: number, query: Float64Array): number {
    let squares = 0;
    for (let j = 0; j < this.#tree.columns; j++) squares += this.#offset(node, query, j) ** 2;
    return squares;
  }

  /** (x_j - c_j) / h_j. */
  #offset(node: number, query: Float64Array, axis: number): number {
    return (query[axis] - centre(this.#tree, node, axis)) * this.#scales[axis];
  }

  #series1(node: number, query: Float64Array, p: number): number {
    const { values } = this.moments;
    const from = this.moments.of(node);
    this.#hermite(node, query, 0, p, this.#first);
    let sum = 0;
    for (let a = p - 1; a >= 0; a--) sum += this.#first[a] * values[from + a];
    return sum;
  }

  #series2(node: number, query: Float64Array, p: number): number {
    const { values, order } = this.moments;
    let row = this.moments.of(node);
    const first = this.#first;
    const second = this.#second;
    this.#hermite(node, query, 0, p, first);
    this.#hermite(node, query, 1, p, second);
    let sum = 0;
    // Two rows at once: each addition waits for the one before.
    for (let a = 0; a < p; a += 2) {
      const next = row + order - a;
      const shared = p - a - 1;
      let inner = second[shared] * values[row + shared];
      let other = 0;
      for (let b = 0; b < shared; b++) {
        const power = second[b];
        inner += power * values[row + b];
        other += power * values[next + b];
      }
      sum += first[a] * inner;
      if (shared > 0) sum += first[a + 1] * other;
      row = next + order - a - 1;
    }
    return sum;
  }

  /** out_n = He_n(y) q^n for n < p, with q the ratio of scales: out_(n+1) = q y out_n - n q^2 out_(n-1). */
  #hermite(node: number, query: Float64Array, axis: number, p: number, out: Float64Array): void {
    const ratio = this.ratios[axis];
    const step = ratio * this.#offset(node, query, axis);
    const back = ratio * ratio;
    out[0] = 1;
    if (p > 1) out[1] = step;
    for (let n = 1; n < p - 1; n++) out[n + 1] = step * out[n] - n * back * out[n - 1];
  }
}

function halfDiagonal({ boxes, columns }: Tree, node: number, scales: Float64Array): number {
  let squares = 0;
  for (let j = 0; j < columns; j++) {
    const side = (boxes[(2 * node + 1) * columns + j] - boxes[2 * node * columns + j]) * scales[j];
    squares += side * side;
  }
  // A little more than rounding can have taken.
  return 0.5 * Math.sqrt(squares) * (1 + 1e-12);
}

function remainders(count: number): Float64Array {
  const values = new Float64Array(count);
  let root = 1;
  for (let n = 0; n < count; n++) {
    if (n > 0) root *= Math.sqrt(n);
    values[n] = CRAMER / root;
  }
  return values;
}
