/**
 * The distribution function of a gaussian density of one column, from moments of cells.
 *
 * Rows are gathered in cells that are narrow beside the bandwidth. With u = (x - c) / h for a cell of middle c, and its
 * moments M_k = sum_i w_i ((x_i - c) / h)^k,
 *
 *     sum_i w_i Phi((x - x_i) / h) = sum_(k < p) (-1)^k M_k Phi^(k)(u) / k! + R,    Phi^(k) = (-1)^(k-1) He_(k-1) phi,
 *     |R| <= W r^p / p! max |Phi^(p)|,    |He_n(u)| phi(u) <= 1.0865 sqrt(n!) exp(-u^2 / 4) / sqrt(2 pi),
 *
 * r being the greatest |x_i - c| / h, by Taylor's theorem and Cramer's inequality (Abramowitz & Stegun 22.14.17).
 *
 * @module
 */
import { normalCdf } from '../core/special-functions.js';
import type { Density } from './density.js';

/** p: moments of a cell. */
const ORDER = 8;
/** r at most: with p = 8 the remainder is then below 5e-11 of the weight. */
const WIDEST = 0.125;
/** Fewer rows than this are summed faster one by one. */
const LEAST_ROWS = 4096;
/** The bound on |R| / (W r^p), but for exp(-u^2 / 4): 1.0865 sqrt(7!) / (sqrt(2 pi) 8!). */
const REMAINDER = (1.0865 * Math.sqrt(5040)) / (Math.sqrt(2 * Math.PI) * 40320);
/** 1 / k!. */
const INVERSE_FACTORIALS = [1, 1, 1 / 2, 1 / 6, 1 / 24, 1 / 120, 1 / 720, 1 / 5040];

/** Sums of Phi over the rows of one density. */
export class GaussianCells {
  readonly #scale: number;
  /** Middles and half widths in bandwidths, and M_k of cell c at `c * ORDER + k`. */
  readonly #middles: Float64Array;
  readonly #halves: Float64Array;
  readonly #moments: Float64Array;
  readonly #total: number;

  private constructor(density: Density, nodes: readonly number[]) {
    const { tree, placed, fitted, coordinates } = density;
    this.#scale = coordinates.scales[0];
    this.#middles = Float64Array.from(nodes, (node) => 0.5 * (tree.boxes[2 * node] + tree.boxes[2 * node + 1]));
    this.#halves = new Float64Array(nodes.length);
    this.#moments = new Float64Array(nodes.length * ORDER);
    this.#total = tree.totalWeight;
    for (const [cell, node] of nodes.entries()) {
      const middle = this.#middles[cell];
      for (let place = tree.starts[node]; place < tree.ends[node]; place++) {
        const row = tree.order[place];
        const t = (placed.data[row] - middle) * this.#scale;
        this.#halves[cell] = Math.max(this.#halves[cell], Math.abs(t));
        let power = fitted.weights === undefined ? 1 : fitted.weights[row];
        for (let k = 0; k < ORDER; k++, power *= t) this.#moments[cell * ORDER + k] += power;
      }
    }
  }

  /** The cells of a density; `undefined` where rows lie too sparse for them, or there are few, or another kernel. */
  static of(density: Density): GaussianCells | undefined {
    const { tree, kernel, coordinates, fitted } = density;
    const isPlain = kernel.name === 'gaussian' && tree.columns === 1 && fitted.factors === undefined;
    if (!isPlain || tree.rows < LEAST_ROWS) return undefined;
    const widest = (2 * WIDEST) / coordinates.scales[0];
    const nodes: number[] = [];
    const stack = [0];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      const width = tree.boxes[2 * node + 1] - tree.boxes[2 * node];
      // A leaf that is too wide is a cell all the same: its remainder will tell.
      if (width <= widest || node >= tree.firstLeaf) nodes.push(node);
      else stack.push(2 * node + 1, 2 * node + 2);
    }
    return new GaussianCells(density, nodes);
  }

  /** The share of weight in [a, b], if that is known to the tolerance relative to itself; otherwise `undefined`. */
  share(a: number, b: number, tolerance: number): number | undefined {
    const [upTo, upToError] = this.#below(b);
    const [before, beforeError] = this.#below(a);
    const share = upTo - before;
    const error = upToError + beforeError + 2 ** -50 * upTo;
    return error <= tolerance * (share - error) ? Math.min(1, share / this.#total) : undefined;
  }

  /** sum_i w_i Phi((x - x_i) / h), and the bound on what it misses. */
  #below(x: number): [sum: number, error: number] {
    if (x === Number.NEGATIVE_INFINITY) return [0, 0];
    if (x === Number.POSITIVE_INFINITY) return [this.#total, 0];
    let [sum, error] = [0, 0];
    for (let cell = 0; cell < this.#middles.length; cell++) {
      const u = (x - this.#middles[cell]) * this.#scale;
      const at = cell * ORDER;
      const weight = this.#moments[at];
      const half = this.#halves[cell];
      const nearest = Math.max(0, Math.abs(u) - half);
      error += weight * REMAINDER * half ** ORDER * Math.exp(-0.25 * nearest * nearest);
      sum += weight * normalCdf(u);
      const density = Math.exp(-0.5 * u * u) / Math.sqrt(2 * Math.PI);
      if (density === 0) continue;
      // (-1)^k Phi^(k) = -He_(k-1) phi; He_k = u He_(k-1) - (k - 1) He_(k-2).
      let [hermite, previous, series] = [1, 0, 0];
      for (let k = 1; k < ORDER; k++) {
        series += this.#moments[at + k] * INVERSE_FACTORIALS[k] * hermite;
        [hermite, previous] = [u * hermite - (k - 1) * previous, hermite];
      }
      sum -= density * series;
    }
    return [sum, error];
  }
}
