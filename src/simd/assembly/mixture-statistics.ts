/**
 * Sufficient statistics of a block about the current means, with shares s_ik = w_i r_ik:
 *
 *     mass_k += sum_i s_ik,   shift_k += sum_i s_ik (x_i - mu_k),   scatter_k += sum_i s_ik (x_i - mu_k)(x_i - mu_k)^T
 *
 * Each block is summed on its own before it is added, which keeps the rounding of long sums small. Rows without a share
 * cost nothing: for d > 3 those with one are gathered first, and a component that has none in the block is passed over.
 *
 * @module
 */

import { addListed, addListedSquares, findRows } from './mixture-listed.js';
import { addMass, gather, NO_SCATTER, PRODUCTS, SQUARES, takeAll } from './mixture-rows.js';
import {
  block,
  centred,
  components,
  DIAGONAL,
  dimension,
  form,
  mass,
  means,
  SPHERICAL,
  scatter,
  shares,
  shift,
  stride,
  triangleSize,
  weighted,
} from './mixture-state.js';
import { across, addTo, splat } from './vectors.js';

/** Groups of four rows whose products are summed before the next ones are taken: ten axes stay in the first-level cache. */
const ROUND: i32 = 32;

/** d <= 3: all sums stay in registers; the axes are unrolled. */
/* @inline */ function addSmall(d: i32, scattered: i32, k: i32, groups: i32): void {
  const mean = means + 8 * d * k;
  const zero = f64x2.splat(0);
  let m = zero;
  let s0 = zero;
  let s1 = zero;
  let s2 = zero;
  let q00 = zero;
  let q10 = zero;
  let q11 = zero;
  let q20 = zero;
  let q21 = zero;
  let q22 = zero;
  const m0 = splat(mean);
  const m1 = d > 1 ? splat(mean + 8) : m0;
  const m2 = d > 2 ? splat(mean + 16) : m0;
  let at = shares + stride * k;
  const end = at + 32 * groups;
  // Pairs of rows: their first axis 16 bytes on within a group, then at the next group.
  let x = block;
  let step: usize = 16;
  const twoSteps: usize = 32 * d;
  for (; at < end; at += 16, x += step, step = twoSteps - step) {
    const share = v128.load(at);
    const x0 = f64x2.sub(v128.load(x), m0);
    const t0 = f64x2.mul(share, x0);
    m = f64x2.add(m, share);
    s0 = f64x2.add(s0, t0);
    if (scattered > NO_SCATTER) q00 = f64x2.add(q00, f64x2.mul(t0, x0));
    if (d > 1) {
      const x1 = f64x2.sub(v128.load(x, 32), m1);
      const t1 = f64x2.mul(share, x1);
      s1 = f64x2.add(s1, t1);
      if (scattered === PRODUCTS) q10 = f64x2.add(q10, f64x2.mul(t1, x0));
      if (scattered > NO_SCATTER) q11 = f64x2.add(q11, f64x2.mul(t1, x1));
      if (d > 2) {
        const x2 = f64x2.sub(v128.load(x, 64), m2);
        const t2 = f64x2.mul(share, x2);
        s2 = f64x2.add(s2, t2);
        if (scattered === PRODUCTS) {
          q20 = f64x2.add(q20, f64x2.mul(t2, x0));
          q21 = f64x2.add(q21, f64x2.mul(t2, x1));
        }
        if (scattered > NO_SCATTER) q22 = f64x2.add(q22, f64x2.mul(t2, x2));
      }
    }
  }
  const toShift = shift + 8 * d * k;
  addTo(mass + 8 * k, across(m));
  addTo(toShift, across(s0));
  if (d > 1) addTo(toShift + 8, across(s1));
  if (d > 2) addTo(toShift + 16, across(s2));
  if (scattered === SQUARES) addSquares(d, k, q00, q11, q22);
  if (scattered === PRODUCTS) addTriangle(d, k, q00, q10, q11, q20, q21, q22);
}

/* @inline */ function addSquares(d: i32, k: i32, q00: v128, q11: v128, q22: v128): void {
  const to = scatter + 8 * d * k;
  addTo(to, across(q00));
  if (d > 1) addTo(to + 8, across(q11));
  if (d > 2) addTo(to + 16, across(q22));
}

/* @inline */ function addTriangle(
  d: i32,
  k: i32,
  q00: v128,
  q10: v128,
  q11: v128,
  q20: v128,
  q21: v128,
  q22: v128,
): void {
  const to = scatter + 4 * d * (d + 1) * k;
  addTo(to, across(q00));
  if (d > 1) {
    addTo(to + 8, across(q10));
    addTo(to + 16, across(q11));
  }
  if (d > 2) {
    addTo(to + 24, across(q20));
    addTo(to + 32, across(q21));
    addTo(to + 40, across(q22));
  }
}

/**
 * Sums of products over the gathered pairs of rows for R axes from `first` on and the two axes from `second` on: 2 R sums in
 * registers. Those above the diagonal are left out.
 */
