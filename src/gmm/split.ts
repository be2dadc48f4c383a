/**
 * Columns in two parts, b that are given and a that are the rest: what marginals, conditionals, regression and missing
 * values stand on.
 *
 * With the columns of Sigma_k in the order (b, a), its Cholesky factor says all there is to say:
 *
 *     [ Sigma_bb  Sigma_ba ]             [ R_bb  0    ]
 *     [ Sigma_ab  Sigma_aa ] = R R^T, R = [ R_ab  R_aa ]
 *
 *     Sigma_bb     = R_bb R_bb^T
 *     E[x_a | x_b] = mu_a + R_ab R_bb^-1 (x_b - mu_b)
 *     Cov[x_a | x_b] = R_aa R_aa^T
 *
 * so that no covariance is ever a difference of two, and none can lose its positive definiteness.
 *
 * Reference: Eaton (1983), *Multivariate Statistics*, section 3.4, for the conditional moments.
 *
 * @module
 */
import { type Cholesky, invertLower } from '../core/linalg.js';
import { type FactoredMixture, factorOfColumns, type MarginalMixture, mapFactors, marginalOf } from './marginal.js';

/** One component's factor in the order (b, a). */
export interface ComponentSplit {
  /** R_bb, q x q. */
  readonly given: Float64Array;
  /** R_bb^-1, q x q. */
  readonly inverse: Float64Array;
  /** log |Sigma_bb|. */
  readonly logDeterminant: number;
  /** R_ab, p x q. */
  readonly gain: Float64Array;
  /** R_aa, p x p. */
  readonly rest: Float64Array;
}

/** A mixture with its columns in two parts. */
export interface Split {
  /** The q given columns. */
  readonly given: readonly number[];
  /** The p others, ascending. */
  readonly rest: readonly number[];
  /** The mixture of the given columns. */
  readonly marginal: MarginalMixture;
  /** One for each of the K components. */
  readonly components: readonly ComponentSplit[];
}

/** Splits a mixture at the given columns, at least one and not all. Cost: O(K d^3), O(d^3) if tied. */
export function splitAt({ parameters, factors }: FactoredMixture, given: readonly number[]): Split {
  const d = parameters.dimension;
  const rest = Array.from({ length: d }, (_, j) => j).filter((j) => !given.includes(j));
  const components = mapFactors(factors, (factor) => splitFactor(factor, d, given, rest));
  return { given, rest, marginal: marginalOf(parameters, given, components), components };
}

function splitFactor(factor: Cholesky, d: number, given: readonly number[], rest: readonly number[]): ComponentSplit {
  const q = given.length;
  const { lower: r } = factorOfColumns(factor.lower, d, [...given, ...rest]);
  let logDeterminant = 0;
  for (let i = 0; i < q; i++) logDeterminant += 2 * Math.log(r[i * d + i]);
  const ofGiven = block(r, d, 0, q, 0, q);
  const inverse = invertLower(ofGiven, q);
  return { given: ofGiven, inverse, logDeterminant, gain: block(r, d, q, d, 0, q), rest: block(r, d, q, d, q, d) };
}

/** The entries of a d x d matrix from rows and columns `from` to before `to`. */
function block(
  matrix: Float64Array,
  d: number,
  fromRow: number,
  toRow: number,
  fromColumn: number,
  toColumn: number,
): Float64Array {
  const width = toColumn - fromColumn;
  const entries = new Float64Array((toRow - fromRow) * width);
  for (let i = fromRow; i < toRow; i++) {
    entries.set(matrix.subarray(i * d + fromColumn, i * d + toColumn), (i - fromRow) * width);
  }
  return entries;
}

/** By what far rows are shrunk before their squares and sums could overflow: an exact power of two. */
const SHRINK = 2 ** -560;

/**
 * Writes E[x_a | x_b, k] - mu_k,a = R_ab R_bb^-1 (x_b - mu_k,b) to `out`, for the row of given columns at `x[at]`.
 *
 * Rows so far away that sums overflow give infinities, never `NaN`.
 *
 * @param y - Space for q numbers.
 */
export function conditionalShift(
  split: Split,
  k: number,
  x: Float64Array,
  at: number,
  out: Float64Array,
  y: Float64Array,
): void {
  shiftBy(split, k, x, at, out, y, 1);
  if (out.every(Number.isFinite)) return;
  shiftBy(split, k, x, at, out, y, SHRINK);
  for (let j = 0; j < out.length; j++) out[j] /= SHRINK;
}

function shiftBy(
  { given, rest, marginal, components }: Split,
  k: number,
  x: Float64Array,
  at: number,
  out: Float64Array,
  y: Float64Array,
  unit: number,
): void {
  const [q, p] = [given.length, rest.length];
  const { inverse, gain } = components[k];
  for (let i = 0; i < q; i++) {
    let sum = 0;
    for (let j = 0; j <= i; j++) sum += inverse[i * q + j] * (x[at + j] * unit - marginal.means[k * q + j] * unit);
    y[i] = sum;
  }
  for (let i = 0; i < p; i++) {
    let sum = 0;
    for (let j = 0; j < q; j++) sum += gain[i * q + j] * y[j];
    out[i] = sum;
  }
}

/** Cov[x_a | x_b, k] = R_aa R_aa^T, p x p. */
export function conditionalCovariance({ rest, components }: Split, k: number): Float64Array {
  const p = rest.length;
  const { rest: r } = components[k];
  const covariance = new Float64Array(p * p);
  for (let i = 0; i < p; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let t = 0; t <= j; t++) sum += r[i * p + t] * r[j * p + t];
      covariance[i * p + j] = sum;
      covariance[j * p + i] = sum;
    }
  }
  return covariance;
}
