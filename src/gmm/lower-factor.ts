/**
 * Cholesky factors of products M M^T, without forming the product.
 *
 * @module
 */
import type { Cholesky } from '../core/linalg.js';

/**
 * The lower-triangular factor R of M M^T = R R^T, for a matrix M of `rows` x `width`, which is consumed.
 *
 * Givens rotations of M's columns change no such product; they are chosen to make M lower triangular. Nothing is squared,
 * so that this works where a product would no longer pass for positive definite, and each row keeps its own scale.
 *
 * Cost: O(rows^2 width). Reference: Golub & Van Loan (2013), *Matrix Computations*, section 5.2.5.
 */
export function lowerFactor(m: Float64Array, rows: number, width: number): Cholesky {
  const lower = new Float64Array(rows * rows);
  let logDeterminant = 0;
  for (let i = 0; i < rows; i++) {
    for (let j = i + 1; j < width; j++) if (m[i * width + j] !== 0) rotate(m, rows, width, i, j);
    const sign = m[i * width + i] < 0 ? -1 : 1;
    for (let row = i; row < rows; row++) lower[row * rows + i] = sign * m[row * width + i];
    logDeterminant += 2 * Math.log(lower[i * rows + i]);
  }
  return { lower, logDeterminant };
}

/** Rotates columns i and j, from row i on, so that entry (i, j) becomes 0. */
function rotate(m: Float64Array, rows: number, width: number, i: number, j: number): void {
  const radius = hypotenuse(m[i * width + i], m[i * width + j]);
  const [cosine, sine] = [m[i * width + i] / radius, m[i * width + j] / radius];
  m[i * width + i] = radius;
  m[i * width + j] = 0;
  for (let row = i + 1; row < rows; row++) {
    const [a, b] = [m[row * width + i], m[row * width + j]];
    m[row * width + i] = cosine * a + sine * b;
    m[row * width + j] = cosine * b - sine * a;
  }
}

/** sqrt(a^2 + b^2); `Math.hypot` takes five times as long, and is only needed where squares lose digits. */
function hypotenuse(a: number, b: number): number {
  const squares = a * a + b * b;
  return squares > 1e-280 && squares < 1e280 ? Math.sqrt(squares) : Math.hypot(a, b);
}
