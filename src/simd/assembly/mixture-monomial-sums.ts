/**
 * Statistics of components with triangles of their own from sums of monomials; see mixture-monomials.ts.
 *
 * @module
 */
import { nuOf } from './mixture-middle.js';
import { numberOf, size } from './mixture-monomials.js';
import {
  components,
  dimension,
  mass,
  monomials,
  scatter,
  shares,
  shift,
  stride,
  triangleSize,
  whitened,
} from './mixture-state.js';
import { across, addTo } from './vectors.js';

/** Sums of W monomials from `first` on, weighted by shares of R components: R W sums in registers. */
/* @inline */ function sumTile(R: i32, W: i32, k: i32, first: i32, octets: i32): void {
  const zero = f64x2.splat(0);
  let a0 = zero;
  let a1 = zero;
  let b0 = zero;
  let b1 = zero;
  let c0 = zero;
  let c1 = zero;
  let e0 = zero;
  let e1 = zero;
  let at = shares + stride * k;
  let later = at + (stride << 1);
  let from = monomials + 64 * first;
  const step = 64 * (size - 1);
  for (const end = at + 64 * octets; at < end; from += step) {
    for (const next = from + 64; from < next; from += 16, at += 16, later += 16) {
      const x = v128.load(from);
      const y = W > 1 ? v128.load(from, 64) : x;
      const s0 = v128.load(at);
      a0 = f64x2.add(a0, f64x2.mul(s0, x));
      if (W > 1) a1 = f64x2.add(a1, f64x2.mul(s0, y));
      if (R > 1) {
        const s1 = v128.load(at + stride);
        b0 = f64x2.add(b0, f64x2.mul(s1, x));
        if (W > 1) b1 = f64x2.add(b1, f64x2.mul(s1, y));
      }
      if (R > 2) {
        const s2 = v128.load(later);
        c0 = f64x2.add(c0, f64x2.mul(s2, x));
        if (W > 1) c1 = f64x2.add(c1, f64x2.mul(s2, y));
        const s3 = v128.load(later + stride);
        e0 = f64x2.add(e0, f64x2.mul(s3, x));
        if (W > 1) e1 = f64x2.add(e1, f64x2.mul(s3, y));
      }
    }
  }
  putSums(W, 8 * first, a0, a1);
  if (R > 1) putSums(W, 8 * (size + first), b0, b1);
  if (R > 2) putSums(W, 8 * (2 * size + first), c0, c1);
  if (R > 2) putSums(W, 8 * (3 * size + first), e0, e1);
}

/** Sums stand at `whitened`. */
/* @inline */ function putSums(W: i32, at: usize, s0: v128, s1: v128): void {
  const to = whitened + at;
  store<f64>(to, across(s0));
  if (W > 1) store<f64>(to, across(s1), 8);
}

/* @inline */ function sumAll(R: i32, k: i32, count: i32, octets: i32): void {
  let first = 0;
  for (; first + 2 <= count; first += 2) sumTile(R, 2, k, first, octets);
  if (first < count) sumTile(R, 1, k, first, octets);
}

/** Adds component k's statistics from sums of monomials at `sums`. */
function addComponent(isScattered: bool, k: i32, groups: i32, sums: usize): void {
  const d = dimension;
  let m = f64x2.splat(0);
  for (let at = shares + stride * k, end = at + 32 * groups; at < end; at += 16) m = f64x2.add(m, v128.load(at));
  const total = across(m);
  addTo(mass + 8 * k, total);
  for (let i = 0; i < d; i++) {
    const nu = nuOf(k, i);
    const sum = load<f64>(sums + 8 * i);
    addTo(shift + 8 * (d * k + i), sum - total * nu);
    if (!isScattered) continue;
    const to = scatter + 8 * triangleSize() * k + 4 * i * (i + 1);
    const products = sums + 8 * numberOf(i, 0);
    for (let j = 0; j <= i; j++) {
      const other = nuOf(k, j);
      const cross = nu * (load<f64>(sums + 8 * j) - total * other) + sum * other;
      addTo(to + 8 * j, load<f64>(products + 8 * j) - cross);
    }
  }
}

/** Whether more than half of the shares are not 0: of fewer, statistics are quicker found from the rows that have one. */
export function areMany(groups: i32): bool {
  let found = i64x2.splat(0);
  for (let k = 0; k < components; k++) {
    let at = shares + stride * k;
    // A comparison that holds is -1.
    for (const end = at + 32 * groups; at < end; at += 16)
      found = i64x2.sub(found, f64x2.gt(v128.load(at), f64x2.splat(0)));
  }
  return i64x2.extract_lane(found, 0) + i64x2.extract_lane(found, 1) > 2 * <i64>groups * components;
}

/** Adds the block's statistics. */
export function addByMonomials(isScattered: bool, groups: i32): void {
  const octets = (groups + 1) >> 1;
  const count = isScattered ? size : dimension;
  // Rows that stand twice have no share the second time.
  if (groups & 1) for (let k = 0; k < components; k++) memory.fill(shares + stride * k + 32 * groups, 0, 32);
  let k = 0;
  for (; k + 4 <= components; k += 4) {
    sumAll(4, k, count, octets);
    for (let r = 0; r < 4; r++) addComponent(isScattered, k + r, groups, whitened + 8 * size * r);
  }
  for (; k < components; k++) {
    sumAll(1, k, count, octets);
    addComponent(isScattered, k, groups, whitened);
  }
}
