/**
 * What a kernel is when folded with itself: the integral of a squared kernel density is a sum of such values,
 *
 *     int f^2 = 1 / (W^2 |H|^(1/2)) sum_ij w_i w_j (K * K)(B^-1 (x_i - x_j)).
 *
 * K * K is radial and never rises, as K is and does not. The gaussian's is a gaussian and needs nothing of this file; the
 * exponential's is Matern's function of order d / 2 + 1,
 *
 *     (k * k)(r) / (k * k)(0) = 2^(1 - v) / Gamma(v) r^v K_v(r),    K_v(r) = int_0^inf exp(-r cosh s) cosh(v s) ds;
 *
 * kernels on the unit ball are integrated over the half of the lens where both reach that lies nearer to one centre,
 *
 *     (k * k)(r) = 2 A_(d-1) int_(r/2)^1 dz int_0^sqrt(1 - z^2) rho^(d-2) k(z^2 + rho^2) k((z - r)^2 + rho^2) drho,
 *
 * A_(d-1) being the area of the unit sphere in d - 1 dimensions. Both are tabulated once and interpolated.
 *
 * Reference: Rasmussen & Williams (2006), *Gaussian Processes for Machine Learning*, section 4.2, for Matern's function
 * and its spectrum; NIST Digital Library of Mathematical Functions, 10.32.9, for the integral.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import { LOG_PI, logGamma } from '../core/special-functions.js';
import type { Kernel } from '../kernels/kernel.js';
import { gaussLegendre, type QuadratureRule } from './gauss-legendre.js';

/**
 * Values that are integrated, at v = i / INTERVALS: r is 2 (1 - v^2), or for the exponential its reach times v^2. A table so
 * many times as fine is made of them by cubics, between whose entries straight lines are off by 3e-9 of the peak at most.
 */
const INTERVALS = 1024;
const FINENESS = 64;
const ENTRIES = INTERVALS * FINENESS;
/** Beyond, the exponential's value is below 1e-20 of its peak in a few dimensions. */
const EXPONENTIAL_REACH = 60;
/** Nodes along either side: enough for twenty dimensions. */
const NODES = 24;
/** Next to the tip of the linear kernel, panels of fewer nodes shrink by this ratio, so many times. */
const [SHRINKAGE, PANELS, PANEL_NODES] = [0.1, 4, 10];
/** Trapezoids of Matern's integral: its error falls faster than exponentially. */
const TRAPEZOIDS = 200;

/** (k * k)(r) in units of its value at 0, which is the integral of k^2. */
export class SelfConvolution {
  /** log of the integral of K^2, K being normalised. */
  readonly logPeak: number;
  readonly #isExponential: boolean;
  readonly #values: Float64Array;

  private constructor(logPeak: number, isExponential: boolean, values: Float64Array) {
    this.logPeak = logPeak;
    this.#isExponential = isExponential;
    this.#values = values;
  }

  /** The table of a kernel in d dimensions; of the gaussian it would be a waste. */
  static async of(kernel: Kernel, d: number, pacer: Pacer): Promise<SelfConvolution> {
    const isExponential = kernel.name === 'exponential';
    const distance = (v: number): number => (isExponential ? EXPONENTIAL_REACH * v * v : 2 * (1 - v * v));
    const at = isExponential ? matern(d) : lens(kernel, d);
    const peak = at(0);
    const values = new Float64Array(INTERVALS + 1);
    const fill = (from: number, to: number): void => {
      for (let i = from; i < to; i++) values[i] = at(distance(i / INTERVALS)) / peak;
    };
    await pacer.run('convolving the kernel', INTERVALS + 1, fill, 8);
    // int exp(-2 r) = 2^-d int exp(-r).
    const logIntegral = isExponential ? kernel.logNormalizer(d) - d * Math.LN2 : Math.log(peak) + logFactor(d);
    return new SelfConvolution(logIntegral - 2 * kernel.logNormalizer(d), isExponential, refine(values));
  }

