/**
 * The gaussian series of a node at one query: see ../../kde/gaussian-expansion.ts.
 *
 * Axes, and even and odd terms, are the lanes. The steps are those of block-series.ts, so that a query's sum has the same bits here
 * and there.
 *
 * @module
 */
import { exp } from './exp.js';
import { centre } from './nodes.js';

// He_n(y) q^n along each axis.
const FIRST: usize = memory.data(8 * 34, 16);
const SECOND: usize = memory.data(8 * 34, 16);

/** Adds to a sum that of a node by its series of order p. */
export function addLoneSeries(
  columns: i32,
  query: usize,
  scales: usize,
  ratios: usize,
  record: usize,
  from: usize,
  order: i32,
  p: i32,
  to: usize,
): void {
  const x = (load<f64>(query) - centre(record, 0)) * load<f64>(scales);
  let squares = x * x;
  let sum: f64 = 0;
  if (columns === 1) {
    hermite(f64x2.splat(x), f64x2.splat(load<f64>(ratios)), p);
    sum = product(from, FIRST, p);
  } else {
    const y = (load<f64>(query + 8) - centre(record, 1)) * load<f64>(scales + 8);
    squares += y * y;
    hermite(f64x2.replace_lane(f64x2.splat(x), 1, y), v128.load(ratios), p);
    for (let n = 0; n < p; n += 2) {
      const below = from + 8 * (order - n);
      const end = SECOND + 8 * (p - n - 1);
      const moments = from - SECOND;
      const others = below - SECOND;
      const last = f64x2.replace_lane(f64x2.splat(0), 0, load<f64>(moments + end));
      let inner = f64x2.mul(last, v128.load64_splat(end));
      for (let power = SECOND; power < end; power += 8) {
        const pair = v128.load64_lane(others + power, v128.load64_splat(moments + power), 1);
        inner = f64x2.add(inner, f64x2.mul(pair, v128.load64_splat(power)));
      }
      sum += f64x2.extract_lane(inner, 0) * load<f64>(FIRST + 8 * n);
      if (n + 1 < p) sum += f64x2.extract_lane(inner, 1) * load<f64>(FIRST + 8 * n + 8);
      from = below + 8 * (order - n - 1);
    }
  }
  const kernel = f64x2.extract_lane(exp(f64x2.splat(-0.5 * squares)), 0);
  store<f64>(to, load<f64>(to) + sum * kernel);
}

/** Writes He_n(y) q^n for n < p along both axes. */
/* @inline */ function hermite(y: v128, ratio: v128, p: i32): void {
  const step = f64x2.mul(y, ratio);
  let before = f64x2.splat(0);
  let value = f64x2.splat(1);
  let factor: f64 = 0;
  for (let at: usize = 0; at < <usize>p * 8; at += 8, factor += 1) {
    v128.store64_lane(FIRST + at, value, 0);
    v128.store64_lane(SECOND + at, value, 1);
    const back = f64x2.mul(f64x2.mul(f64x2.splat(factor), ratio), ratio);
    const next = f64x2.sub(f64x2.mul(step, value), f64x2.mul(back, before));
    before = value;
    value = next;
  }
}

/** sum_n a_n b_n for n < count: even terms and odd ones, then both. */
/* @inline */ function product(a: usize, b: usize, count: i32): f64 {
  let sums = f64x2.splat(0);
  let n = count;
  for (; n >= 2; n -= 2, a += 16, b += 16) sums = f64x2.add(sums, f64x2.mul(v128.load(a), v128.load(b)));
  if (n) sums = f64x2.add(sums, f64x2.mul(v128.load64_zero(a), v128.load64_zero(b)));
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}
