/**
 * Spherical components by products of vectors, rows as they lie, where all means are near the origin, as those of
 * standardised rows mostly are: what mixture-dots.ts does about the middle of the means, without rows being moved or laid out.
 *
 *     t_k = (c_k - f_k^2 |mu_k|^2) + 2 f_k^2 mu_k . x - f_k^2 |x|^2
 *
 * @module
 */
import {
  components,
  dimension,
  dotConstants,
  dots,
  form,
  means,
  middle,
  norms,
  rows,
  SPHERICAL,
  scaledConstants,
  scaledFactors,
  shares,
  stride,
  whitened,
} from './mixture-state.js';
import { splat } from './vectors.js';

/** Whether rows may be taken as they lie. */
export let areCentred: bool = false;

/** Numbers of component k's mean: the first of them, and the next, `step` bytes on. */
/* @inline */ function coefficient(k: i32, j: i32): usize {
  // In panels of four components, the last perhaps of two.
  const panel = k & ~3;
  const height = min(4, ((components + 1) & ~1) - panel);
  return dots + 8 * (dimension * panel + height * j + (k & 3));
}

/**
 * To be called when parameters have changed.
 *
 * @param most - Of f^2 |mu|^2.
 */
export function prepareRowDots(most: f64): void {
  const d = dimension;
  areCentred = form === SPHERICAL && d > 3;
  for (let k = 0; k < components && areCentred; k++) {
    const factor = load<f64>(scaledFactors + 8 * k);
    const square = factor * factor;
    let squares: f64 = 0;
    for (let j = 0; j < d; j++) {
      const mean = load<f64>(means + 8 * (d * k + j));
      squares += mean * mean;
      store<f64>(coefficient(k, j), 2 * square * mean);
      // What fills up the last pair.
      if (k + 1 === components && (k & 1) === 0) store<f64>(coefficient(k + 1, j), 0);
    }
    squares *= square;
    store<f64>(dotConstants + 16 * k, load<f64>(scaledConstants + 8 * k) - squares);
    store<f64>(dotConstants + 16 * k + 8, square);
    areCentred = squares <= most;
  }
  if (areCentred) memory.fill(middle, 0, 8 * d);
}

/** Fills the last group of four up with zeros. */
export function clearRowsBeyond(count: i32): void {
  memory.fill(rows + 8 * dimension * count, 0, 8 * dimension * (-count & 3));
}

/** |x|^2 of four rows. */
/* @inline */ function normsOfFour(x: usize, to: usize): void {
  const size = 8 * dimension;
  let n0 = f64x2.splat(0);
  let n1 = n0;
  let n2 = n0;
  let n3 = n0;
  const end = x + (size & ~15);
  for (; x < end; x += 16) {
    const a = v128.load(x);
    const b = v128.load(x + size);
    const c = v128.load(x + 2 * size);
    const e = v128.load(x + 3 * size);
    n0 = f64x2.add(n0, f64x2.mul(a, a));
    n1 = f64x2.add(n1, f64x2.mul(b, b));
    n2 = f64x2.add(n2, f64x2.mul(c, c));
    n3 = f64x2.add(n3, f64x2.mul(e, e));
  }
  if ((dimension & 1) !== 0) {
    const a = v128.load64_zero(x);
    const b = v128.load64_zero(x + size);
    const c = v128.load64_zero(x + 2 * size);
    const e = v128.load64_zero(x + 3 * size);
    n0 = f64x2.add(n0, f64x2.mul(a, a));
    n1 = f64x2.add(n1, f64x2.mul(b, b));
    n2 = f64x2.add(n2, f64x2.mul(c, c));
    n3 = f64x2.add(n3, f64x2.mul(e, e));
  }
  v128.store(to, f64x2.add(v128.shuffle<f64>(n0, n1, 0, 2), v128.shuffle<f64>(n0, n1, 1, 3)));
  v128.store(to, f64x2.add(v128.shuffle<f64>(n2, n3, 0, 2), v128.shuffle<f64>(n2, n3, 1, 3)), 16);
}

/* @inline */ function plusProduct(sum: v128, a: v128, b: v128): v128 {
  return f64x2.add(sum, f64x2.mul(a, b));
}

/** Writes two components' terms of two rows. */
/* @inline */ function putTerms(k: i32, first: v128, second: v128, norm: v128, to: usize): void {
  putTerm(k, v128.shuffle<f64>(first, second, 0, 2), norm, to);
  if (k + 1 < components) putTerm(k + 1, v128.shuffle<f64>(first, second, 1, 3), norm, to + stride);
}

/* @inline */ function putTerm(k: i32, product: v128, norm: v128, to: usize): void {
  const constant = splat(dotConstants + 16 * k);
  const square = splat(dotConstants + 16 * k + 8);
  v128.store(to, f64x2.add(constant, f64x2.sub(product, f64x2.mul(square, norm))));
}

