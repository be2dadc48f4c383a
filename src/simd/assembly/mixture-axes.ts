/**
 * Terms of components that have one factor for each axis, or one for all: diagonal and spherical covariances, and shared
 * ones once rows and means are whitened.
 *
 *     t = c - sum_j (f_j (x_j - mu_j))^2    or    c - f^2 sum_j (x_j - mu_j)^2
 *
 * @module
 */
import { dimension } from './mixture-state.js';
import { splat } from './vectors.js';

/** Two rows at `x`, the axes written out. */
/* @inline */ function scaledSquares(
  d: i32,
  x: usize,
  m0: v128,
  m1: v128,
  m2: v128,
  a0: v128,
  a1: v128,
  a2: v128,
): v128 {
  const y0 = f64x2.mul(a0, f64x2.sub(v128.load(x), m0));
  let q = f64x2.mul(y0, y0);
  if (d > 1) {
    const y1 = f64x2.mul(a1, f64x2.sub(v128.load(x, 32), m1));
    q = f64x2.add(q, f64x2.mul(y1, y1));
  }
  if (d > 2) {
    const y2 = f64x2.mul(a2, f64x2.sub(v128.load(x, 64), m2));
    q = f64x2.add(q, f64x2.mul(y2, y2));
  }
  return q;
}

/** d <= 3; `step` is 8 bytes from one axis's factor to the next one's, or 0 for spherical ones. */
/* @inline */ function termsOfFew(
  d: i32,
  groups: i32,
  start: usize,
  c: usize,
  mean: usize,
  a: usize,
  step: usize,
  to: usize,
): void {
  const constant = splat(c);
  // Loaded once: the loop is short of slots for instructions, not of registers.
  const m0 = splat(mean);
  const a0 = splat(a);
  const m1 = d > 1 ? splat(mean + 8) : m0;
  const a1 = d > 1 ? splat(a + step) : a0;
  const m2 = d > 2 ? splat(mean + 16) : m0;
  const a2 = d > 2 ? splat(a + 2 * step) : a0;
  const end = start + 32 * d * groups;
  for (let x = start; x < end; x += 32 * d, to += 32) {
    v128.store(to, f64x2.sub(constant, scaledSquares(d, x, m0, m1, m2, a0, a1, a2)));
    v128.store(to, f64x2.sub(constant, scaledSquares(d, x + 16, m0, m1, m2, a0, a1, a2)), 16);
  }
}

/** Adds the square of one axis of two rows. */
/* @inline */ function axisSquare(isScaled: bool, x: v128, mean: v128, factor: v128, sum: v128): v128 {
  let u = f64x2.sub(x, mean);
  if (isScaled) u = f64x2.mul(u, factor);
  return f64x2.add(sum, f64x2.mul(u, u));
}

/** G = 1 or 2 groups of four rows: their sums stay in registers, and what belongs to an axis is loaded once. */
/* @inline */ function termsOfGroups(
  G: i32,
  isScaled: bool,
  x: usize,
  constant: v128,
  mean: usize,
  factor: usize,
  to: usize,
): void {
  let q0 = f64x2.splat(0);
  let q1 = q0;
  let q2 = q0;
  let q3 = q0;
  const size = 32 * dimension;
  const common = splat(factor);
  for (const end = x + size; x < end; x += 32, mean += 8) {
    const m = splat(mean);
    const f = isScaled ? splat(factor) : m;
    q0 = axisSquare(isScaled, v128.load(x), m, f, q0);
    q1 = axisSquare(isScaled, v128.load(x, 16), m, f, q1);
    if (G > 1) {
      q2 = axisSquare(isScaled, v128.load(x + size), m, f, q2);
      q3 = axisSquare(isScaled, v128.load(x + size, 16), m, f, q3);
    }
    if (isScaled) factor += 8;
  }
  if (!isScaled) {
    const square = f64x2.mul(common, common);
    q0 = f64x2.mul(q0, square);
    q1 = f64x2.mul(q1, square);
    q2 = f64x2.mul(q2, square);
    q3 = f64x2.mul(q3, square);
  }
  v128.store(to, f64x2.sub(constant, q0));
  v128.store(to, f64x2.sub(constant, q1), 16);
  if (G > 1) v128.store(to, f64x2.sub(constant, q2), 32);
  if (G > 1) v128.store(to, f64x2.sub(constant, q3), 48);
}

/* @inline */ function termsOfMany(
  isScaled: bool,
  groups: i32,
  x: usize,
  c: usize,
  mean: usize,
  factor: usize,
  to: usize,
): void {
  const constant = splat(c);
  const size = 32 * dimension;
  let group = 0;
  for (; group + 2 <= groups; group += 2, x += 2 * size, to += 64) {
    termsOfGroups(2, isScaled, x, constant, mean, factor, to);
  }
  if (group < groups) termsOfGroups(1, isScaled, x, constant, mean, factor, to);
}

/**
 * The terms of `groups` groups of rows at `x`, written to `to`.
 *
 * @param c - Where the constant lies, as do `mean` and `factor`: one for each axis, `step` = 8 bytes apart, or one for all
 * (`step` = 0).
 */
export function termsByAxes(groups: i32, x: usize, c: usize, mean: usize, factor: usize, step: usize, to: usize): void {
  if (dimension === 1) termsOfFew(1, groups, x, c, mean, factor, step, to);
  else if (dimension === 2) termsOfFew(2, groups, x, c, mean, factor, step, to);
  else if (dimension === 3) termsOfFew(3, groups, x, c, mean, factor, step, to);
  else if (step > 0) termsOfMany(true, groups, x, c, mean, factor, to);
  else termsOfMany(false, groups, x, c, mean, factor, to);
}
