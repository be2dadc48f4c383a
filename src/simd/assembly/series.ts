/**
 * The gaussian series of a node at one query: the formulas are in ../../kde/gaussian-expansion.ts.
 *
 * @module
 */
import { exp } from './exp.js';
import { centre, NODE, sizeOf } from './nodes.js';

/** A term of a series costs about this many rows of a leaf. */
const ROWS_PER_TERM: f64 = 0.25;
/** Largest squared half diagonal of a node, in bandwidths, that a series is tried on. */
export const MOST_DIAGONAL: f64 = 6;

const FIRST: usize = memory.data(8 * 34, 16);
const SECOND: usize = memory.data(8 * 34, 16);
// 1.0865 / sqrt(n!).
export const REMAINDERS: usize = memory.data<f64>([
  1.0865, 1.0865, 0.7682715177591839, 0.4435617675889872, 0.2217808837944936, 0.09918342645489384, 0.04049146429255869,
  0.015304334962708888, 0.0054108995168409115, 0.001803633172280304, 0.000570358888784063, 0.000171969675449162,
  4.9643369206513126e-5, 1.3768593320067164e-5, 3.679811350108261e-6, 9.501232050769549e-7, 2.3753080126923872e-7,
  5.760968135121582e-8, 1.3578732115146962e-8, 3.1151747932282057e-9, 6.96574259945212e-10, 1.520049653979419e-10,
  3.2407567512450983e-11, 6.757444950873809e-12, 1.3793576745489478e-12, 2.758715349097896e-13,
]);

/** What the sum of the last series may be off by, and its order. */
export let seriesError: f64 = 0;
let seriesOrder: i32 = 0;

/**
 * exp(-|y|^2 / 2) at a query, after choosing the least order whose remainder is within the allowance; -1 where there is
 * none, where rows are cheaper, or where rounding would exceed the allowance.
 */
export function seriesKernel(
  record: usize,
  columns: i32,
  query: usize,
  scales: usize,
  order: i32,
  rounding: f64,
  most: f64,
  allowance: f64,
): f64 {
  let diagonal: f64 = 0;
  for (let j: usize = 0; j < <usize>columns; j++) {
    const half = 0.5 * (load<f64>(record + NODE + 16 * j + 8) - load<f64>(record + NODE + 16 * j));
    diagonal += (half * load<f64>(scales + 8 * j)) ** 2;
  }
  if (!(diagonal <= MOST_DIAGONAL)) return -1;
  // A little more than rounding can have taken.
  const radius = sqrt(diagonal) * (1 + 1e-12);
  const weight = load<f64>(record + 16);
  let remainder = sqrt(weight) * sqrt(most) * radius;
  let p = 1;
  while (remainder * load<f64>(REMAINDERS + 8 * p) > allowance) {
    if (++p > order) return -1;
    remainder *= radius;
  }
  if (<f64>sizeOf(columns, p) * ROWS_PER_TERM > load<f64>(record + 8) - load<f64>(record)) return -1;
  let squares: f64 = 0;
  for (let j: usize = 0; j < <usize>columns; j++) squares += offset(record, query, scales, j) ** 2;
  const growth = -0.5 * squares + radius * (sqrt(squares) + 0.5 * radius);
  const exponentials = exp(f64x2(-0.5 * squares, growth));
  seriesError = remainder * load<f64>(REMAINDERS + 8 * p) + rounding * weight * f64x2.extract_lane(exponentials, 1);
  seriesOrder = p;
  return seriesError <= allowance ? f64x2.extract_lane(exponentials, 0) : -1;
}

/** sum_a He_a(y) M_a for |a| < p, p the order just chosen. */
export function seriesFactor(
  record: usize,
  columns: i32,
  query: usize,
  scales: usize,
  ratios: usize,
  from: usize,
  order: i32,
): f64 {
  const p = seriesOrder;
  hermite(offset(record, query, scales, 0), load<f64>(ratios), p, FIRST);
  if (columns === 1) return product(FIRST, from, p);
  hermite(offset(record, query, scales, 1), load<f64>(ratios + 8), p, SECOND);
  let sum: f64 = 0;
  let row = from;
  for (let a = 0; a < p; a++) {
    sum += load<f64>(FIRST + 8 * a) * product(SECOND, row, p - a);
    row += 8 * (order - a);
  }
  return sum;
}

/** (x_j - c_j) / h_j. */
/* @inline */ function offset(record: usize, query: usize, scales: usize, j: usize): f64 {
  return (load<f64>(query + 8 * j) - centre(record, j)) * load<f64>(scales + 8 * j);
}

/** He_n(y) q^n for n < p. */
/* @inline */ function hermite(y: f64, ratio: f64, p: i32, out: usize): void {
  const step = ratio * y;
  const back = ratio * ratio;
  let before: f64 = 0;
  let value: f64 = 1;
  for (let n = 0; n < p; n++) {
    store<f64>(out + 8 * n, value);
    const next = step * value - <f64>n * back * before;
    before = value;
    value = next;
  }
}

/** sum_n a_n b_n for n < count. */
/* @inline */ function product(a: usize, b: usize, count: i32): f64 {
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  let n = count;
  for (; n >= 4; n -= 4, a += 32, b += 32) {
    even = f64x2.add(even, f64x2.mul(v128.load(a), v128.load(b)));
    odd = f64x2.add(odd, f64x2.mul(v128.load(a, 16), v128.load(b, 16)));
  }
  if (n >= 2) {
    even = f64x2.add(even, f64x2.mul(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
  }
  if (n & 1) odd = f64x2.add(odd, f64x2.mul(v128.load64_zero(a), v128.load64_zero(b)));
  even = f64x2.add(even, odd);
  return f64x2.extract_lane(even, 0) + f64x2.extract_lane(even, 1);
}
