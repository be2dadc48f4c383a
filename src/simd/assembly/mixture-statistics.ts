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
import {
  block,
  centred,
  components,
  DIAGONAL,
  dimension,
  form,
  mass,
  means,
  places,
  SPHERICAL,
  scatter,
  shares,
  shift,
  stride,
  sums,
  triangleSize,
  weighted,
} from './mixture-state.js';
import { across, addTo, splat } from './vectors.js';

/** Shares of four rows. */
const SHARES: usize = memory.data(32, 16);

/* @inline */ function axis(x: usize, mean: usize, j: i32): v128 {
  return f64x2.sub(v128.load(x + 32 * j), splat(mean + 8 * j));
}

/** d <= 3: all sums stay in registers; the axes are unrolled. */
/* @inline */ function addSmall(d: i32, isDiagonal: bool, k: i32, groups: i32): void {
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
  const start = shares + stride * k;
  for (let i = 0; i < 2 * groups; i++) {
    const share = v128.load(start + 16 * i);
    if (!v128.any_true(share)) continue;
    const x = block + 32 * d * (i >> 1) + 16 * (i & 1);
    const x0 = axis(x, mean, 0);
    const t0 = f64x2.mul(share, x0);
    m = f64x2.add(m, share);
    s0 = f64x2.add(s0, t0);
    q00 = f64x2.add(q00, f64x2.mul(t0, x0));
    if (d > 1) {
      const x1 = axis(x, mean, 1);
      const t1 = f64x2.mul(share, x1);
      s1 = f64x2.add(s1, t1);
      if (!isDiagonal) q10 = f64x2.add(q10, f64x2.mul(t1, x0));
      q11 = f64x2.add(q11, f64x2.mul(t1, x1));
      if (d > 2) {
        const x2 = axis(x, mean, 2);
        const t2 = f64x2.mul(share, x2);
        s2 = f64x2.add(s2, t2);
        if (!isDiagonal) {
          q20 = f64x2.add(q20, f64x2.mul(t2, x0));
          q21 = f64x2.add(q21, f64x2.mul(t2, x1));
        }
        q22 = f64x2.add(q22, f64x2.mul(t2, x2));
      }
    }
  }
  const toShift = shift + 8 * d * k;
  addTo(mass + 8 * k, across(m));
  addTo(toShift, across(s0));
  if (d > 1) addTo(toShift + 8, across(s1));
  if (d > 2) addTo(toShift + 16, across(s2));
  if (isDiagonal) {
    const toScatter = scatter + 8 * d * k;
    addTo(toScatter, across(q00));
    if (d > 1) addTo(toScatter + 8, across(q11));
    if (d > 2) addTo(toScatter + 16, across(q22));
    return;
  }
  const toScatter = scatter + 4 * d * (d + 1) * k;
  addTo(toScatter, across(q00));
  if (d > 1) {
    addTo(toScatter + 8, across(q10));
    addTo(toScatter + 16, across(q11));
  }
  if (d > 2) {
    addTo(toScatter + 24, across(q20));
    addTo(toScatter + 32, across(q21));
    addTo(toScatter + 40, across(q22));
  }
}

/** Lists the rows that have a share in component k; returns their number. */
function findRows(k: i32, groups: i32): i32 {
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
 * Gathers the listed rows in groups of four and adds to mass, shift and, for diagonal forms, scatter. For full ones, x - mu_k goes
 * to `centred` and s (x - mu_k) to `weighted`.
 *
 * Sums of pairs are kept at `sums`: shifts at 32 j, squares at 32 j + 16.
 */
/* @inline */ function gather(isDiagonal: bool, k: i32, found: i32): void {
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
      if (isDiagonal) {
        addPair(sums + at + 16, f64x2.add(f64x2.mul(s, x), f64x2.mul(t, y)));
      } else {
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
    if (isDiagonal) addTo(scatter + 8 * (d * k + j), across(v128.load(sums + 32 * j + 16)));
  }
}

/**
 * Sums of products over the gathered rows for R axes from `first` on and the two axes from `second` on: 2 R sums in
 * registers. Those above the diagonal are left out.
 */
/* @inline */ function addTile(R: i32, k: i32, first: i32, second: i32, groups: i32): void {
  const zero = f64x2.splat(0);
  let c0 = zero;
  let c1 = zero;
  let c2 = zero;
  let c3 = zero;
  let e0 = zero;
  let e1 = zero;
  let e2 = zero;
  let e3 = zero;
  const step = 32 * dimension;
  let a = weighted + 32 * first;
  let b = centred + 32 * second;
  const end = b + step * groups;
  for (; b < end; a += step, b += step) {
    for (let half = 0; half < 32; half += 16) {
      const x = v128.load(b + half);
      const y = v128.load(b + half, 32);
      const t0 = v128.load(a + half);
      c0 = f64x2.add(c0, f64x2.mul(t0, x));
      e0 = f64x2.add(e0, f64x2.mul(t0, y));
      if (R > 1) {
        const t1 = v128.load(a + half, 32);
        c1 = f64x2.add(c1, f64x2.mul(t1, x));
        e1 = f64x2.add(e1, f64x2.mul(t1, y));
      }
      if (R > 2) {
        const t2 = v128.load(a + half, 64);
        const t3 = v128.load(a + half, 96);
        c2 = f64x2.add(c2, f64x2.mul(t2, x));
        e2 = f64x2.add(e2, f64x2.mul(t2, y));
        c3 = f64x2.add(c3, f64x2.mul(t3, x));
        e3 = f64x2.add(e3, f64x2.mul(t3, y));
      }
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

function addProducts(k: i32, groups: i32): void {
  const d = dimension;
  let first = 0;
  for (; first + 4 <= d; first += 4) {
    for (let second = 0; second < first + 4; second += 2) addTile(4, k, first, second, groups);
  }
  if ((d & 3) >= 2) {
    for (let second = 0; second < first + 2; second += 2) addTile(2, k, first, second, groups);
    first += 2;
  }
  if (d & 1) for (let second = 0; second <= first; second += 2) addTile(1, k, first, second, groups);
}

/** Rows that fill up the last group have no shares. */
function clearBeyond(count: i32): void {
  for (let i = count; i < ((count + 3) & ~3); i++) {
    for (let k = 0; k < components; k++) store<f64>(shares + stride * k + 8 * i, 0);
  }
}

/** Adds the block's statistics for every component. */
export function addStatistics(count: i32): void {
  const groups = (count + 3) >> 2;
  const isDiagonal = form === DIAGONAL || form === SPHERICAL;
  clearBeyond(count);
  for (let k = 0; k < components; k++) {
    if (dimension === 1) addSmall(1, false, k, groups);
    else if (dimension === 2 && isDiagonal) addSmall(2, true, k, groups);
    else if (dimension === 2) addSmall(2, false, k, groups);
    else if (dimension === 3 && isDiagonal) addSmall(3, true, k, groups);
    else if (dimension === 3) addSmall(3, false, k, groups);
    else addGathered(isDiagonal, k, findRows(k, groups));
  }
}

function addGathered(isDiagonal: bool, k: i32, found: i32): void {
  if (found === 0) return;
  if (isDiagonal) {
    gather(true, k, found);
    return;
  }
  gather(false, k, found);
  addProducts(k, (found + 3) >> 2);
}
