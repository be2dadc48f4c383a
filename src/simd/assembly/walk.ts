/**
 * The walk through a tree: sums of kernel values at one query, to a relative tolerance. What it does and why is told in
 * ../../kde/kernel-sum.ts, its plain twin; the series in ../../kde/gaussian-expansion.ts.
 *
 * A node is a record of doubles: first place, place behind the last, weight, unused, least stretch, greatest stretch, then
 * low and high along each axis. Nearest and farthest distance of a box, and the kernel's values there, are two lanes.
 *
 * @module
 */
import { exp11 } from './exp.js';
import { sum as leafSum } from './leaf-sums.js';
import { centre, NODE } from './nodes.js';
import { EXPONENTIAL_7, GAUSSIAN_7, profileOf } from './profiles.js';

const ENTRY: usize = 32;
const FREE_SHARE: f64 = 0.2;
/** A term of a series costs about this many rows of a leaf. */
const ROWS_PER_TERM: f64 = 0.25;
/** Largest squared half diagonal of a node, in bandwidths, that a series is tried on. */
const MOST_DIAGONAL: f64 = 6;

const FIRST: usize = memory.data(8 * 34, 16);
const SECOND: usize = memory.data(8 * 34, 16);
// 1.0865 / sqrt(n!).
const REMAINDERS: usize = memory.data<f64>([
  1.0865, 1.0865, 0.7682715177591839, 0.4435617675889872, 0.2217808837944936, 0.09918342645489384, 0.04049146429255869,
  0.015304334962708888, 0.0054108995168409115, 0.001803633172280304, 0.000570358888784063, 0.000171969675449162,
  4.9643369206513126e-5, 1.3768593320067164e-5, 3.679811350108261e-6, 9.501232050769549e-7, 2.3753080126923872e-7,
  5.760968135121582e-8, 1.3578732115146962e-8, 3.1151747932282057e-9, 6.96574259945212e-10, 1.520049653979419e-10,
  3.2407567512450983e-11, 6.757444950873809e-12, 1.3793576745489478e-12, 2.758715349097896e-13,
]);

/** What the sum of the last series may be off by. */
let seriesError: f64 = 0;

/** Squared distances from a query to the nearest and the farthest point of a node's box, times its least and greatest stretch. */
/* @inline */ function bounds(record: usize, columns: i32, query: usize, scales: usize): v128 {
  let t = f64x2.splat(0);
  const sides = record + NODE;
  for (let j: usize = 0; j < <usize>columns; j++) {
    // (low - x, high - x); with signs changed and lanes swapped, (x - high, x - low).
    const ahead = f64x2.sub(v128.load(sides + 16 * j), v128.load64_splat(query + 8 * j));
    const behind = f64x2.neg(v128.shuffle<f64>(ahead, ahead, 1, 0));
    const side = f64x2.pmax(f64x2.pmax(ahead, behind), f64x2(0, -Infinity));
    const u = f64x2.mul(side, v128.load64_splat(scales + 8 * j));
    t = f64x2.add(t, f64x2.mul(u, u));
  }
  return f64x2.mul(t, v128.load(record + 32));
}

/** Kernel values that bound those of a box. No row is nearer than the nearest, so shifted values stop at 1. */
/* @inline */ function values(kernel: i32, t: v128, shift: f64): v128 {
  const none = f64x2.splat(0);
  if (kernel <= GAUSSIAN_7) {
    return exp11(f64x2.pmin(f64x2.sub(f64x2.splat(shift), f64x2.mul(t, f64x2.splat(0.5))), none));
  }
  if (kernel <= EXPONENTIAL_7) return exp11(f64x2.pmin(f64x2.sub(f64x2.splat(shift), f64x2.sqrt(t)), none));
  return profileOf(kernel, t);
}

/**
 * exp(shift) sum_i w_i k(t_i) over all rows but the one at place `except`; `NaN`, and a node at the bottom of the stack,
 * where that node's moments must be computed first.
 *
 * @param stack - Two entries of 32 bytes more than the tree has levels.
 * @param moments - Address of the moments of all nodes, `order` of them along the first axis; 0 for none.
 * @param ratios - Scales now over scales at building.
 */
