/**
 * A bandwidth: one number per column, or a matrix.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { type Cholesky, cholesky } from '../core/linalg.js';

/**
 * The kernel's scale in every direction, as the matrix H of squared scale: B B^T = H, and
 *
 *     f(x) = 1 / (W |H|^(1/2)) sum_i w_i K(B^-1 (x - x_i)).
 *
 * One bandwidth per column is the diagonal H with entries h_j^2.
 */
export interface Bandwidth {
  /** h_j = sqrt(H_jj), one per column. */
  readonly columns: Float64Array;
  /** H, row-major, where it has entries beside the diagonal; `undefined` where it is diagonal. */
  readonly matrix: Float64Array | undefined;
}

/** What callers may give: one number for all columns, one for each, or the rows of H. */
export type GivenBandwidth = number | ArrayLike<number> | readonly ArrayLike<number>[];

/** One bandwidth per column. */
export function diagonalBandwidth(columns: Float64Array): Bandwidth {
  return { columns, matrix: undefined };
}

/** The bandwidth of a matrix H; diagonal ones are recognised. */
export function matrixBandwidth(matrix: Float64Array, d: number): Bandwidth {
  const columns = Float64Array.from({ length: d }, (_, j) => Math.sqrt(matrix[j * d + j]));
  const isDiagonal = matrix.every((entry, i) => entry === 0 || i % (d + 1) === 0);
  return { columns, matrix: isDiagonal ? undefined : matrix };
}

/** Whether a value is a list of lists: the rows of a matrix. */
export function isMatrix(given: GivenBandwidth): given is readonly ArrayLike<number>[] {
  return typeof given !== 'number' && typeof given[0] !== 'number';
}

/**
 * The bandwidth that a caller gave, for rows of d columns.
 *
 * @throws ModelError `shape-mismatch` for another number of columns, `not-positive-definite` for a matrix that no kernel
 * can have.
 */
export function readBandwidth(given: GivenBandwidth, d: number, owner: string): Bandwidth {
  if (typeof given === 'number') return diagonalBandwidth(new Float64Array(d).fill(given));
  if (given.length !== d) {
    const what = isMatrix(given) ? 'be a matrix of one row and column per column' : 'hold one number per column';
    throw modelError('shape-mismatch', {
      owner,
      must: `option "bandwidth" must ${what}, ${d}`,
      got: given.length,
    });
  }
  if (!isMatrix(given)) return diagonalBandwidth(Float64Array.from(given));
  // The two halves agree to rounding: their mean is symmetric to the bit.
  const at = (row: number, column: number): number => 0.5 * (given[row][column] + given[column][row]);
  const matrix = Float64Array.from({ length: d * d }, (_, i) => at(Math.floor(i / d), i % d));
  if (cholesky(matrix, d) === undefined) throw notPositiveDefinite(owner);
  return matrixBandwidth(matrix, d);
}

function notPositiveDefinite(owner: string): Error {
  return modelError('not-positive-definite', {
    owner,
    must: 'option "bandwidth" must be a positive definite matrix',
    remedy: 'Give the matrix H of squared scales, such as a multiple of the covariance of the rows',
  });
}

/** The bandwidth with all scales times one factor, or column j times factor j; matrices take one factor. */
export function scaleBandwidth(bandwidth: Bandwidth, factors: ArrayLike<number>): Bandwidth {
  const of = (j: number): number => factors[factors.length === 1 ? 0 : j];
  return {
    columns: bandwidth.columns.map((h, j) => h * of(j)),
    matrix: bandwidth.matrix?.map((entry) => entry * factors[0] * factors[0]),
  };
}

/** H as a matrix, row-major. */
export function asMatrix({ columns, matrix }: Bandwidth): Float64Array {
  const d = columns.length;
  return (
    matrix?.slice() ?? Float64Array.from({ length: d * d }, (_, i) => (i % (d + 1) === 0 ? columns[i % d] ** 2 : 0))
  );
}

/**
 * B with B B^T = H, for matrices.
 *
 * @throws ModelError `not-positive-definite`.
 */
export function factorOf(bandwidth: Bandwidth, owner: string): Cholesky | undefined {
  if (bandwidth.matrix === undefined) return undefined;
  const factor = cholesky(bandwidth.matrix, bandwidth.columns.length);
  if (factor === undefined) throw notPositiveDefinite(owner);
  return factor;
}

/** Between these a row's own factor may be: its powers, as sums take them, are then within the range of doubles. */
export function factorRange(d: number): [least: number, greatest: number] {
  const most = 10 ** (150 / Math.max(1, d / 2));
  return [1 / most, most];
}
