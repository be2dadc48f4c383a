/**
 * The gaussian series of a node at a block of queries, four at once: see ../../kde/gaussian-expansion.ts.
 *
 * @module
 */
import { exp11 } from './exp.js';
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
    // The last query stands in for those beyond it.
    const a = queries + 8 * i * columns;
    const b = queries + 8 * min(i + 1, count - 1) * columns;
    const c = queries + 8 * min(i + 2, count - 1) * columns;
    const d = queries + 8 * min(i + 3, count - 1) * columns;
    let x = offsets(record, a, b, scales, 0);
    let y = offsets(record, c, d, scales, 0);
    let squaresX = f64x2.mul(x, x);
    let squaresY = f64x2.mul(y, y);
    hermite(x, y, load<f64>(ratios), p, FIRST);
    let sumX = f64x2.splat(0);
    let sumY = f64x2.splat(0);
    if (columns === 1) {
      for (let n = 0; n < p; n++) {
        const moment = v128.load64_splat(from + 8 * n);
        sumX = f64x2.add(sumX, f64x2.mul(moment, v128.load(FIRST + 32 * n)));
        sumY = f64x2.add(sumY, f64x2.mul(moment, v128.load(FIRST + 32 * n, 16)));
      }
    } else {
      x = offsets(record, a, b, scales, 1);
      y = offsets(record, c, d, scales, 1);
      squaresX = f64x2.add(squaresX, f64x2.mul(x, x));
      squaresY = f64x2.add(squaresY, f64x2.mul(y, y));
      hermite(x, y, load<f64>(ratios + 8), p, SECOND);
      let row = from;
      for (let n = 0; n < p; n++) {
        let innerX = f64x2.splat(0);
        let innerY = f64x2.splat(0);
        const end = row + 8 * (p - n);
        let power = SECOND;
        for (let at = row; at < end; at += 8, power += 32) {
          const moment = v128.load64_splat(at);
          innerX = f64x2.add(innerX, f64x2.mul(moment, v128.load(power)));
          innerY = f64x2.add(innerY, f64x2.mul(moment, v128.load(power, 16)));
        }
        sumX = f64x2.add(sumX, f64x2.mul(innerX, v128.load(FIRST + 32 * n)));
        sumY = f64x2.add(sumY, f64x2.mul(innerY, v128.load(FIRST + 32 * n, 16)));
        row += 8 * (order - n);
      }
    }
    const minus = f64x2.splat(-0.5);
    sumX = f64x2.mul(sumX, exp11(f64x2.mul(squaresX, minus)));
    sumY = f64x2.mul(sumY, exp11(f64x2.mul(squaresY, minus)));
    const at = sums + 8 * i;
    add(at, f64x2.extract_lane(sumX, 0));
    if (i + 1 < count) add(at + 8, f64x2.extract_lane(sumX, 1));
    if (i + 2 < count) add(at + 16, f64x2.extract_lane(sumY, 0));
    if (i + 3 < count) add(at + 24, f64x2.extract_lane(sumY, 1));
  }
}

/* @inline */ function add(at: usize, term: f64): void {
  store<f64>(at, load<f64>(at) + term);
}

/* @inline */ function hermite(x: v128, y: v128, ratio: f64, p: i32, out: usize): void {
  const stepX = f64x2.mul(x, f64x2.splat(ratio));
  const stepY = f64x2.mul(y, f64x2.splat(ratio));
  let beforeX = f64x2.splat(0);
  let beforeY = f64x2.splat(0);
  let valueX = f64x2.splat(1);
  let valueY = f64x2.splat(1);
  for (let n = 0; n < p; n++) {
    v128.store(out + 32 * n, valueX);
    v128.store(out + 32 * n, valueY, 16);
    const back = f64x2.splat(<f64>n * ratio * ratio);
    const nextX = f64x2.sub(f64x2.mul(stepX, valueX), f64x2.mul(back, beforeX));
    const nextY = f64x2.sub(f64x2.mul(stepY, valueY), f64x2.mul(back, beforeY));
    beforeX = valueX;
    beforeY = valueY;
    valueX = nextX;
    valueY = nextY;
  }
}
