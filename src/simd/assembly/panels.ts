/**
 * Products of a triangle with four rows of data: the triangle in panels of R = 4 rows, then 2, then 1, so that each number
 * loaded is used in several registers at once.
 *
 * @module
 */
import { dimension } from './mixture-state.js';
import { splat } from './vectors.js';

/* @inline */ function heightAt(first: i32): i32 {
  const left = dimension - first;
  return left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

/** Copies a triangle panel by panel; within a panel column by column, zeros above the diagonal. */
export function packPanels(a: usize, to: usize): void {
  for (let first = 0; first < dimension; ) {
    const height = heightAt(first);
    for (let j = 0; j < first + height; j++) {
      for (let i = first; i < first + height; i++, to += 8) {
        store<f64>(to, j <= i ? load<f64>(a + 4 * i * (i + 1) + 8 * j) : 0);
      }
    }
    first += height;
  }
}

/** y = A x over the R rows of a panel for four rows of data at `x`: squared and added to `out`, or stored there. */
/* @inline */ function panel(R: i32, isSquared: bool, x: usize, a: usize, width: i32, out: usize): void {
  let y0 = f64x2.splat(0);
  let y1 = y0;
  let y2 = y0;
  let y3 = y0;
  let z0 = y0;
  let z1 = y0;
  let z2 = y0;
  let z3 = y0;
  const end = x + 32 * width;
  for (; x < end; x += 32, a += 8 * R) {
    const low = v128.load(x);
    const high = v128.load(x, 16);
    y0 = f64x2.add(y0, f64x2.mul(splat(a), low));
    z0 = f64x2.add(z0, f64x2.mul(splat(a), high));
    if (R > 1) {
      y1 = f64x2.add(y1, f64x2.mul(splat(a + 8), low));
      z1 = f64x2.add(z1, f64x2.mul(splat(a + 8), high));
    }
    if (R > 2) {
      y2 = f64x2.add(y2, f64x2.mul(splat(a + 16), low));
      z2 = f64x2.add(z2, f64x2.mul(splat(a + 16), high));
      y3 = f64x2.add(y3, f64x2.mul(splat(a + 24), low));
      z3 = f64x2.add(z3, f64x2.mul(splat(a + 24), high));
    }
  }
  if (isSquared) {
    v128.store(out, sumOfSquares(R, v128.load(out), y0, y1, y2, y3));
    v128.store(out, sumOfSquares(R, v128.load(out, 16), z0, z1, z2, z3), 16);
    return;
  }
  storeFour(out, y0, z0);
  if (R > 1) storeFour(out + 32, y1, z1);
  if (R > 2) storeFour(out + 64, y2, z2);
  if (R > 2) storeFour(out + 96, y3, z3);
}

/* @inline */ function sumOfSquares(R: i32, q: v128, y0: v128, y1: v128, y2: v128, y3: v128): v128 {
  let sum = f64x2.add(q, f64x2.mul(y0, y0));
  if (R > 1) sum = f64x2.add(sum, f64x2.mul(y1, y1));
  if (R > 2) sum = f64x2.add(f64x2.add(sum, f64x2.mul(y2, y2)), f64x2.mul(y3, y3));
  return sum;
}

/* @inline */ function storeFour(to: usize, low: v128, high: v128): void {
  v128.store(to, low);
  v128.store(to, high, 16);
}

/**
 * Adds sum_i y_i^2 over the panel's rows to the four numbers at `out`.
 *
 * @param width - Columns of the panel.
 */
/* @inline */ export function squaresOfPanel(R: i32, x: usize, a: usize, width: i32, out: usize): void {
  panel(R, true, x, a, width, out);
}

/** Writes the panel's rows of y to `out`, 32 bytes for each. */
/* @inline */ export function productOfPanel(R: i32, x: usize, a: usize, width: i32, out: usize): void {
  panel(R, false, x, a, width, out);
}
