/**
 * Dense linear algebra for small d x d matrices, through ml-matrix: for set-up work, never in a loop over rows.
 *
 * Matrices are flat and row-major: `a[i * d + j]`.
 *
 * @module
 */
import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from 'ml-matrix';

/** A lower-triangular Cholesky factor, A = L L^T, with log det A = 2 sum_i log L_ii. */
export interface Cholesky {
  /** L, row-major, zeros above the diagonal. */
  readonly lower: Float64Array;
  /** log det A. */
  readonly logDeterminant: number;
}

/**
 * Cholesky factor of a symmetric d x d matrix, or `undefined` where it is not numerically positive definite.
 *
 * Rows and columns are first scaled to a unit diagonal, so that columns measured in different units (1e-6 beside 1e6)
 * do not pass for singular. A pivot of the scaled matrix below `d * 2^-50` counts as zero: rounding alone makes such.
 *
 * Cost: O(d^3). Reference: Higham (2002), *Accuracy and Stability of Numerical Algorithms*, section 10.1.
 */
export function cholesky(matrix: ArrayLike<number>, d: number): Cholesky | undefined {
  const scales = new Float64Array(d);
  for (let i = 0; i < d; i++) {
    const variance = matrix[i * d + i];
    if (!(variance > 0 && variance < Number.POSITIVE_INFINITY)) return undefined;
    scales[i] = Math.sqrt(variance);
  }
  // ml-matrix refuses an asymmetry of one rounding: the two halves are averaged first.
  const scaled = new Matrix(d, d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      const entry = 0.5 * (matrix[i * d + j] / scales[i] / scales[j] + matrix[j * d + i] / scales[i] / scales[j]);
      if (!Number.isFinite(entry)) return undefined;
      scaled.set(i, j, entry).set(j, i, entry);
    }
  }
  const decomposition = new CholeskyDecomposition(scaled);
  if (!decomposition.isPositiveDefinite()) return undefined;
  return unscale(decomposition.lowerTriangularMatrix, scales, d);
}

function unscale(factor: Matrix, scales: Float64Array, d: number): Cholesky | undefined {
  const smallestPivot = d * 2 ** -50;
  const lower = new Float64Array(d * d);
  let logDeterminant = 0;
  for (let i = 0; i < d; i++) {
    const pivot = factor.get(i, i);
    if (!(pivot * pivot > smallestPivot)) return undefined;
    for (let j = 0; j <= i; j++) lower[i * d + j] = factor.get(i, j) * scales[i];
    logDeterminant += 2 * (Math.log(pivot) + Math.log(scales[i]));
  }
  return { lower, logDeterminant };
}

/** L^-1 of a lower-triangular L with a positive diagonal, row-major, by forward substitution. Cost: O(d^3). */
export function invertLower(lower: ArrayLike<number>, d: number): Float64Array {
  const inverse = new Float64Array(d * d);
  for (let j = 0; j < d; j++) {
    inverse[j * d + j] = 1 / lower[j * d + j];
    for (let i = j + 1; i < d; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum += lower[i * d + k] * inverse[k * d + j];
      inverse[i * d + j] = -sum / lower[i * d + i];
    }
  }
  return inverse;
}

/** Eigenvalues, ascending, and eigenvectors of a symmetric matrix: A v_k = values[k] v_k. */
export interface SymmetricEigen {
  readonly values: Float64Array;
  /** Row k holds the unit eigenvector of `values[k]`, row-major. */
  readonly vectors: Float64Array;
}

/** Eigendecomposition of a symmetric d x d matrix; the two halves are averaged first. Cost: O(d^3). */
export function symmetricEigen(matrix: ArrayLike<number>, d: number): SymmetricEigen {
  const symmetric = new Matrix(d, d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) symmetric.set(i, j, 0.5 * (matrix[i * d + j] + matrix[j * d + i]));
  }
  const decomposition = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  const columns = decomposition.eigenvectorMatrix;
  const order = Array.from(decomposition.realEigenvalues.keys());
  order.sort((a, b) => decomposition.realEigenvalues[a] - decomposition.realEigenvalues[b]);
  const vectors = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    for (let j = 0; j < d; j++) vectors[k * d + j] = columns.get(j, order[k]);
  }
  return { values: Float64Array.from(order, (k) => decomposition.realEigenvalues[k]), vectors };
}
