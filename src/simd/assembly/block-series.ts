/**
 * The gaussian series of a node at a block of queries, four at once: see ../../kde/gaussian-expansion.ts.
 *
 * A query on its own takes other lanes, but the same steps: its sum has the same bits in any company.
 *
 * @module
 */
import { exp } from './exp.js';
import { addLoneSeries } from './lone-series.js';
import { offsets } from './nodes.js';

// He_n(y) q^n of four queries along each axis: two lanes of pairs for each n.
const FIRST: usize = memory.data(32 * 32, 16);
const SECOND: usize = memory.data(32 * 32, 16);

/**
 * Adds to each query's sum that of a node by its series of order p.
 *
 * @param queries - Row after row.
 * @param from - The node's moments, `order` of them along the first axis.
 */
export function addSeries(
  columns: i32,
  queries: usize,
  count: i32,
  scales: usize,
  ratios: usize,
  record: usize,
  from: usize,
  order: i32,
  p: i32,
  sums: usize,
): void {
  for (let i = 0; i < count; i += 4) {
    const a = queries + 8 * i * columns;
    if (i + 1 === count) {
      addLoneSeries(columns, a, scales, ratios, record, from, order, p, sums + 8 * i);
      return;
    }
    // The last query stands in for those beyond it.
    const b = a + 8 * columns;
    const c = queries + 8 * min(i + 2, count - 1) * columns;
    const d = queries + 8 * min(i + 3, count - 1) * columns;
    if (columns === 1) addFour1(a, b, c, d, scales, ratios, record, from, p, sums + 8 * i, count - i);
    else addFour2(a, b, c, d, scales, ratios, record, from, order, p, sums + 8 * i, count - i);
  }
}

function addFour1(
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  scales: usize,
  ratios: usize,
  record: usize,
  from: usize,
  p: i32,
  sums: usize,
  count: i32,
): void {
  const x = offsets(record, a, b, scales, 0);
  const y = offsets(record, c, d, scales, 0);
  hermite(x, y, load<f64>(ratios), FIRST, p);
  let evenX = f64x2.splat(0);
  let evenY = f64x2.splat(0);
  let oddX = f64x2.splat(0);
  let oddY = f64x2.splat(0);
  const end = FIRST + 32 * p;
  let power = FIRST;
  // Even and odd terms apart: each addition waits for the one before.
  for (; power + 32 < end; power += 64, from += 16) {
    const even = v128.load64_splat(from);
    const odd = v128.load64_splat(from, 8);
    evenX = f64x2.add(evenX, f64x2.mul(even, v128.load(power)));
    evenY = f64x2.add(evenY, f64x2.mul(even, v128.load(power, 16)));
    oddX = f64x2.add(oddX, f64x2.mul(odd, v128.load(power, 32)));
    oddY = f64x2.add(oddY, f64x2.mul(odd, v128.load(power, 48)));
  }
  if (power < end) {
    const even = v128.load64_splat(from);
    evenX = f64x2.add(evenX, f64x2.mul(even, v128.load(power)));
    evenY = f64x2.add(evenY, f64x2.mul(even, v128.load(power, 16)));
  }
  add(sums, f64x2.add(evenX, oddX), f64x2.mul(x, x), count);
  if (count > 2) add(sums + 16, f64x2.add(evenY, oddY), f64x2.mul(y, y), count - 2);
}

function addFour2(
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  scales: usize,
  ratios: usize,
  record: usize,
  from: usize,
  order: i32,
  p: i32,
  sums: usize,
  count: i32,
): void {
  const x = offsets(record, a, b, scales, 0);
  const y = offsets(record, c, d, scales, 0);
  const otherX = offsets(record, a, b, scales, 1);
  const otherY = offsets(record, c, d, scales, 1);
  hermite(x, y, load<f64>(ratios), FIRST, p);
  hermite(otherX, otherY, load<f64>(ratios + 8), SECOND, p);
  let sumX = f64x2.splat(0);
  let sumY = f64x2.splat(0);
  let row = from;
  // Two rows of moments at once: each addition waits for the one before. The second row is one shorter.
  for (let n = 0; n < p; n += 2) {
    const below = row + 8 * (order - n);
    const end = SECOND + 32 * (p - n - 1);
    const last = v128.load64_splat(row + 8 * (p - n - 1));
    let innerX = f64x2.mul(last, v128.load(end));
    let innerY = f64x2.mul(last, v128.load(end, 16));
    let nextX = f64x2.splat(0);
    let nextY = f64x2.splat(0);
    for (let power = SECOND, at: usize = 0; power < end; power += 32, at += 8) {
      const powerX = v128.load(power);
      const powerY = v128.load(power, 16);
      const moment = v128.load64_splat(row + at);
      const other = v128.load64_splat(below + at);
      innerX = f64x2.add(innerX, f64x2.mul(moment, powerX));
      innerY = f64x2.add(innerY, f64x2.mul(moment, powerY));
      nextX = f64x2.add(nextX, f64x2.mul(other, powerX));
      nextY = f64x2.add(nextY, f64x2.mul(other, powerY));
    }
    sumX = f64x2.add(sumX, f64x2.mul(innerX, v128.load(FIRST + 32 * n)));
    sumY = f64x2.add(sumY, f64x2.mul(innerY, v128.load(FIRST + 32 * n, 16)));
    if (n + 1 < p) {
      sumX = f64x2.add(sumX, f64x2.mul(nextX, v128.load(FIRST + 32 * n, 32)));
      sumY = f64x2.add(sumY, f64x2.mul(nextY, v128.load(FIRST + 32 * n, 48)));
    }
    row = below + 8 * (order - n - 1);
  }
  add(sums, sumX, f64x2.add(f64x2.mul(x, x), f64x2.mul(otherX, otherX)), count);
  if (count > 2) add(sums + 16, sumY, f64x2.add(f64x2.mul(y, y), f64x2.mul(otherY, otherY)), count - 2);
}

/** Adds the sums of two queries, the first only where `count` is 1, by their factors exp(-|y|^2 / 2). */
/* @inline */ function add(at: usize, factors: v128, squares: v128, count: i32): void {
  const terms = f64x2.mul(factors, exp(f64x2.mul(squares, f64x2.splat(-0.5))));
  store<f64>(at, load<f64>(at) + f64x2.extract_lane(terms, 0));
  if (count > 1) store<f64>(at + 8, load<f64>(at + 8) + f64x2.extract_lane(terms, 1));
}

/** Writes He_n(y) q^n of four queries for n < p. */
/* @inline */ function hermite(x: v128, y: v128, ratio: f64, out: usize, p: i32): void {
  const stepX = f64x2.mul(x, f64x2.splat(ratio));
  const stepY = f64x2.mul(y, f64x2.splat(ratio));
  let beforeX = f64x2.splat(0);
  let beforeY = f64x2.splat(0);
  let valueX = f64x2.splat(1);
  let valueY = f64x2.splat(1);
  const end = out + <usize>p * 32;
  let factor: f64 = 0;
  for (; out < end; out += 32, factor += 1) {
    v128.store(out, valueX);
    v128.store(out, valueY, 16);
    const back = f64x2.splat(factor * ratio * ratio);
    const nextX = f64x2.sub(f64x2.mul(stepX, valueX), f64x2.mul(back, beforeX));
    const nextY = f64x2.sub(f64x2.mul(stepY, valueY), f64x2.mul(back, beforeY));
    beforeX = valueX;
    beforeY = valueY;
    valueX = nextX;
    valueY = nextY;
  }
}
