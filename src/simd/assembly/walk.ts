/**
 * The walk through a tree: sums of kernel values at one query, to a relative tolerance. What it does and why is told in
 * ../../kde/kernel-sum.ts, its plain twin; the series in ../../kde/gaussian-expansion.ts.
 *
 * A node is a record of doubles: first place, place behind the last, weight, unused, least stretch, greatest stretch, then
 * low and high along each axis. Nearest and farthest distance of a box, and the kernel's values there, are two lanes.
 *
 * @module
 */
import { exp } from './exp.js';
import { sum as leafSum } from './leaf-sums.js';
import { fillMoments } from './moments.js';
import { NODE, sizeOf } from './nodes.js';
import { EXPONENTIAL_SHORT, GAUSSIAN_SHORT, profileOf } from './profiles.js';
import { seriesError, seriesFactor, seriesKernel } from './series.js';

const ENTRY: usize = 32;
const FREE_SHARE: f64 = 0.2;
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
  if (kernel <= GAUSSIAN_SHORT) {
    return exp(f64x2.pmin(f64x2.sub(f64x2.splat(shift), f64x2.mul(t, f64x2.splat(0.5))), none));
  }
  if (kernel <= EXPONENTIAL_SHORT) return exp(f64x2.pmin(f64x2.sub(f64x2.splat(shift), f64x2.sqrt(t)), none));
  return profileOf(kernel, t);
}

/**
 * exp(shift) sum_i w_i k(t_i) over all rows but the one at place `except`. Moments are computed when they are first needed.
 *
 * @param stack - Two entries of 32 bytes more than the tree has levels.
 * @param moments - Address of the moments of all nodes, `order` of them along the first axis; 0 for none.
 * @param ratios - Scales now over scales at building.
 * @param built - Scales at building.
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
  built: usize,
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
        term = seriesKernel(record, columns, query, scales, order, rounding, most, allowance);
        if (term >= 0) {
          fillMoments(node, columns, nodes, firstLeaf, points, weights, built, moments, order);
          const from = moments + <usize>(node * sizeOf(columns, order)) * 8;
          term *= seriesFactor(record, columns, query, scales, ratios, from, order);
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
