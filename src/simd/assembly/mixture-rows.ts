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

/** Lists the rows that have a share in component k; returns their number. */
export function findRows(k: i32, groups: i32): i32 {
  const start = shares + stride * k;
  let found = 0;
  for (let group = 0; group < groups; group++) {
    const at = start + 32 * group;
    if (!v128.any_true(v128.or(v128.load(at), v128.load(at, 16)))) continue;
    for (let lane = 0; lane < 4; lane++) {
      store<i32>(places + 4 * found, 4 * group + lane);
      found += i32(load<f64>(at + 8 * lane) > 0);
    }
  }
  return found;
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
 * Gathers the listed rows in groups of four and adds to mass, shift and, for squares, scatter. For products, x - mu_k goes
 * to `centred` and s (x - mu_k) to `weighted`.
 *
 * Sums of pairs are kept at `sums`: shifts at 32 j, squares at 32 j + 16.
 */
/* @inline */ export function gather(scattered: i32, k: i32, found: i32): void {
  const d = dimension;
  const start = shares + stride * k;
  const mean = means + 8 * d * k;
  memory.fill(sums, 0, 32 * d);
  let m = f64x2.splat(0);
  for (let i = 0; i < found; i += 4) {
    sharesOf(start, i, found);
    const low = v128.load(SHARES);
    const high = v128.load(SHARES + 16);
    m = f64x2.add(f64x2.add(m, low), high);
    const row0 = rowAt(i, found);
    const row1 = rowAt(i + 1, found);
    const row2 = rowAt(i + 2, found);
    const row3 = rowAt(i + 3, found);
    const to = 8 * d * i;
    for (let j = 0; j < d; j++) {
      const at = 32 * j;
      const centre = splat(mean + 8 * j);
      const x = f64x2.sub(pairOf(row0 + at, row1 + at), centre);
      const y = f64x2.sub(pairOf(row2 + at, row3 + at), centre);
      const s = f64x2.mul(low, x);
      const t = f64x2.mul(high, y);
      addPair(sums + at, f64x2.add(s, t));
      if (scattered === SQUARES) {
        addPair(sums + at + 16, f64x2.add(f64x2.mul(s, x), f64x2.mul(t, y)));
      } else if (scattered === PRODUCTS) {
        v128.store(centred + to + at, x);
        v128.store(centred + to + at, y, 16);
        v128.store(weighted + to + at, s);
        v128.store(weighted + to + at, t, 16);
      }
    }
  }
  addTo(mass + 8 * k, across(m));
  for (let j = 0; j < d; j++) {
    addTo(shift + 8 * (d * k + j), across(v128.load(sums + 32 * j)));
    if (scattered === SQUARES) addTo(scatter + 8 * (d * k + j), across(v128.load(sums + 32 * j + 16)));
  }
}

/**
 * The same from all rows as they lie, where most have a share: W axes from j on at once, W = 1 or 2, so that their sums
 * stay in registers and each line of the cache is read once.
 */
/* @inline */ function addAxes(W: i32, scattered: i32, k: i32, j: i32, groups: i32): void {
  const d = dimension;
  const zero = f64x2.splat(0);
  let s0 = zero;
  let q0 = zero;
  let s1 = zero;
  let q1 = zero;
  const centre0 = splat(means + 8 * (d * k + j));
  const centre1 = W > 1 ? splat(means + 8 * (d * k + j + 1)) : centre0;
  let share = shares + stride * k;
  const end = share + 32 * groups;
  let x = block + 32 * j;
  let to: usize = 32 * j;
  for (; share < end; share += 32, x += 32 * d, to += 32 * d) {
    for (let half = 0; half < 32; half += 16) {
      const r = v128.load(share + half);
      const x0 = f64x2.sub(v128.load(x + half), centre0);
      const t0 = f64x2.mul(r, x0);
      s0 = f64x2.add(s0, t0);
      if (scattered === SQUARES) q0 = f64x2.add(q0, f64x2.mul(t0, x0));
      if (scattered === PRODUCTS) v128.store(centred + to + half, x0);
      if (scattered === PRODUCTS) v128.store(weighted + to + half, t0);
      if (W > 1) {
        const x1 = f64x2.sub(v128.load(x + half, 32), centre1);
        const t1 = f64x2.mul(r, x1);
        s1 = f64x2.add(s1, t1);
        if (scattered === SQUARES) q1 = f64x2.add(q1, f64x2.mul(t1, x1));
        if (scattered === PRODUCTS) v128.store(centred + to + half, x1, 32);
        if (scattered === PRODUCTS) v128.store(weighted + to + half, t1, 32);
      }
    }
  }
  const at = 8 * (d * k + j);
  addTo(shift + at, across(s0));
  if (W > 1) addTo(shift + at + 8, across(s1));
  if (scattered !== SQUARES) return;
  addTo(scatter + at, across(q0));
  if (W > 1) addTo(scatter + at + 8, across(q1));
}

/* @inline */ export function takeAll(scattered: i32, k: i32, groups: i32): void {
  let m = f64x2.splat(0);
  const start = shares + stride * k;
  for (let i = 0; i < 2 * groups; i++) m = f64x2.add(m, v128.load(start + 16 * i));
  addTo(mass + 8 * k, across(m));
  let j = 0;
  for (; j + 2 <= dimension; j += 2) addAxes(2, scattered, k, j, groups);
  if (j < dimension) addAxes(1, scattered, k, j, groups);
}