  /** The value at a squared distance. */
  profile(t: number): number {
    const r = Math.sqrt(t);
    const square = this.#isExponential ? r / EXPONENTIAL_REACH : 1 - 0.5 * r;
    if (!(this.#isExponential ? square < 1 : square > 0)) return 0;
    const place = ENTRIES * Math.sqrt(square);
    const below = Math.floor(place);
    return this.#values[below] + (place - below) * (this.#values[below + 1] - this.#values[below]);
  }

  logProfile(t: number): number {
    return Math.log(this.profile(t));
  }

  /** The sum of the values at the first `count` distances, with the weights from `start` on. */
  sum(distances: Float64Array, count: number, weights: Float64Array | undefined, start: number): number {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const value = this.profile(distances[i]);
      sum += weights === undefined ? value : value * weights[start + i];
    }
    return sum;
  }
}

/** A finer table: through each four values runs a cubic. One entry more, as lines want a right end. */
function refine(coarse: Float64Array): Float64Array {
  const fine = new Float64Array(ENTRIES + 2);
  for (let i = 0; i <= ENTRIES; i++) {
    const place = i / FINENESS;
    const first = Math.min(INTERVALS - 3, Math.max(0, Math.floor(place) - 1));
    const u = place - first;
    const [a, b, c, e] = coarse.subarray(first, first + 4);
    const outer = (e * (u - 1) * (u - 2) * u - a * (u - 1) * (u - 2) * (u - 3)) / 6;
    fine[i] = Math.max(0, outer + 0.5 * u * (u - 3) * (b * (u - 2) - c * (u - 1)));
  }
  return fine;
}

/** log of what {@link lens} leaves out: 2 A_(d-1) for d > 1, with A_n = 2 pi^(n/2) / Gamma(n/2). */
function logFactor(d: number): number {
  return d === 1 ? Math.LN2 : Math.log(4) + 0.5 * (d - 1) * LOG_PI - logGamma(0.5 * (d - 1));
}

/** Matern's function, 1 at 0. */
function matern(d: number): (r: number) => number {
  const order = 0.5 * d + 1;
  const logScale = (1 - order) * Math.LN2 - logGamma(order);
  return (r) => {
    if (r === 0) return 1;
    // exp(-r cosh s + v s) is negligible, 50 nats below its peak, beyond the end.
    const end = Math.asinh(order / r) + Math.acosh(1 + 60 / Math.max(r, order));
    const step = end / TRAPEZOIDS;
    let sum = 0;
    for (let i = 0; i <= TRAPEZOIDS; i++) {
      const s = i * step;
      const log = logScale + order * Math.log(r) - r * Math.cosh(s);
      sum += (i === 0 ? 0.5 : 1) * 0.5 * (Math.exp(log + order * s) + Math.exp(log - order * s));
    }
    return sum * step;
  };
}

/** The integral over half the lens, but for its constant factor. */
function lens(kernel: Kernel, d: number): (r: number) => number {
  const hasTip = kernel.name === 'linear';
  const rule = gaussLegendre(hasTip && d > 1 ? PANEL_NODES : NODES);
  const k = (t: number): number => kernel.profile(t);
  if (d === 1) return (r) => integrate(rule, splitAt(0.5 * r, 1, r), (z) => k(z * z) * k((z - r) ** 2));
  // z = cos a and rho = sin(a) s: then everything is smooth in both but for the linear kernel's tip at z = r, rho = 0.
  return (r) => {
    const end = Math.acos(0.5 * r);
    const angles = hasTip ? shrinkTo(0, end, Math.acos(Math.min(1, r))) : [0, end];
    const shares = hasTip ? shrinkTo(0, 1, 0) : [0, 1];
    return integrate(rule, angles, (angle) => {
      const [z, radius] = [Math.cos(angle), Math.sin(angle)];
      const across = integrate(rule, shares, (s) => {
        const square = (radius * s) ** 2;
        return s ** (d - 2) * k(z * z + square) * k((z - r) ** 2 + square);
      });
      return radius ** d * across;
    });
  };
}

/** The ends of panels between two points, with a third one between them if it lies there. */
function splitAt(low: number, high: number, middle: number): number[] {
  return middle > low && middle < high ? [low, middle, high] : [low, high];
}

/** The ends of panels between two points, shrinking towards a third one from either side. */
function shrinkTo(low: number, high: number, tip: number): number[] {
  const ends = splitAt(low, high, tip);
  for (let i = 1; i <= PANELS; i++) {
    for (const end of [low, high]) if (end !== tip) ends.push(tip + (end - tip) * SHRINKAGE ** i);
  }
  return ends.sort((a, b) => a - b);
}

/** The integral over panels, by a rule on each. */
function integrate({ nodes, weights }: QuadratureRule, ends: readonly number[], f: (x: number) => number): number {
  let sum = 0;
  for (let panel = 1; panel < ends.length; panel++) {
    const half = 0.5 * (ends[panel] - ends[panel - 1]);
    const middle = 0.5 * (ends[panel] + ends[panel - 1]);
    for (let i = 0; i < nodes.length; i++) sum += half * weights[i] * f(middle + half * nodes[i]);
  }
  return sum;
}
