/**
 * One component's terms for eight rows: from sums of squares to c - q, and when they no longer matter.
 *
 * @module
 */

/** Stores two rows' terms and takes them into the largest so far. */
/* @inline */ export function keep(term: v128, to: usize, largest: usize): void {
  v128.store(to, term);
  v128.store(largest, f64x2.pmax(v128.load(largest), term));
}

/** Whether two rows have terms below the least that still counts, whatever is yet to be subtracted. */
/* @inline */ function isBelow(constant: v128, squares: usize, largest: usize, cut: v128): v128 {
  return f64x2.lt(f64x2.sub(constant, v128.load(squares)), f64x2.sub(v128.load(largest), cut));
}

/** Whether all of eight rows have; the last four are the first where `apart` is 0, or 32 bytes on. */
/* @inline */ export function areLost(constant: v128, squares: usize, largest: usize, apart: usize, cut: v128): bool {
  const low = v128.and(isBelow(constant, squares, largest, cut), isBelow(constant, squares + 16, largest + 16, cut));
  const next = largest + apart;
  const high = v128.and(isBelow(constant, squares + 32, next, cut), isBelow(constant, squares + 48, next + 16, cut));
  return i64x2.all_true(v128.and(low, high));
}
