/**
 * Sums over those rows of a block that have a share in a component, where they are few: row by row as they lie, eight axes at
 * once in registers.
 *
 * @module
 */
import { dimension, middle, places, rows, shares, stride } from './mixture-state.js';
import { splat } from './vectors.js';

/** Lists the rows that have a share in component k; returns how many there are. */
export function findRows(k: i32, groups: i32): i32 {
  const start = shares + stride * k;
  let found = 0;
  const zero = f64x2.splat(0);
  for (let group = 0; group < groups; group++) {
    const at = start + 32 * group;
    const low = i64x2.bitmask(f64x2.gt(v128.load(at), zero));
    const high = i64x2.bitmask(f64x2.gt(v128.load(at, 16), zero));
    if ((low | high) === 0) continue;
    const i = 4 * group;
    store<i32>(places + 4 * found, i);
    found += low & 1;
    store<i32>(places + 4 * found, i + 1);
    found += low >> 1;
    store<i32>(places + 4 * found, i + 2);
    found += high & 1;
    store<i32>(places + 4 * found, i + 3);
    found += high >> 1;
  }
  return found;
}

/* @inline */ function addAt(to: usize, sum: v128): void {
  v128.store(to, f64x2.add(v128.load(to), sum));
}

/** 2 W axes from j on. */
/* @inline */ function sumAxes(
  W: i32,
  isCentred: bool,
  isSquared: bool,
  k: i32,
  found: i32,
  j: i32,
  centre: usize,
  toSums: usize,
  toSquares: usize,
): void {
  const zero = f64x2.splat(0);
  let s0 = zero;
  let q0 = zero;
  let s1 = zero;
  let q1 = zero;
  let s2 = zero;
  let q2 = zero;
  let s3 = zero;
  let q3 = zero;
  const at = 8 * j;
  const c0 = isCentred ? zero : v128.load(centre + at);
  const c1 = W > 1 && !isCentred ? v128.load(centre + at, 16) : c0;
  const c2 = W > 1 && !isCentred ? v128.load(centre + at, 32) : c0;
  const c3 = W > 1 && !isCentred ? v128.load(centre + at, 48) : c0;
  const size = 8 * dimension;
  const from = rows + at;
  const share = shares + stride * k;
  for (let place = places, end = places + 4 * found; place < end; place += 4) {
    const i = load<i32>(place);
    const s = splat(share + 8 * i);
    const row = from + size * i;
    const x0 = isCentred ? v128.load(row) : f64x2.sub(v128.load(row), c0);
    const t0 = f64x2.mul(s, x0);
    s0 = f64x2.add(s0, t0);
    if (isSquared) q0 = f64x2.add(q0, f64x2.mul(t0, x0));
    if (W > 1) {
      const x1 = isCentred ? v128.load(row, 16) : f64x2.sub(v128.load(row, 16), c1);
      const t1 = f64x2.mul(s, x1);
      s1 = f64x2.add(s1, t1);
      if (isSquared) q1 = f64x2.add(q1, f64x2.mul(t1, x1));
      const x2 = isCentred ? v128.load(row, 32) : f64x2.sub(v128.load(row, 32), c2);
      const t2 = f64x2.mul(s, x2);
      s2 = f64x2.add(s2, t2);
      if (isSquared) q2 = f64x2.add(q2, f64x2.mul(t2, x2));
      const x3 = isCentred ? v128.load(row, 48) : f64x2.sub(v128.load(row, 48), c3);
      const t3 = f64x2.mul(s, x3);
      s3 = f64x2.add(s3, t3);
      if (isSquared) q3 = f64x2.add(q3, f64x2.mul(t3, x3));
    }
  }
  addAt(toSums + at, s0);
  if (isSquared) addAt(toSquares + at, q0);
  if (W === 1) return;
  addAt(toSums + at + 16, s1);
  addAt(toSums + at + 32, s2);
  addAt(toSums + at + 48, s3);
  if (!isSquared) return;
  addAt(toSquares + at + 16, q1);
  addAt(toSquares + at + 32, q2);
  addAt(toSquares + at + 48, q3);
}

/** The last of an odd number of axes. */
function sumLast(isSquared: bool, k: i32, found: i32, centre: usize, toSums: usize, toSquares: usize): void {
  const j = dimension - 1;
  const c = load<f64>(centre + 8 * j);
  let sum: f64 = 0;
  let squares: f64 = 0;
  for (let place = places, end = places + 4 * found; place < end; place += 4) {
    const i = load<i32>(place);
    const x = load<f64>(rows + 8 * (dimension * i + j)) - c;
    const t = load<f64>(shares + stride * k + 8 * i) * x;
    sum += t;
    squares += t * x;
  }
  store<f64>(toSums + 8 * j, load<f64>(toSums + 8 * j) + sum);
  if (isSquared) store<f64>(toSquares + 8 * j, load<f64>(toSquares + 8 * j) + squares);
}

/* @inline */ function sumRows(
  isCentred: bool,
  isSquared: bool,
  k: i32,
  found: i32,
  centre: usize,
  toSums: usize,
  toSquares: usize,
): void {
  let j = 0;
  for (; j + 8 <= dimension; j += 8) sumAxes(4, isCentred, isSquared, k, found, j, centre, toSums, toSquares);
  for (; j + 2 <= dimension; j += 2) sumAxes(1, isCentred, isSquared, k, found, j, centre, toSums, toSquares);
  if (j < dimension) sumLast(isSquared, k, found, centre, toSums, toSquares);
}

/** Adds sum s (x - c) over the listed rows of component k to `toSums`. */
export function addListed(k: i32, found: i32, centre: usize, toSums: usize): void {
  sumRows(false, false, k, found, centre, toSums, 0);
}

/** The same about the origin. */
export function addListedRows(k: i32, found: i32, toSums: usize): void {
  sumRows(true, false, k, found, middle, toSums, 0);
}

/** The same, and sum s (x - c)^2, axis by axis, to `toSquares`. */
export function addListedSquares(k: i32, found: i32, centre: usize, toSums: usize, toSquares: usize): void {
  sumRows(false, true, k, found, centre, toSums, toSquares);
}
