/**
 * Sums of kernel values over runs of rows.
 *
 * Distances of up to 256 rows go to a buffer first and are summed from there. Fusing the two was measured to be
 * slower from two dimensions on: query, scales and the exponential's constants then compete for registers.
 *
 * A run of an odd number of rows starts one row early with that row masked out. What lies there is always memory of ours:
 * another row, or what stands before the first.
 *
 * @module
 */
import { squaredDistances } from './distances.js';
import { exp, shortExp } from './exp.js';
import { profileSum } from './profiles.js';

import { infinity } from './vectors.js';

/** Rows whose distances are held at once. Even. */
const CHUNK = 256;
const DISTANCES: usize = memory.data(8 * 256, 16);

/** Multiplies the distances held by the stretches of their rows. `count` is even. */
function stretch(stretches: usize, count: i32): void {
  const end = DISTANCES + 8 * count;
  for (let at = DISTANCES; at < end; at += 16, stretches += 16) {
    v128.store(at, f64x2.mul(v128.load(at), v128.load(stretches)));
  }
}

/**
 * sum_i w_i exp(shift) k(t_i) over `count` rows.
 *
 * @param weights - Address of the first row's weight; 0 for weights of 1.
 * @param stretches - Address of what the first row's squared distance is multiplied by; 0 for 1.
 */
export function sum(
  kernel: i32,
  columns: i32,
  query: usize,
  scales: usize,
  points: usize,
  stride: usize,
  count: i32,
  weights: usize,
  stretches: usize,
  shift: f64,
): f64 {
  const odd = count & 1;
  points -= 8 * odd;
  if (weights) weights -= 8 * odd;
  if (stretches) stretches -= 8 * odd;
  let total: f64 = 0;
  for (let left = count + odd; left > 0; left -= CHUNK) {
    const rows = min(left, CHUNK);
    squaredDistances(columns, query, scales, points, stride, rows, DISTANCES);
    if (stretches) {
      stretch(stretches, rows);
      stretches += 8 * CHUNK;
    }
    total += profileSum(kernel, DISTANCES, rows, weights, shift, i32(left === count + odd) & odd);
    points += 8 * CHUNK;
    if (weights) weights += 8 * CHUNK;
  }
  return total;
}

/** Adds the sum for each of several queries to `sums`: queries row after row, one shift and one sum for each. */
export function addSums(
  kernel: i32,
  columns: i32,
  queries: usize,
  queryCount: i32,
  scales: usize,
  points: usize,
  stride: usize,
  count: i32,
  weights: usize,
  stretches: usize,
  shifts: usize,
  sums: usize,
): void {
  for (let i = 0; i < queryCount; i++) {
    const at = sums + 8 * i;
    const query = queries + 8 * i * columns;
    const shift = load<f64>(shifts + 8 * i);
    const term = sum(kernel, columns, query, scales, points, stride, count, weights, stretches, shift);
    store<f64>(at, load<f64>(at) + term);
  }
}

/** min_i t_i over `count` rows; infinite over none. */
export function nearest(
  columns: i32,
  query: usize,
  scales: usize,
  points: usize,
  stride: usize,
  count: i32,
  stretches: usize,
): f64 {
  const odd = count & 1;
  points -= 8 * odd;
  if (stretches) stretches -= 8 * odd;
  let mask = odd ? i64x2(0, -1) : i64x2.splat(-1);
  let least = f64x2.splat(Infinity);
  for (let left = count + odd; left > 0; left -= CHUNK) {
    const rows = min(left, CHUNK);
    squaredDistances(columns, query, scales, points, stride, rows, DISTANCES);
    if (stretches) {
      stretch(stretches, rows);
      stretches += 8 * CHUNK;
    }
    const end = DISTANCES + 8 * rows;
    for (let from = DISTANCES; from < end; from += 16) {
      least = f64x2.pmin(least, v128.bitselect(v128.load(from), infinity(), mask));
      mask = i64x2.splat(-1);
    }
    points += 8 * CHUNK;
  }
  return min(f64x2.extract_lane(least, 0), f64x2.extract_lane(least, 1));
}

/** Replaces `count` (even) numbers by their exponentials, the shorter ones or not: for tests and measurements. */
export function exponentials(numbers: usize, count: i32, isShort: bool): void {
  const end = numbers + 8 * count;
  for (; numbers < end; numbers += 16) {
    const x = v128.load(numbers);
    v128.store(numbers, isShort ? shortExp(x) : exp(x));
  }
}
