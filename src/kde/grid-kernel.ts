/**
 * The gaussian kernel on a grid of nodes, with the blur of the binning taken out.
 *
 * With s spacings to the bandwidth, and the transform of the cubic B-spline sinc^4(w / 2), the kernel that makes good is
 *
 *     kappa(v) = 1 / (2 pi) int exp(-s^2 w^2 / 2) / sinc^4(w / 2) cos(w v) dw.
 *
 * Since sinc^-4(w / 2) = exp(w^2 / 6 + w^4 / 720 + w^6 / 45360 + w^8 / 2419200 + ...), this is a normal density of variance
 * q^2 = s^2 - 1/3 times a series of Hermite polynomials,
 *
 *     kappa(v) = phi(v / q) / q (1 + He_4 / (720 q^4) - He_6 / (45360 q^6) + (1 / (2 720^2) + 1 / 2419200) He_8 / q^8).
 *
 * What is left is aliasing: at most E of the kernel's peak, E the mean over w of sum_(l != 0) (w / (w + 2 pi l))^4 under
 * exp(-s^2 w^2 / 2).
 *
 * @module
 */
import { expNegative } from '../kernels/exp.js';

/** Beyond so many bandwidths the kernel is cut off: exp(-6.5^2 / 2) = 7e-10. */
export const REACH = 6.5;

/** Spacings to the bandwidth, and E for them by quadrature, cut-off and rest of the series included. */
export const RESOLUTIONS: readonly { readonly perBandwidth: number; readonly error: number }[] = [
  { perBandwidth: 8, error: 1.04e-6 },
  { perBandwidth: 6, error: 3.33e-6 },
  { perBandwidth: 5, error: 7.0e-6 },
  { perBandwidth: 4, error: 1.76e-5 },
  { perBandwidth: 3, error: 5.88e-5 },
];

/** What one axis needs: for each cell, the first node in reach and the kernel at it and the following. */
export interface AxisTaps {
  readonly taps: number;
  readonly first: Int32Array;
  /** Cell c has its taps at `values[c * taps ..]`; nodes that do not exist have 0. */
  readonly values: Float64Array;
}

/** The kernel that makes good for the blur of the nodes, for one number of spacings to the bandwidth. */
export class NodeKernel {
  /** Taps that reach as far as the kernel does. */
  readonly taps: number;
  readonly #reach: number;
  readonly #q: number;
  readonly #four: number;
  readonly #six: number;
  readonly #eight: number;

  constructor(perBandwidth: number) {
    const square = perBandwidth * perBandwidth - 1 / 3;
    this.#reach = REACH * perBandwidth;
    this.taps = Math.ceil(2 * this.#reach);
    this.#q = Math.sqrt(square);
    this.#four = 1 / (720 * square ** 2);
    this.#six = -1 / (45360 * square ** 3);
    this.#eight = (1 / (2 * 720 ** 2) + 1 / 2419200) / square ** 4;
  }

  /**
   * Writes the taps of a place, counted in spacings from the first of so many nodes, and returns the node of the first one:
   * `Math.min(nodes, taps)` of them, 0 where they are out of reach.
   */
  fill(place: number, nodes: number, out: Float64Array, at: number): number {
    const taps = Math.min(nodes, this.taps);
    const first = Math.min(nodes - taps, Math.max(0, Math.ceil(place - this.#reach)));
    // Read once: each field read in the loop would cost as much as a term.
    const [farthest, inverse] = [this.#reach + 1, 1 / this.#q];
    const [four, six, eight] = [this.#four, this.#six, this.#eight];
    const peak = inverse / Math.sqrt(2 * Math.PI);
    for (let k = 0; k < taps; k++) {
      const v = first + k - place;
      if (!(Math.abs(v) <= farthest)) {
        out[at + k] = 0;
        continue;
      }
      const u = v * inverse;
      const t = u * u;
      const he4 = t * (t - 6) + 3;
      const he6 = t * (t * (t - 15) + 45) - 15;
      const he8 = t * (t * (t * (t - 28) + 210) - 420) + 105;
      out[at + k] = peak * expNegative(-0.5 * t) * (1 + four * he4 + six * he6 + eight * he8);
    }
    return first;
  }
}

/**
 * The taps of an axis.
 *
 * @param places - Where the cells lie, in spacings from the first node.
 * @param nodes - Number of nodes.
 */
export function axisTaps(places: Float64Array, nodes: number, perBandwidth: number): AxisTaps {
  const kernel = new NodeKernel(perBandwidth);
  const taps = Math.min(nodes, kernel.taps);
  const values = new Float64Array(places.length * taps);
  const first = Int32Array.from(places, (place, c) => kernel.fill(place, nodes, values, c * taps));
  return { taps, first, values };
}

/**
 * Runs the taps along the last axis of an array of `lines` lines, and turns the axes by one: the result has the cells of
 * this axis first. After as many calls as there are axes they are in order again.
 */
export function convolveLast(bins: Float64Array, lines: number, { taps, first, values }: AxisTaps): Float64Array {
  const nodes = bins.length / lines;
  const cells = first.length;
  const out = new Float64Array(cells * lines);
  for (let line = 0; line < lines; line++) {
    for (let c = 0; c < cells; c++) {
      const from = line * nodes + first[c];
      const tap = c * taps;
      let [even, odd] = [0, 0];
      let k = 0;
      for (; k + 1 < taps; k += 2) {
        even += bins[from + k] * values[tap + k];
        odd += bins[from + k + 1] * values[tap + k + 1];
      }
      if (k < taps) even += bins[from + k] * values[tap + k];
      out[c * lines + line] = even + odd;
    }
  }
  return out;
}
