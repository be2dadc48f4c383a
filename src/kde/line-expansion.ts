/**
 * Series about the centre of a node in one dimension, for all kernels but the gaussian: with y = (x - c) / h and
 * f(u) = k(|y - u|^2),
 *
 *     sum_i w_i f(u_i) = sum_(n < p) f^(n)(0) M_n + R.
 *
 * A kernel is smooth along a node that lies within its reach and, for those with a corner at 0, to one side of the query.
 * There the polynomial kernels, k = (1 - u^2)^m and 1 - |u|, are their own series: exact, so that a density costs
 * O(log n) whatever the bandwidth. Of the others each derivative is bounded, |f^(p)| <= exp(-|u|) for the exponential and
 * (pi / 2)^p for the cosine, which bounds R by W (bound) r^p / p!.
 *
 * Of the polynomial kernels most sums are told by prefix-sums.ts, without a walk; this serves where rounding would cost those too
 * much.
 *
 * Moments are about the node's own centre, so neither an offset nor distant rows cost digits. What rounding remains is
 * relative to W times the sum of |f^(n)(0)| r^n / n!, and is part of the error.
 *
 * @module
 */
import type { KernelName } from '../kernels/index.js';
import type { Expansion } from './expansion.js';
import { centre, momentsOf, type NodeMoments } from './moments.js';
import type { Tree } from './tree.js';

/** The series of one kernel. */
interface Series {
  /** Whether the kernel has a corner at distance 0, and whether it ends at distance 1. */
  readonly hasCorner: boolean;
  readonly isCompact: boolean;
  /** Terms of a series without remainder; `undefined` where the series goes on. */
  readonly exactOrder?: number;
  /** |f^(p)| is at most W k_max rate^p, where k_max is 1 for compact kernels. */
  readonly rate: number;
  /** f^(n)(0) for n < p. */
  fill(y: number, p: number, out: Float64Array): void;
  /** What sum_n |f^(n)(0)| r^n / n! is at most. */
  growth(y: number, radius: number): number;
}

/** (1 - u^2)^m from its coefficients in u, by Horner's scheme once for each derivative. */
function polynomial(m: number, coefficients: readonly number[]): Series {
  const degree = 2 * m;
  return {
    hasCorner: false,
    isCompact: true,
    exactOrder: degree + 1,
    rate: 0,
    fill(y, p, out) {
      for (let n = 0; n < p; n++) {
        let sum = 0;
        for (let k = degree; k >= n; k--) {
          let factor = coefficients[k];
          for (let i = 0; i < n; i++) factor *= k - i;
          sum = sum * y + factor;
        }
        out[n] = n % 2 === 0 ? sum : -sum;
      }
    },
    growth: () => 2 ** m,
  };
}

const HALF_PI = 0.5 * Math.PI;

const SERIES: Readonly<Partial<Record<KernelName, Series>>> = {
  epanechnikov: polynomial(1, [1, 0, -1]),
  biweight: polynomial(2, [1, 0, -2, 0, 1]),
  triweight: polynomial(3, [1, 0, -3, 0, 3, 0, -1]),
  linear: {
    hasCorner: true,
    isCompact: true,
    exactOrder: 2,
    rate: 0,
    fill(y, _p, out) {
      out[0] = 1 - Math.abs(y);
      out[1] = Math.sign(y);
    },
    growth: () => 2,
  },
  exponential: {
    hasCorner: true,
    isCompact: false,
    rate: 1,
    fill(y, p, out) {
      const value = Math.exp(-Math.abs(y));
      for (let n = 0; n < p; n++) out[n] = y < 0 && n % 2 === 1 ? -value : value;
    },
    growth: (y, radius) => Math.exp(radius - Math.abs(y)),
  },
  cosine: {
    hasCorner: false,
    isCompact: true,
    rate: HALF_PI,
    fill(y, p, out) {
      const [cos, sin] = [Math.cos(HALF_PI * y), Math.sin(HALF_PI * y)];
      const cycle = [cos, sin, -cos, -sin];
      let power = 1;
      for (let n = 0; n < p; n++) {
        out[n] = power * cycle[n % 4];
        power *= HALF_PI;
      }
    },
    growth: (_y, radius) => Math.exp(HALF_PI * radius),
  },
};

/** The series for a kernel on a tree of one column; `undefined` where it has none, as the tophat, which needs none. */
export function lineExpansion(
  name: KernelName,
  tree: Tree,
  scales: Float64Array,
  ratios: Float64Array,
): Expansion | undefined {
  const series = SERIES[name];
  return series && new LineExpansion(series, tree, scales[0], ratios[0]);
}

class LineExpansion implements Expansion {
  error = 0;
  readonly #series: Series;
  readonly #tree: Tree;
  readonly #scale: number;
  readonly #ratio: number;
  readonly #moments: NodeMoments;
  readonly #rounding: number;
  readonly #derivatives: Float64Array;

  constructor(series: Series, tree: Tree, scale: number, ratio: number) {
    this.#series = series;
    this.#tree = tree;
    this.#scale = scale;
    this.#ratio = ratio;
    this.#moments = momentsOf(tree);
    this.#rounding = this.#moments.rounding;
    this.#derivatives = new Float64Array(this.#moments.order);
  }

  sum(node: number, query: Float64Array, most: number, allowance: number): number {
    const { boxes, nodeWeights, starts, ends } = this.#tree;
    const { hasCorner, isCompact, exactOrder, rate } = this.#series;
    const weight = nodeWeights[node];
    // A little more than rounding can have taken.
    const radius = 0.5 * (boxes[2 * node + 1] - boxes[2 * node]) * this.#scale * (1 + 1e-12);
    const y = (query[0] - centre(this.#tree, node, 0)) * this.#scale;
    if ((isCompact && !(Math.abs(y) + radius <= 1)) || (hasCorner && !(Math.abs(y) >= radius))) return -1;
    const rounding = this.#rounding * weight * this.#series.growth(y, radius);
    const remainder = isCompact ? weight : most;
    const p = exactOrder ?? this.#orderFor(remainder, rate * radius, allowance - rounding);
    if (p > ends[node] - starts[node]) return -1;
    this.error = rounding + (exactOrder === undefined ? remainder * taylor(p, rate * radius) : 0);
    if (!(this.error <= allowance)) return -1;
    return this.#sum(this.#moments.of(node), y, p);
  }

  /** The least order whose remainder is small enough, or infinity. */
  #orderFor(remainder: number, a: number, allowance: number): number {
    let bound = remainder;
    for (let p = 1; p <= this.#moments.order; p++) {
      bound *= a / p;
      if (bound <= allowance) return p;
    }
    return Number.POSITIVE_INFINITY;
  }

  #sum(from: number, y: number, p: number): number {
    const { values } = this.#moments;
    this.#series.fill(y, p, this.#derivatives);
    let sum = 0;
    for (let n = p - 1; n >= 0; n--) sum = sum * this.#ratio + this.#derivatives[n] * values[from + n];
    return sum;
  }
}

/** a^p / p!. */
function taylor(p: number, a: number): number {
  let term = 1;
  for (let n = 1; n <= p; n++) term *= a / n;
  return term;
}
