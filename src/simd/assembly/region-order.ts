/**
 * The order of a gaussian series that serves all queries of a region: the formulas are in ../../kde/gaussian-expansion.ts.
 *
 * @module
 */
import { exp } from './exp.js';
import { centre, NODE, sizeOf } from './nodes.js';
import { MOST_DIAGONAL, REMAINDERS } from './series.js';

/** A term of a series costs about this many rows of a leaf. */
const ROWS_PER_TERM: f64 = 0.15;
/** exp(r^2) of the widest nodes. */
const MOST_GROWTH: f64 = 404;
/** The share of an allowance that is not worth an exponential. */
const NEGLIGIBLE: f64 = 1e-3;

/** The order chosen last. */
export let seriesOrder: i32 = 0;

/**
 * What the sum of a node by a series of least order may be off by at any query of a region; -1 where the error would exceed the
 * allowance, or where rows are cheaper.
 *
 * @param region - High and low end along each axis.
 */
export function orderFor(
  record: usize,
  columns: i32,
  region: usize,
  scales: usize,
  order: i32,
  rounding: f64,
  most: f64,
  allowance: f64,
): f64 {
  let diagonal: f64 = 0;
  let squares: f64 = 0;
  for (let j: usize = 0; j < <usize>columns; j++) {
    const scale = load<f64>(scales + 8 * j);
    const half = 0.5 * (load<f64>(record + NODE + 16 * j + 8) - load<f64>(record + NODE + 16 * j));
    diagonal += (half * scale) ** 2;
    const middle = centre(record, j);
    const gap = max(middle - load<f64>(region + 16 * j), load<f64>(region + 16 * j + 8) - middle);
    squares += (max(gap, 0) * scale) ** 2;
  }
  if (!(diagonal <= MOST_DIAGONAL)) return -1;
  // A little more than rounding can have taken.
  const radius = sqrt(diagonal) * (1 + 1e-12);
  const weight = load<f64>(record + 16);
  const remainder = leastOrder(sqrt(weight) * sqrt(most), radius, order, allowance);
  if (remainder < 0) return -1;
  if (<f64>sizeOf(columns, seriesOrder) * ROWS_PER_TERM > load<f64>(record + 8) - load<f64>(record)) return -1;
  let loss = rounding * weight * MOST_GROWTH;
  if (loss > NEGLIGIBLE * allowance) {
    // -|y|^2 / 2 + |y| r + r^2 / 2 falls from |y| = r on.
    const nearest = max(sqrt(squares), radius);
    const growth = -0.5 * nearest * nearest + radius * (nearest + 0.5 * radius);
    loss = rounding * weight * f64x2.extract_lane(exp(f64x2.splat(growth)), 0);
  }
  const error = remainder + loss;
  return error <= allowance ? error : -1;
}

/** The remainder of the least order that keeps it within the allowance, which is chosen; -1 where none does. */
/* @inline */ function leastOrder(first: f64, radius: f64, order: i32, allowance: f64): f64 {
  let p = 1;
  let power = first * radius;
  let remainder = power * load<f64>(REMAINDERS + 8);
  if (remainder > allowance) {
    // r^p / sqrt(p!) rises up to p = r^2, which is 6 at most, then falls: where 1 and 9 are too large, so is what lies between.
    const square = radius * radius;
    const fourth = square * square;
    const eighth = fourth * fourth;
    while (p + 8 <= order && power * eighth * load<f64>(REMAINDERS + 8 * (p + 8)) > allowance) {
      power *= eighth;
      p += 8;
    }
    do {
      if (++p > order) return -1;
      power *= radius;
      remainder = power * load<f64>(REMAINDERS + 8 * p);
    } while (remainder > allowance);
  }
  seriesOrder = p;
  return remainder;
}
