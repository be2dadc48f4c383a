/**
 * The rows that have a share in a component: gathered where they are few, as they lie where they are many.
 *
 * @module
 */
import {
  block,
  centred,
  dimension,
  mass,
  means,
  places,
  scatter,
  shares,
  shift,
  stride,
  sums,
  weighted,
} from './mixture-state.js';
import { across, addTo, splat } from './vectors.js';

/** What is gathered of products: nothing, squares, or all. */
export const NO_SCATTER = 0;
export const SQUARES = 1;
export const PRODUCTS = 2;

/** Shares of four rows. */
const SHARES: usize = memory.data(32, 16);

/** Adds the shares to component k's mass; returns how many rows have one. */
export function addMass(k: i32, groups: i32): i32 {
  const zero = f64x2.splat(0);
  // Two chains each, as one would wait for itself.
  let lowTotal = zero;
  let highTotal = zero;
  let lowFound = zero;
  let highFound = zero;
  let at = shares + stride * k;
  for (const end = at + 32 * groups; at < end; at += 32) {
    const low = v128.load(at);
    const high = v128.load(at, 16);
    lowTotal = f64x2.add(lowTotal, low);
    highTotal = f64x2.add(highTotal, high);
    // A comparison that holds is -1.
    lowFound = i64x2.sub(lowFound, f64x2.gt(low, zero));
    highFound = i64x2.sub(highFound, f64x2.gt(high, zero));
  }
  addTo(mass + 8 * k, across(f64x2.add(lowTotal, highTotal)));
  const found = i64x2.add(lowFound, highFound);
  return <i32>(i64x2.extract_lane(found, 0) + i64x2.extract_lane(found, 1));
}

/** Shares of four listed rows; 0 beyond the last. */
/* @inline */ function sharesOf(start: usize, first: i32, found: i32): void {
  for (let lane = 0; lane < 4; lane++) {
    const i = first + lane;
    store<f64>(SHARES + 8 * lane, i < found ? load<f64>(start + 8 * load<i32>(places + 4 * i)) : 0);
  }
}

/** Where the row at position i of the list begins; the last row stands in beyond it. */
/* @inline */ function rowAt(i: i32, found: i32): usize {
  const place = load<i32>(places + 4 * min(i, found - 1));
  return block + 32 * dimension * (place >> 2) + 8 * (place & 3);
}

/* @inline */ function pairOf(first: usize, second: usize): v128 {
  return v128.load64_lane(second, v128.load64_zero(first), 1);
}

/* @inline */ function addPair(address: usize, term: v128): void {
  v128.store(address, f64x2.add(v128.load(address), term));
}

/**
 * Gathers the listed rows from `first` to `end` - 1 for their products, four at once, and adds to shift: x - mu_k goes to
 * `centred` and s (x - mu_k) to `weighted`, two rows after two, 16 bytes for each axis.
 */
export function gather(k: i32, first: i32, end: i32): void {
  const d = dimension;
  const start = shares + stride * k;
  const mean = means + 8 * d * k;
  memory.fill(sums, 0, 32 * d);
  for (let i = first; i < end; i += 4) {
    sharesOf(start, i, end);
    const low = v128.load(SHARES);
    const high = v128.load(SHARES + 16);
    const row0 = rowAt(i, end);
    const row1 = rowAt(i + 1, end);
    const row2 = rowAt(i + 2, end);
    const row3 = rowAt(i + 3, end);
    const to = 8 * d * (i - first);
    for (let j = 0; j < d; j++) {
      const at = 32 * j;
      const centre = splat(mean + 8 * j);
      const x = f64x2.sub(pairOf(row0 + at, row1 + at), centre);
      const y = f64x2.sub(pairOf(row2 + at, row3 + at), centre);
      const s = f64x2.mul(low, x);
      const t = f64x2.mul(high, y);
      addPair(sums + at, f64x2.add(s, t));
      const put = to + 16 * j;
      v128.store(centred + put, x);
      v128.store(centred + put + 16 * d, y);
      v128.store(weighted + put, s);
      v128.store(weighted + put + 16 * d, t);
    }
  }
  for (let j = 0; j < d; j++) {
    addTo(shift + 8 * (d * k + j), across(v128.load(sums + 32 * j)));
  }
}