/* @inline */ function addTile(R: i32, k: i32, first: i32, second: i32, pairs: i32): void {
  const zero = f64x2.splat(0);
  let c0 = zero;
  let c1 = zero;
  let c2 = zero;
  let c3 = zero;
  let e0 = zero;
  let e1 = zero;
  let e2 = zero;
  let e3 = zero;
  const step = 16 * dimension;
  let a = weighted + 16 * first;
  let b = centred + 16 * second;
  for (const end = b + step * pairs; b < end; a += step, b += step) {
    const x = v128.load(b);
    const y = v128.load(b, 16);
    const t0 = v128.load(a);
    c0 = f64x2.add(c0, f64x2.mul(t0, x));
    e0 = f64x2.add(e0, f64x2.mul(t0, y));
    if (R > 1) {
      const t1 = v128.load(a, 16);
      c1 = f64x2.add(c1, f64x2.mul(t1, x));
      e1 = f64x2.add(e1, f64x2.mul(t1, y));
    }
    if (R > 2) {
      const t2 = v128.load(a, 32);
      c2 = f64x2.add(c2, f64x2.mul(t2, x));
      e2 = f64x2.add(e2, f64x2.mul(t2, y));
      const t3 = v128.load(a, 48);
      c3 = f64x2.add(c3, f64x2.mul(t3, x));
      e3 = f64x2.add(e3, f64x2.mul(t3, y));
    }
  }
  addEntries(k, first, second, c0, e0);
  if (R > 1) addEntries(k, first + 1, second, c1, e1);
  if (R > 2) {
    addEntries(k, first + 2, second, c2, e2);
    addEntries(k, first + 3, second, c3, e3);
  }
}

/* @inline */ function addEntries(k: i32, i: i32, j: i32, left: v128, right: v128): void {
  const row = scatter + 8 * triangleSize() * k + 4 * i * (i + 1);
  if (j <= i) addTo(row + 8 * j, across(left));
  if (j + 1 <= i) addTo(row + 8 * (j + 1), across(right));
}

function addProducts(k: i32, pairs: i32): void {
  const d = dimension;
  let first = 0;
  for (; first + 4 <= d; first += 4) {
    for (let second = 0; second < first + 4; second += 2) addTile(4, k, first, second, pairs);
  }
  if ((d & 3) >= 2) {
    for (let second = 0; second < first + 2; second += 2) addTile(2, k, first, second, pairs);
    first += 2;
  }
  if (d & 1) for (let second = 0; second <= first; second += 2) addTile(1, k, first, second, pairs);
}

/** Takes all shares from rows that fill up the last group; returns the number of groups. */
export function clearBeyond(count: i32): i32 {
  for (let i = count; i < ((count + 3) & ~3); i++) {
    for (let k = 0; k < components; k++) store<f64>(shares + stride * k + 8 * i, 0);
  }
  return (count + 3) >> 2;
}

/**
 * Adds the block's statistics for every component.
 *
 * @param isScattered - Whether products are wanted.
 */
export function addStatistics(count: i32, isScattered: bool): void {
  const groups = clearBeyond(count);
  const isDiagonal = form === DIAGONAL || form === SPHERICAL;
  const scattered = !isScattered ? NO_SCATTER : isDiagonal ? SQUARES : PRODUCTS;
  for (let k = 0; k < components; k++) {
    if (dimension > 3) addMany(scattered, k, groups);
    else if (scattered === NO_SCATTER) addFew(NO_SCATTER, k, groups);
    else if (scattered === SQUARES) addFew(SQUARES, k, groups);
    else addFew(PRODUCTS, k, groups);
  }
}

/* @inline */ function addFew(scattered: i32, k: i32, groups: i32): void {
  if (dimension === 1) addSmall(1, scattered, k, groups);
  else if (dimension === 2) addSmall(2, scattered, k, groups);
  else addSmall(3, scattered, k, groups);
}

function addMany(scattered: i32, k: i32, groups: i32): void {
  const found = addMass(k, groups);
  if (found === 0) return;
  if (found > 2 * groups) {
    if (scattered === NO_SCATTER) addRounds(NO_SCATTER, k, groups);
    else if (scattered === SQUARES) addRounds(SQUARES, k, groups);
    else addRounds(PRODUCTS, k, groups);
    return;
  }
  findRows(k, groups);
  const own = 8 * dimension * k;
  if (scattered === SQUARES) addListedSquares(k, found, means + own, shift + own, scatter + own);
  else if (form === DIAGONAL || form === SPHERICAL) addListed(k, found, means + own, shift + own);
  else {
    for (let first = 0; first < found; first += 4 * ROUND) {
      const end = min(first + 4 * ROUND, found);
      gather(k, first, end);
      if (scattered === PRODUCTS) addProducts(k, 2 * ((end - first + 3) >> 2));
    }
  }
}

/* @inline */ function addRounds(scattered: i32, k: i32, groups: i32): void {
  for (let first = 0; first < groups; first += ROUND) {
    const size = min(ROUND, groups - first);
    takeAll(scattered, k, first, size);
    if (scattered === PRODUCTS) addProducts(k, 2 * size);
  }
}