/** Terms of four rows in C = 2 or 4 components from k on: their products stay in registers. */
/* @inline */ function termsOfFour(C: i32, k: i32, x: usize, norm: usize, to: usize): void {
  const size = 8 * dimension;
  let s0 = f64x2.splat(0);
  let t0 = s0;
  let s1 = s0;
  let t1 = s0;
  let s2 = s0;
  let t2 = s0;
  let s3 = s0;
  let t3 = s0;
  let a = dots + size * k;
  // Two axes at a time, as half of the additions of addresses are spared.
  for (const end = x + size; x < end; x += 16, a += 16 * C) {
    const row1 = x + size;
    const row2 = row1 + size;
    const row3 = row2 + size;
    const u = v128.load(a);
    const v = C > 2 ? v128.load(a, 16) : u;
    let value = splat(x);
    s0 = plusProduct(s0, value, u);
    if (C > 2) t0 = plusProduct(t0, value, v);
    value = splat(row1);
    s1 = plusProduct(s1, value, u);
    if (C > 2) t1 = plusProduct(t1, value, v);
    value = splat(row2);
    s2 = plusProduct(s2, value, u);
    if (C > 2) t2 = plusProduct(t2, value, v);
    value = splat(row3);
    s3 = plusProduct(s3, value, u);
    if (C > 2) t3 = plusProduct(t3, value, v);
    if (x + 8 === end) break;
    const y = C > 2 ? v128.load(a, 32) : v128.load(a, 16);
    const z = C > 2 ? v128.load(a, 48) : y;
    value = v128.load64_splat(x, 8);
    s0 = plusProduct(s0, value, y);
    if (C > 2) t0 = plusProduct(t0, value, z);
    value = v128.load64_splat(row1, 8);
    s1 = plusProduct(s1, value, y);
    if (C > 2) t1 = plusProduct(t1, value, z);
    value = v128.load64_splat(row2, 8);
    s2 = plusProduct(s2, value, y);
    if (C > 2) t2 = plusProduct(t2, value, z);
    value = v128.load64_splat(row3, 8);
    s3 = plusProduct(s3, value, y);
    if (C > 2) t3 = plusProduct(t3, value, z);
  }
  putFour(k, s0, s1, s2, s3, norm, to);
  if (C > 2) putFour(k + 2, t0, t1, t2, t3, norm, to + 2 * stride);
}

/** Writes two components' terms of four rows. */
/* @inline */ function putFour(k: i32, s0: v128, s1: v128, s2: v128, s3: v128, norm: usize, to: usize): void {
  putTerms(k, s0, s1, v128.load(norm), to);
  putTerms(k, s2, s3, v128.load(norm, 16), to + 16);
}

/** All components' terms for `groups` groups from `first` on. */
export function termsByRows(first: i32, groups: i32): void {
  const size = 32 * dimension;
  for (let group = first; group < first + groups; group++) {
    const x = rows + size * group;
    const norm = norms + 32 * group;
    normsOfFour(x, norm);
    const to = shares + 32 * group;
    let k = 0;
    for (; k + 2 < components; k += 4) termsOfFour(4, k, x, norm, to + stride * k);
    if (k < components) termsOfFour(2, k, x, norm, to + stride * k);
  }
}

/** Sums s x of 2 W axes from j on in two components. */
/* @inline */ function sumAxes(W: i32, k: i32, j: i32, count: i32): void {
  const zero = f64x2.splat(0);
  let a0 = zero;
  let a1 = zero;
  let a2 = zero;
  let a3 = zero;
  let b0 = zero;
  let b1 = zero;
  let b2 = zero;
  let b3 = zero;
  const size = 8 * dimension;
  let x = rows + 8 * j;
  let at = shares + stride * k;
  // A component alone stands beside itself.
  const apart = k + 1 < components ? stride : 0;
  for (const end = at + 8 * count; at < end; at += 8, x += size) {
    const s = splat(at);
    const t = splat(at + apart);
    const x0 = v128.load(x);
    a0 = plusProduct(a0, s, x0);
    b0 = plusProduct(b0, t, x0);
    if (W > 1) {
      const x1 = v128.load(x, 16);
      a1 = plusProduct(a1, s, x1);
      b1 = plusProduct(b1, t, x1);
    }
    if (W > 2) {
      const x2 = v128.load(x, 32);
      a2 = plusProduct(a2, s, x2);
      b2 = plusProduct(b2, t, x2);
    }
    if (W > 3) {
      const x3 = v128.load(x, 48);
      a3 = plusProduct(a3, s, x3);
      b3 = plusProduct(b3, t, x3);
    }
  }
  const to = whitened + 8 * j;
  putSums(W, to, a0, a1, a2, a3);
  putSums(W, to + size, b0, b1, b2, b3);
}

/* @inline */ function putSums(W: i32, to: usize, s0: v128, s1: v128, s2: v128, s3: v128): void {
  v128.store(to, s0);
  if (W > 1) v128.store(to, s1, 16);
  if (W > 2) v128.store(to, s2, 32);
  if (W > 3) v128.store(to, s3, 48);
}

/** Up to four pairs of axes from j on. */
function sumPairs(k: i32, j: i32, pairs: i32, count: i32): void {
  if (pairs === 4) sumAxes(4, k, j, count);
  else if (pairs === 3) sumAxes(3, k, j, count);
  else if (pairs === 2) sumAxes(2, k, j, count);
  else if (pairs === 1) sumAxes(1, k, j, count);
}

/** Sums of s x over so many rows in the components k and k + 1, to `whitened`. */
export function sumRows(k: i32, count: i32): void {
  const d = dimension;
  let j = 0;
  for (; j + 8 <= d; j += 8) sumPairs(k, j, 4, count);
  // The last of an odd number is summed beside the one before it, a second time.
  if ((d & 1) === 0 || j === 0) sumPairs(k, j, (d - j) >> 1, count);
  else sumPairs(k, j - 1, (d - j + 1) >> 1, count);
  if ((d & 1) !== 0 && j === 0) sumPairs(k, d - 2, 1, count);
}