export function walk(
  kernel: i32,
  columns: i32,
  query: usize,
  scales: usize,
  nodes: usize,
  firstLeaf: i32,
  points: usize,
  weights: usize,
  stretches: usize,
  stack: usize,
  except: i32,
  shift: f64,
  tolerance: f64,
  moments: usize,
  order: i32,
  rounding: f64,
  ratios: usize,
): f64 {
  const size: usize = NODE + 16 * columns;
  const free = tolerance * FREE_SHARE;
  const tied = (tolerance * (1 - FREE_SHARE)) / load<f64>(nodes + 16);
  let lower: f64 = 0;
  let spent: f64 = 0;
  let settled: f64 = 0;
  let sum: f64 = 0;
  let lost: f64 = 0;
  let top = stack;
  store<i32>(top, 0);
  v128.store(top + 16, bounds(nodes, columns, query, scales));
  top += ENTRY;
  while (top > stack) {
    top -= ENTRY;
    const node = load<i32>(top);
    const record = nodes + <usize>node * size;
    const start = <i32>load<f64>(record);
    const end = <i32>load<f64>(record + 8);
    const weight = load<f64>(record + 16);
    let term: f64 = -1;
    if (except < start || except >= end) {
      const t = v128.load(top + 16);
      const extremes = f64x2.mul(values(kernel, t, shift), f64x2.splat(weight));
      const most = f64x2.extract_lane(extremes, 0);
      if (most === 0) {
        settled += weight;
        continue;
      }
      const least = f64x2.extract_lane(extremes, 1);
      const half = 0.5 * (most - least);
      const allowance = (free + tied * (settled + weight)) * (lower + least) - spent;
      if (half <= allowance) {
        spent += half;
        lower += least;
        term = 0.5 * (most + least);
      } else if (moments !== 0) {
        term = series(node, record, columns, query, scales, moments, order, rounding, ratios, most, allowance);
        if (isNaN(term)) {
          store<f64>(stack, <f64>node);
          return NaN;
        }
        if (term >= 0) {
          spent += seriesError;
          lower += max(least, term - seriesError);
        }
      }
    }
    if (term < 0) {
      if (node < firstLeaf) {
        top = open(top, node, record, size, columns, query, scales);
        continue;
      }
      term = overLeaf(kernel, columns, query, scales, points, weights, stretches, start, end, except, shift);
      lower += term;
    }
    settled += weight;
    const corrected = term - lost;
    const next = sum + corrected;
    lost = next - sum - corrected;
    sum = next;
  }
  return sum;
}

/** Puts the children of a node on the stack, the nearer one on top; returns where the stack then ends. */
/* @inline */ function open(
  top: usize,
  node: i32,
  record: usize,
  size: usize,
  columns: i32,
  query: usize,
  scales: usize,
): usize {
  const left = record + <usize>(node + 1) * size;
  const toLeft = bounds(left, columns, query, scales);
  const toRight = bounds(left + size, columns, query, scales);
  const isLeftNearer = f64x2.extract_lane(toLeft, 0) <= f64x2.extract_lane(toRight, 0);
  const first = 2 * node + 1;
  store<i32>(top, isLeftNearer ? first + 1 : first);
  v128.store(top + 16, isLeftNearer ? toRight : toLeft);
  store<i32>(top + ENTRY, isLeftNearer ? first : first + 1);
  v128.store(top + ENTRY + 16, isLeftNearer ? toLeft : toRight);
  return top + 2 * ENTRY;
}

function overLeaf(
  kernel: i32,
  columns: i32,
  query: usize,
  scales: usize,
  points: usize,
  weights: usize,
  stretches: usize,
  start: i32,
  end: i32,
  except: i32,
  shift: f64,
): f64 {
  const rows = points + 8 * start * columns;
  const stride = 8 * (end - start);
  const first = weights ? weights + 8 * start : 0;
  const stretch = stretches ? stretches + 8 * start : 0;
  if (except < start || except >= end) {
    return leafSum(kernel, columns, query, scales, rows, stride, end - start, first, stretch, shift);
  }
  const before = except - start;
  const skip = 8 * (before + 1);
  const rest = end - except - 1;
  return (
    leafSum(kernel, columns, query, scales, rows, stride, before, first, stretch, shift) +
    leafSum(
      kernel,
      columns,
      query,
      scales,
      rows + skip,
      stride,
      rest,
      first ? first + skip : 0,
      stretch ? stretch + skip : 0,
      shift,
    )
  );
}

/** The sum over a node by its series; `NaN` where its moments are still missing, -1 where the error would exceed the allowance, or where rows are cheaper. */
function series(
  node: i32,
  record: usize,
  columns: i32,
  query: usize,
  scales: usize,
  moments: usize,
  order: i32,
  rounding: f64,
  ratios: usize,
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
  const terms = columns === 1 ? p : (p * (p + 1)) >> 1;
  if (<f64>terms * ROWS_PER_TERM > load<f64>(record + 8) - load<f64>(record)) return -1;
  let squares: f64 = 0;
  for (let j: usize = 0; j < <usize>columns; j++) squares += offset(record, query, scales, j) ** 2;
  const growth = -0.5 * squares + radius * (sqrt(squares) + 0.5 * radius);
  const exponentials = exp11(f64x2(-0.5 * squares, growth));
  seriesError = remainder * load<f64>(REMAINDERS + 8 * p) + rounding * weight * f64x2.extract_lane(exponentials, 1);
  if (!(seriesError <= allowance)) return -1;
  const size = columns === 1 ? order : (order * (order + 1)) >> 1;
  const from = moments + 8 * node * size;
  // The first moment is the node's weight.
  if (load<f64>(from) === 0) return NaN;
  hermite(offset(record, query, scales, 0), load<f64>(ratios), p, FIRST);
  if (columns === 1) return f64x2.extract_lane(exponentials, 0) * product(FIRST, from, p);
  hermite(offset(record, query, scales, 1), load<f64>(ratios + 8), p, SECOND);
  let sum: f64 = 0;
  let row = from;
  for (let a = 0; a < p; a++) {
    sum += load<f64>(FIRST + 8 * a) * product(SECOND, row, p - a);
    row += 8 * (order - a);
  }
  return f64x2.extract_lane(exponentials, 0) * sum;
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
