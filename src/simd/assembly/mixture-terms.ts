/**
 * One component's terms for four rows: from sums of squares to c - q, and when they no longer matter.
 *
 * @module
 */

/** Stores two rows' terms and takes them into the largest so far. */
/* @inline */ export function keep(term: v128, to: usize, largest: usize): void {
  v128.store(to, term);
  v128.store(largest, f64x2.pmax(v128.load(largest), term));
}

/** Whether all four rows have terms below the least that still counts, whatever is yet to be subtracted. */
/* @inline */ export function areLost(constant: v128, low: v128, high: v128, largest: usize, cut: v128): bool {
  const lowLost = f64x2.lt(f64x2.sub(constant, low), f64x2.sub(v128.load(largest), cut));
  const highLost = f64x2.lt(f64x2.sub(constant, high), f64x2.sub(v128.load(largest, 16), cut));
  return i64x2.all_true(v128.and(lowLost, highLost));
}
