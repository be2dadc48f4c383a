/**
 * log w_k + log N(x; mu_k, Sigma_k) for blocks of rows: the one loop that every density and E-step goes through.
 *
 * With Sigma_k = L_k L_k^T and A_k = L_k^-1,
 *
 *     log N(x; mu_k, Sigma_k) = -1/2 |A_k (x - mu_k)|^2 + sum_i log A_k,ii - d/2 log(2 pi)
 *
 * so that each row costs one triangular product per component, and nothing is decomposed in a loop over rows.
 *
 * @module
 */
import { type Cholesky, invertLower } from '../core/linalg.js';
import { LOG_2PI } from '../core/special-functions.js';
import type { MixtureParameters } from './parameters.js';

/** Rows per block: K x 512 log-densities stay in the first-level cache up to K = 8, in the second up to K = 100. */
export const BLOCK_ROWS = 512;

/** A mixture made ready for evaluation. */
export interface WhitenedMixture {
  readonly components: number;
  readonly dimension: number;
  /** Whether {@link factors} hold d reciprocal standard deviations per component instead of a triangle. */
  readonly diagonal: boolean;
  /** K x d. */
  readonly means: Float64Array;
  /** Rows of the lower triangles A_k one after another, d (d + 1) / 2 numbers per component, or d if diagonal. */
  readonly factors: Float64Array;
  /** log w_k + sum_i log A_k,ii - d/2 log(2 pi). */
  readonly constants: Float64Array;
}

/** Up to this dimension the loops are unrolled, with triangles for diagonal matrices too. */
const UNROLLED = 3;

/** Prepares a mixture from its Cholesky factors. Cost: O(K d^3), once. */
export function whiten(
  { components, dimension: d, weights, means }: MixtureParameters,
  factors: readonly Cholesky[],
  diagonalMatrices: boolean,
): WhitenedMixture {
  const diagonal = diagonalMatrices && d > UNROLLED;
  const size = diagonal ? d : (d * (d + 1)) / 2;
  const packed = new Float64Array(components * size);
  const constants = new Float64Array(components);
  let inverse = new Float64Array(0);
  for (let k = 0; k < components; k++) {
    const { lower, logDeterminant } = factors[k];
    // Tied covariances share one factor.
    if (k === 0 || factors[k] !== factors[k - 1]) inverse = invertLower(lower, d) as Float64Array<ArrayBuffer>;
    let next = k * size;
    for (let i = 0; i < d; i++) for (let j = diagonal ? i : 0; j <= i; j++) packed[next++] = inverse[i * d + j];
    constants[k] = Math.log(weights[k]) - 0.5 * logDeterminant - 0.5 * d * LOG_2PI;
  }
  return { components, dimension: d, diagonal, means, factors: packed, constants };
}

/**
 * Writes log w_k + log N(row; mu_k, Sigma_k) to `out[k * stride + i]` for the `count` rows from `first` on.
 *
 * Each entry depends on its own row and component only. Rows so far away that squares overflow may give `NaN` for
 * `-Infinity`: see {@link settleOverflow}.
 */
export function logJoint(
  mixture: WhitenedMixture,
  data: Float64Array,
  first: number,
  count: number,
  out: Float64Array,
  stride: number,
): void {
  const loop = loopFor(mixture);
  for (let k = 0; k < mixture.components; k++) loop(mixture, k, data, first, count, out, k * stride);
}

/** Turns the `NaN` of overflowing squares (Infinity - Infinity) into what it stands for, no density at all. */
export function settleOverflow(out: Float64Array, components: number, count: number, stride: number): void {
  for (let k = 0; k < components; k++) {
    for (let i = k * stride; i < k * stride + count; i++) {
      if (Number.isNaN(out[i])) out[i] = Number.NEGATIVE_INFINITY;
    }
  }
}

type Loop = (
  mixture: WhitenedMixture,
  k: number,
  data: Float64Array,
  first: number,
  count: number,
  out: Float64Array,
  offset: number,
) => void;

function loopFor({ dimension, diagonal }: WhitenedMixture): Loop {
  if (dimension === 1) return logJoint1;
  if (dimension === 2) return logJoint2;
  if (dimension === 3) return logJoint3;
  return diagonal ? logJointDiagonal : logJointTriangular;
}

const logJoint1: Loop = ({ means, factors, constants }, k, data, first, count, out, offset) => {
  const [mean, factor, constant] = [means[k], factors[k], constants[k]];
  for (let i = 0; i < count; i++) {
    const y = factor * (data[first + i] - mean);
    out[offset + i] = constant - 0.5 * (y * y);
  }
};

const logJoint2: Loop = ({ means, factors, constants }, k, data, first, count, out, offset) => {
  const [mean0, mean1, constant] = [means[2 * k], means[2 * k + 1], constants[k]];
  const [a00, a10, a11] = [factors[3 * k], factors[3 * k + 1], factors[3 * k + 2]];
  for (let i = 0, from = 2 * first; i < count; i++, from += 2) {
    const x0 = data[from] - mean0;
    const y0 = a00 * x0;
    const y1 = a10 * x0 + a11 * (data[from + 1] - mean1);
    out[offset + i] = constant - 0.5 * (y0 * y0 + y1 * y1);
  }
};

const logJoint3: Loop = ({ means, factors, constants }, k, data, first, count, out, offset) => {
  const [mean0, mean1, mean2, constant] = [means[3 * k], means[3 * k + 1], means[3 * k + 2], constants[k]];
  const [a00, a10, a11] = [factors[6 * k], factors[6 * k + 1], factors[6 * k + 2]];
  const [a20, a21, a22] = [factors[6 * k + 3], factors[6 * k + 4], factors[6 * k + 5]];
  for (let i = 0, from = 3 * first; i < count; i++, from += 3) {
    const x0 = data[from] - mean0;
    const x1 = data[from + 1] - mean1;
    const y0 = a00 * x0;
    const y1 = a10 * x0 + a11 * x1;
    const y2 = a20 * x0 + a21 * x1 + a22 * (data[from + 2] - mean2);
    out[offset + i] = constant - 0.5 * (y0 * y0 + y1 * y1 + y2 * y2);
  }
};

const logJointDiagonal: Loop = ({ dimension: d, means, factors, constants }, k, data, first, count, out, offset) => {
  for (let i = 0; i < count; i++) {
    const from = (first + i) * d;
    let squares = 0;
    for (let j = 0; j < d; j++) {
      const y = factors[k * d + j] * (data[from + j] - means[k * d + j]);
      squares += y * y;
    }
    out[offset + i] = constants[k] - 0.5 * squares;
  }
};

const logJointTriangular: Loop = ({ dimension: d, means, factors, constants }, k, data, first, count, out, offset) => {
  const x = new Float64Array(d);
  const start = (k * d * (d + 1)) / 2;
  for (let i = 0; i < count; i++) {
    const from = (first + i) * d;
    for (let j = 0; j < d; j++) x[j] = data[from + j] - means[k * d + j];
    let squares = 0;
    let next = start;
    for (let row = 0; row < d; row++) {
      let y = 0;
      for (let j = 0; j <= row; j++) y += factors[next++] * x[j];
      squares += y * y;
    }
    out[offset + i] = constants[k] - 0.5 * squares;
  }
};
