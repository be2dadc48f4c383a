/**
 * Products of a triangle with eight rows of data: the triangle in panels of R = 2 rows, the last of an odd number 1, so that
 * each number loaded is used in several registers at once, and few zeros above the diagonal are multiplied.
 *
 * @module
 */
import { dimension } from './mixture-state.js';
import { splat } from './vectors.js';

/** Copies a triangle panel by panel. */
export function packPanels(a: usize, to: usize): void {
  for (let end = 2; end <= dimension; end += 2) to = packPanel(2, a, end, to);
  if (dimension & 1) packPanel(1, a, dimension, to);
}

/** Copies the R rows of a triangle before row `end`, column by column, zeros above the diagonal; returns where the next go. */
export function packPanel(R: i32, a: usize, end: i32, to: usize): usize {
  for (let j = 0; j < end; j++) {
    for (let i = end - R; i < end; i++, to += 8) {
      store<f64>(to, j <= i ? load<f64>(a + 4 * i * (i + 1) + 8 * j) : 0);
    }
  }
  return to;
}

/**
 * y = A x over the R rows of a panel for eight rows of data at `x`, 64 bytes for each axis: squared and taken from the eight
 * numbers at `out`, or stored there, the last four rows of data `apart` bytes on, the panel's second row `next` bytes on.
 */
/* @inline */ function panel(
  R: i32,
  isSquared: bool,
  x: usize,
  a: usize,
  width: i32,
  out: usize,
  apart: usize,
  next: usize,
): void {
  let y0 = f64x2.splat(0);
  let y1 = y0;
  let y2 = y0;
  let y3 = y0;
  let z0 = y0;
  let z1 = y0;
  let z2 = y0;
  let z3 = y0;
  // Six loads: as many as registers are left for, since all loads of a round come first.
  for (const end = x + 64 * width; x < end; x += 64, a += 8 * R) {
    const u = splat(a);
    const v = R > 1 ? splat(a + 8) : u;
    const x0 = v128.load(x);
    y0 = f64x2.add(y0, f64x2.mul(u, x0));
    if (R > 1) z0 = f64x2.add(z0, f64x2.mul(v, x0));
    const x1 = v128.load(x, 16);
    y1 = f64x2.add(y1, f64x2.mul(u, x1));
    if (R > 1) z1 = f64x2.add(z1, f64x2.mul(v, x1));
    const x2 = v128.load(x, 32);
    y2 = f64x2.add(y2, f64x2.mul(u, x2));
    if (R > 1) z2 = f64x2.add(z2, f64x2.mul(v, x2));
    const x3 = v128.load(x, 48);
    y3 = f64x2.add(y3, f64x2.mul(u, x3));
    if (R > 1) z3 = f64x2.add(z3, f64x2.mul(v, x3));
  }
  if (isSquared) {
    v128.store(out, minusSquares(R, v128.load(out), y0, z0));
    v128.store(out, minusSquares(R, v128.load(out, 16), y1, z1), 16);
    v128.store(out, minusSquares(R, v128.load(out, 32), y2, z2), 32);
    v128.store(out, minusSquares(R, v128.load(out, 48), y3, z3), 48);
    return;
  }
  storeFour(out + apart, y2, y3);
  storeFour(out, y0, y1);
  if (R > 1) storeFour(out + apart + next, z2, z3);
  if (R > 1) storeFour(out + next, z0, z1);
}

/* @inline */ function minusSquares(R: i32, q: v128, y: v128, z: v128): v128 {
  const rest = f64x2.sub(q, f64x2.mul(y, y));
  return R > 1 ? f64x2.sub(rest, f64x2.mul(z, z)) : rest;
}

/* @inline */ function storeFour(to: usize, low: v128, high: v128): void {
  v128.store(to, low);
  v128.store(to, high, 16);
}

/**
 * Takes sum_i y_i^2 over the panel's rows from the eight numbers at `out`.
 *
 * @param width - Columns of the panel.
 */
/* @inline */ export function squaresOfPanel(R: i32, x: usize, a: usize, width: i32, out: usize): void {
  panel(R, true, x, a, width, out, 0, 0);
}

/** Writes y to `out`, for the last four rows of data `apart` bytes on, for the panel's second row `next` bytes on. */
/* @inline */ export function productOfPanel(
  R: i32,
  x: usize,
  a: usize,
  width: i32,
  out: usize,
  apart: usize,
  next: usize,
): void {
  panel(R, false, x, a, width, out, apart, next);
}
