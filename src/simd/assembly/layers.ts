/**
 * Products as layers of networks ask for them.
 *
 *     C = g(b + A B),    g(x) = x where x > 0, s x elsewhere
 *
 * @module
 */
import { gate } from './entrywise.js';
import { addProduct } from './products.js';
import { clear, copyRows } from './reductions.js';

/**
 * C = g(b + A B). Strides are in bytes: from row to row, and from column to column.
 *
 * @param biases - One for each column of C; 0 for none.
 * @param slope - s; 1 leaves sums as they are.
 */
export function product(
  a: usize,
  b: usize,
  c: usize,
  m: i32,
  n: i32,
  k: i32,
  rowOfA: i32,
  columnOfA: i32,
  rowOfB: i32,
  columnOfB: i32,
  biases: usize,
  slope: f32,
): void {
  if (biases === 0) clear(c, 4 * m * n);
  else copyRows(biases, c, m, n, 0, 4 * n);
  addProduct(a, b, c, m, n, k, rowOfA, columnOfA, rowOfB, columnOfB);
  if (slope !== 1) gate(c, c, c, m * n, slope);
}
