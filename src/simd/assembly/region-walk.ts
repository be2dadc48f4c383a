/**
 * The walk through a tree for all queries of a region at once: sums of gaussian kernel values to a relative tolerance. What
 * it does and why is told in ../../kde/region-sums.ts, its plain twin.
 *
 * Nearest distance of a box and mean distance of its rows, and the kernel's values there, are two lanes.
 *
 * @module
 */
import { addSeries } from './block-series.js';
import { exp } from './exp.js';
import { addSums } from './leaf-sums.js';
import { fillMoments } from './moments.js';
import { NODE, sizeOf } from './nodes.js';
import { orderFor, seriesOrder } from './region-order.js';

const ENTRY: usize = 32;
const FREE_SHARE: f64 = 0.2;
/** Where at the first leaf the lanes of t are further apart, queries are better off alone. */
const MOST_SPREAD: f64 = 12;

/**
 * Squared distances from queries of the region: the least to a point of a node's box, and the greatest to its rows on average.
 *
 * @param region - High and low end along each axis.
 * @param spread - Mean, from the low end of the box, and variance along each axis.
 */
/* @inline */ function distances(record: usize, spread: usize, columns: i32, region: usize, scales: usize): v128 {
  let t = f64x2.splat(0);
  const none = f64x2.splat(0);
  for (let j: usize = 0; j < <usize>columns; j++) {
    const box = v128.load(record + NODE + 16 * j);
    const ends = v128.load(region + 16 * j);
    const moments = v128.load(spread + 16 * j);
    const mean = v128.shuffle<f64>(none, moments, 0, 2);
    const variance = v128.shuffle<f64>(none, moments, 0, 3);
    // (low - region's high, mean - region's low), then (region's low - high, region's high - mean).
    const ahead = f64x2.add(f64x2.sub(v128.shuffle<f64>(box, box, 0, 0), ends), mean);
    const behind = f64x2.sub(f64x2.sub(v128.shuffle<f64>(ends, ends, 1, 0), v128.shuffle<f64>(box, box, 1, 0)), mean);
    const side = f64x2.pmax(f64x2.pmax(ahead, behind), f64x2(0, -Infinity));
    const scale = v128.load64_splat(scales + 8 * j);
    const u = f64x2.mul(side, scale);
    t = f64x2.add(t, f64x2.add(f64x2.mul(u, u), f64x2.mul(f64x2.mul(variance, scale), scale)));
  }
  return t;
}

/**
 * Adds sum_i w_i k(t_i) over all rows to each query's sum; false, and sums undefined, where the region's queries are better
 * off alone.
 *
 * @param queries - Row after row.
 * @param shifts - Zeros, as many as there are queries.
 * @param stack - Two entries of 32 bytes more than the tree has levels.
 */
export function walkRegion(
  kernel: i32,
  columns: i32,
  queries: usize,
  count: i32,
  region: usize,
  scales: usize,
  nodes: usize,
  spreads: usize,
  firstLeaf: i32,
  points: usize,
  weights: usize,
  stack: usize,
  tolerance: f64,
  moments: usize,
  order: i32,
  rounding: f64,
  ratios: usize,
  built: usize,
  shifts: usize,
  sums: usize,
): bool {
  const size: usize = NODE + 16 * columns;
  const free = tolerance * FREE_SHARE;
  const tied = (tolerance * (1 - FREE_SHARE)) / load<f64>(nodes + 16);
  let lower: f64 = 0;
  let spent: f64 = 0;
  let settled: f64 = 0;
  // What all queries have in common.
  let shared: f64 = 0;
  let top = stack;
  store<i32>(top, 0);
  v128.store(top + 16, distances(nodes, spreads, columns, region, scales));
  top += ENTRY;
  while (top > stack) {
    top -= ENTRY;
    const node = load<i32>(top);
    const record = nodes + <usize>node * size;
    const weight = load<f64>(record + 16);
    const t = v128.load(top + 16);
    const extremes = f64x2.mul(exp(f64x2.mul(t, f64x2.splat(-0.5))), f64x2.splat(weight));
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
      shared += 0.5 * (most + least);
    } else {
      const error = orderFor(record, columns, region, scales, order, rounding, most, allowance);
      if (error >= 0) {
        fillMoments(node, columns, nodes, firstLeaf, points, weights, built, moments, order);
        const from = moments + <usize>(node * sizeOf(columns, order)) * 8;
        addSeries(columns, queries, count, scales, ratios, record, from, order, seriesOrder, sums);
        spent += error;
      } else if (node < firstLeaf) {
        top = open(top, node, record, size, spreads, columns, region, scales);
        continue;
      } else {
        if (settled === 0 && f64x2.extract_lane(t, 1) - f64x2.extract_lane(t, 0) > MOST_SPREAD) return false;
        const start = <i32>load<f64>(record);
        const rows = <i32>load<f64>(record + 8) - start;
        const from = points + 8 * start * columns;
        const own = weights ? weights + 8 * start : 0;
        addSums(kernel, columns, queries, count, scales, from, 8 * rows, rows, own, 0, shifts, sums);
      }
    }
    lower += least;
    settled += weight;
  }
  for (let i: usize = 0; i < <usize>count; i++) store<f64>(sums + 8 * i, load<f64>(sums + 8 * i) + shared);
  return true;
}

/** Puts the children of a node on the stack, the nearer one on top; returns where the stack then ends. */
/* @inline */ function open(
  top: usize,
  node: i32,
  record: usize,
  size: usize,
  spreads: usize,
  columns: i32,
  region: usize,
  scales: usize,
): usize {
  const first = 2 * node + 1;
  const left = record + <usize>(node + 1) * size;
  const spread = spreads + <usize>(first * columns) * 16;
  const toLeft = distances(left, spread, columns, region, scales);
  const toRight = distances(left + size, spread + 16 * columns, columns, region, scales);
  const isLeftNearer = f64x2.extract_lane(toLeft, 1) <= f64x2.extract_lane(toRight, 1);
  store<i32>(top, isLeftNearer ? first + 1 : first);
  v128.store(top + 16, isLeftNearer ? toRight : toLeft);
  store<i32>(top + ENTRY, isLeftNearer ? first : first + 1);
  v128.store(top + ENTRY + 16, isLeftNearer ? toLeft : toRight);
  return top + 2 * ENTRY;
}
