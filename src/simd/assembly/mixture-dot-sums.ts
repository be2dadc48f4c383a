/**
 * Statistics of round components from sums of products; see mixture-dots.ts.
 *
 * @module
 */
import { addListed, addListedRows, findRows } from './mixture-listed.js';
import { nuOf } from './mixture-middle.js';
import { areCentred, sumRows } from './mixture-row-dots.js';
import {
  components,
  dimension,
  mass,
  middle,
  norms,
  scatter,
  shares,
  shift,
  stride,
  weighted,
  whitened,
} from './mixture-state.js';
import { across, addTo } from './vectors.js';

/** Groups by which shares are judged to be few: less than a quarter, or of rows as they lie half. */
const SEEN: i32 = 16;
/** Fewest axes that listing rows is worth: of ten components 3 standard deviations apart, it takes 0.95 of a pass at 16, 0.82 at 32. */
const LEAST_LISTED: i32 = 16;

/** Sums s y of W axes from j on in R components: R W sums in registers. */
/* @inline */ function sumAxes(R: i32, W: i32, k: i32, j: i32, groups: i32): void {
  const zero = f64x2.splat(0);
  let a0 = zero;
  let a1 = zero;
  let a2 = zero;
  let a3 = zero;
  let b0 = zero;
  let b1 = zero;
  let b2 = zero;
  let b3 = zero;
  let at = shares + stride * k;
  // Pairs of rows: their first axis 16 bytes on within a group, then at the next group.
  let y = weighted + 32 * j;
  let step: usize = 16;
  const twoSteps: usize = 32 * dimension;
  for (const end = at + 32 * groups; at < end; at += 16, y += step, step = twoSteps - step) {
    const s = v128.load(at);
    const t = R > 1 ? v128.load(at + stride) : s;
    const y0 = v128.load(y);
    a0 = f64x2.add(a0, f64x2.mul(s, y0));
    if (R > 1) b0 = f64x2.add(b0, f64x2.mul(t, y0));
    if (W > 1) {
      const y1 = v128.load(y, 32);
      a1 = f64x2.add(a1, f64x2.mul(s, y1));
      if (R > 1) b1 = f64x2.add(b1, f64x2.mul(t, y1));
    }
    if (W > 2) {
      const y2 = v128.load(y, 64);
      a2 = f64x2.add(a2, f64x2.mul(s, y2));
      if (R > 1) b2 = f64x2.add(b2, f64x2.mul(t, y2));
      const y3 = v128.load(y, 96);
      a3 = f64x2.add(a3, f64x2.mul(s, y3));
      if (R > 1) b3 = f64x2.add(b3, f64x2.mul(t, y3));
    }
  }
  putSums(W, 8 * j, a0, a1, a2, a3);
  if (R > 1) putSums(W, 8 * (dimension + j), b0, b1, b2, b3);
}

/** Sums of s y stand at `whitened`. */
/* @inline */ function putSums(W: i32, at: usize, s0: v128, s1: v128, s2: v128, s3: v128): void {
  const to = whitened + at;
  store<f64>(to, across(s0));
  if (W > 1) store<f64>(to, across(s1), 8);
  if (W > 2) store<f64>(to, across(s2), 16);
  if (W > 2) store<f64>(to, across(s3), 24);
}

/* @inline */ function sumAllAxes(R: i32, k: i32, groups: i32): void {
  let j = 0;
  for (; j + 4 <= dimension; j += 4) sumAxes(R, 4, k, j, groups);
  if (dimension - j >= 2) {
    sumAxes(R, 2, k, j, groups);
    j += 2;
  }
  if (j < dimension) sumAxes(R, 1, k, j, groups);
}

/** Adds component k's statistics, sums of s y at `sums`. */
function addComponent(isScattered: bool, k: i32, groups: i32, sums: usize): void {
  const d = dimension;
  const zero = f64x2.splat(0);
  // Two chains each, as one would wait for itself.
  let m = zero;
  let q = zero;
  let n = zero;
  let r = zero;
  let at = shares + stride * k;
  let norm = norms;
  for (const end = at + 32 * groups; at < end; at += 32, norm += 32) {
    const s = v128.load(at);
    const t = v128.load(at, 16);
    m = f64x2.add(m, s);
    n = f64x2.add(n, t);
    // Squares of a row without density may be infinite.
    q = f64x2.add(q, v128.and(f64x2.mul(s, v128.load(norm)), f64x2.gt(s, zero)));
    r = f64x2.add(r, v128.and(f64x2.mul(t, v128.load(norm, 16)), f64x2.gt(t, zero)));
  }
  const total = across(f64x2.add(m, n));
  let squares = across(f64x2.add(q, r));
  addTo(mass + 8 * k, total);
  for (let j = 0; j < d; j++) {
    const nu = nuOf(k, j);
    const sum = load<f64>(sums + 8 * j);
    addTo(shift + 8 * (d * k + j), sum - total * nu);
    squares += nu * (total * nu - 2 * sum);
  }
  if (!isScattered) return;
  for (let j = 0; j < d; j++) addTo(scatter + 8 * (d * k + j), max(squares, 0) / d);
}

/** Whether few rows have a share in component k, by the first of them. */
function areFew(k: i32, groups: i32): bool {
  let found = i64x2.splat(0);
  const start = shares + stride * k;
  const seen = min(groups, SEEN);
  // A comparison that holds is -1.
  for (let at = start; at < start + 32 * seen; at += 16) {
    found = i64x2.sub(found, f64x2.gt(v128.load(at), f64x2.splat(0)));
  }
  return i64x2.extract_lane(found, 0) + i64x2.extract_lane(found, 1) <= <i64>(areCentred ? 2 * seen : seen);
}

/** Adds component k's statistics from the rows that have a share. */
function addFew(isScattered: bool, k: i32, groups: i32): void {
  const found = findRows(k, groups);
  if (found === 0) return;
  memory.fill(whitened, 0, 8 * dimension);
  if (areCentred) addListedRows(k, found, whitened);
  else addListed(k, found, middle, whitened);
  addComponent(isScattered, k, groups, whitened);
}

/**
 * Adds the block's statistics, the rows of {@link termsByDots}; of scatter its trace, the same part of it for each axis. Not
 * for products of shared matrices.
 */
export function addByDots(isScattered: bool, groups: i32): void {
  for (let k = 0; k < components; k += 2) {
    const isTwo = k + 1 < components;
    if (dimension >= LEAST_LISTED && areFew(k, groups) && (!isTwo || areFew(k + 1, groups))) {
      addFew(isScattered, k, groups);
      if (isTwo) addFew(isScattered, k + 1, groups);
      continue;
    }
    if (areCentred) sumRows(k, 4 * groups);
    if (isTwo) {
      if (!areCentred) sumAllAxes(2, k, groups);
      addComponent(isScattered, k + 1, groups, whitened + 8 * dimension);
    } else if (!areCentred) sumAllAxes(1, k, groups);
    addComponent(isScattered, k, groups, whitened);
  }
}
