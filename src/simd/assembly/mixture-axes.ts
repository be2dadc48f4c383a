/**
 * Terms of components that have one factor for each axis, or one for all: diagonal and spherical covariances, and shared
 * ones once rows and means are whitened.
 *
 *     q = sum_j (f_j (x_j - mu_j))^2    or    f^2 sum_j (x_j - mu_j)^2
 *
 * @module
 */
import { constants, dimension, logDensities, shares, stride } from './mixture-state.js';
import { areLost, keep, settle } from './mixture-terms.js';
import { one, splat } from './vectors.js';

/** Axes between two looks at whether a sum of squares still matters. */
const AXES_PER_LOOK = 12;

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
/* @inline */ function jointSmallAxes(
  d: i32,
  k: i32,
  groups: i32,
  start: usize,
  mean: usize,
  a: usize,
  step: usize,
): void {
  const constant = splat(constants + 8 * k);
  // Loaded once: the loop is short of slots for instructions, not of registers.
  const m0 = splat(mean);
  const a0 = splat(a);
  const m1 = d > 1 ? splat(mean + 8) : m0;
  const a1 = d > 1 ? splat(a + step) : a0;
  const m2 = d > 2 ? splat(mean + 16) : m0;
  const a2 = d > 2 ? splat(a + 2 * step) : a0;
  let to = shares + stride * k;
  let largest = logDensities;
  const end = start + 32 * d * groups;
  for (let x = start; x < end; x += 32 * d, to += 32, largest += 32) {
    keep(settle(constant, scaledSquares(d, x, m0, m1, m2, a0, a1, a2)), to, largest);
    keep(settle(constant, scaledSquares(d, x + 16, m0, m1, m2, a0, a1, a2)), to + 16, largest + 16);
  }
}

/** Adds the squares of one axis of four rows. */
/* @inline */ function axisSquares(isScaled: bool, x: usize, mean: usize, factor: usize, sum: v128): v128 {
  let u = f64x2.sub(v128.load(x), splat(mean));
  if (isScaled) u = f64x2.mul(u, splat(factor));
  return f64x2.add(sum, f64x2.mul(u, u));
}

/**
 * Diagonal factors: sum_j (f_j (x_j - mu_j))^2; spherical or whitened ones: f^2 sum_j (x_j - mu_j)^2. The axes `from` to
 * `to - 1` of four rows, to two sums in memory.
 */
/* @inline */ function addAxisSquares(
  isScaled: bool,
  from: i32,
  to: i32,
  x: usize,
  mean: usize,
  factor: usize,
  sums: usize,
): void {
  let low = v128.load(sums);
  let high = v128.load(sums, 16);
  let j = from;
  for (; j + 2 <= to; j += 2) {
    const at = x + 32 * j;
    low = axisSquares(isScaled, at, mean + 8 * j, factor + 8 * j, low);
    high = axisSquares(isScaled, at + 16, mean + 8 * j, factor + 8 * j, high);
    low = axisSquares(isScaled, at + 32, mean + 8 * j + 8, factor + 8 * j + 8, low);
    high = axisSquares(isScaled, at + 48, mean + 8 * j + 8, factor + 8 * j + 8, high);
  }
  if (j < to) {
    const at = x + 32 * j;
    low = axisSquares(isScaled, at, mean + 8 * j, factor + 8 * j, low);
    high = axisSquares(isScaled, at + 16, mean + 8 * j, factor + 8 * j, high);
  }
  v128.store(sums, low);
  v128.store(sums, high, 16);
}

/* @inline */ function jointAxes(
  isScaled: bool,
  k: i32,
  groups: i32,
  start: usize,
  mean: usize,
  factor: usize,
  cut: f64,
): void {
  const d = dimension;
  const constant = splat(constants + 8 * k);
  const common = isScaled ? one() : f64x2.mul(splat(factor), splat(factor));
  const cuts = f64x2.splat(cut);
  let to = shares + stride * k;
  let largest = logDensities;
  let x = start;
  for (let group = 0; group < groups; group++, to += 32, largest += 32, x += 32 * d) {
    v128.store(to, f64x2.splat(0));
    v128.store(to, f64x2.splat(0), 16);
    for (let j = 0; j < d; ) {
      const end = min(j + AXES_PER_LOOK, d);
      addAxisSquares(isScaled, j, end, x, mean, factor, to);
      j = end;
      if (j < d) {
        const low = f64x2.mul(v128.load(to), common);
        if (areLost(constant, low, f64x2.mul(v128.load(to, 16), common), largest, cuts)) break;
      }
    }
    const low = v128.load(to);
    const high = v128.load(to, 16);
    keep(settle(constant, isScaled ? low : f64x2.mul(low, common)), to, largest);
    keep(settle(constant, isScaled ? high : f64x2.mul(high, common)), to + 16, largest + 16);
  }
}

/** One factor for each axis, `step` bytes apart. */
export function jointScaled(k: i32, groups: i32, x: usize, mean: usize, factor: usize, step: usize, cut: f64): void {
  if (dimension === 1) jointSmallAxes(1, k, groups, x, mean, factor, step);
  else if (dimension === 2) jointSmallAxes(2, k, groups, x, mean, factor, step);
  else if (dimension === 3) jointSmallAxes(3, k, groups, x, mean, factor, step);
  else if (step > 0) jointAxes(true, k, groups, x, mean, factor, cut);
  else jointAxes(false, k, groups, x, mean, factor, cut);
}