/**
 * The same from rows as they lie, where most have a share: W axes from j on at once, W = 1, 2 or 4, so that their sums stay
 * in registers and each line of the cache is read once.
 */
/* @inline */ function addAxes(W: i32, scattered: i32, k: i32, j: i32, first: i32, groups: i32): void {
  const d = dimension;
  const zero = f64x2.splat(0);
  let s0 = zero;
  let q0 = zero;
  let s1 = zero;
  let q1 = zero;
  let s2 = zero;
  let q2 = zero;
  let s3 = zero;
  let q3 = zero;
  const mean = means + 8 * (d * k + j);
  const m0 = splat(mean);
  const m1 = W > 1 ? splat(mean + 8) : m0;
  const m2 = W > 2 ? splat(mean + 16) : m0;
  const m3 = W > 2 ? splat(mean + 24) : m0;
  let share = shares + stride * k + 32 * first;
  // Pairs of rows: their first axis 16 bytes on within a group, then at the next group.
  let x = block + 32 * d * first + 32 * j;
  let step: usize = 16;
  const twoSteps: usize = 32 * d;
  let to: usize = 16 * j;
  for (const end = share + 32 * groups; share < end; share += 16, to += 16 * d, x += step, step = twoSteps - step) {
    const r = v128.load(share);
    const x0 = f64x2.sub(v128.load(x), m0);
    const t0 = f64x2.mul(r, x0);
    s0 = f64x2.add(s0, t0);
    if (scattered === SQUARES) q0 = f64x2.add(q0, f64x2.mul(t0, x0));
    if (scattered === PRODUCTS) v128.store(centred + to, x0);
    if (scattered === PRODUCTS) v128.store(weighted + to, t0);
    if (W > 1) {
      const x1 = f64x2.sub(v128.load(x, 32), m1);
      const t1 = f64x2.mul(r, x1);
      s1 = f64x2.add(s1, t1);
      if (scattered === SQUARES) q1 = f64x2.add(q1, f64x2.mul(t1, x1));
      if (scattered === PRODUCTS) v128.store(centred + to, x1, 16);
      if (scattered === PRODUCTS) v128.store(weighted + to, t1, 16);
    }
    if (W > 2) {
      const x2 = f64x2.sub(v128.load(x, 64), m2);
      const t2 = f64x2.mul(r, x2);
      s2 = f64x2.add(s2, t2);
      if (scattered === SQUARES) q2 = f64x2.add(q2, f64x2.mul(t2, x2));
      if (scattered === PRODUCTS) v128.store(centred + to, x2, 32);
      if (scattered === PRODUCTS) v128.store(weighted + to, t2, 32);
      const x3 = f64x2.sub(v128.load(x, 96), m3);
      const t3 = f64x2.mul(r, x3);
      s3 = f64x2.add(s3, t3);
      if (scattered === SQUARES) q3 = f64x2.add(q3, f64x2.mul(t3, x3));
      if (scattered === PRODUCTS) v128.store(centred + to, x3, 48);
      if (scattered === PRODUCTS) v128.store(weighted + to, t3, 48);
    }
  }
  const at = 8 * (d * k + j);
  addAxis(scattered, at, s0, q0);
  if (W > 1) addAxis(scattered, at + 8, s1, q1);
  if (W > 2) addAxis(scattered, at + 16, s2, q2);
  if (W > 2) addAxis(scattered, at + 24, s3, q3);
}

/* @inline */ function addAxis(scattered: i32, at: usize, sum: v128, squares: v128): void {
  addTo(shift + at, across(sum));
  if (scattered === SQUARES) addTo(scatter + at, across(squares));
}

/* @inline */ export function takeAll(scattered: i32, k: i32, first: i32, groups: i32): void {
  let j = 0;
  // With squares there are twice as many sums.
  if (scattered !== SQUARES) for (; j + 4 <= dimension; j += 4) addAxes(4, scattered, k, j, first, groups);
  for (; j + 2 <= dimension; j += 2) addAxes(2, scattered, k, j, first, groups);
  if (j < dimension) addAxes(1, scattered, k, j, first, groups);
}
