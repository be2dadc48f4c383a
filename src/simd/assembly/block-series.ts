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
    const x = offsets(record, a, b, scales, 0);
    const y = offsets(record, c, d, scales, 0);
    let squaresX = f64x2.mul(x, x);
    let squaresY = f64x2.mul(y, y);
    let sumX = f64x2.splat(0);
    let sumY = f64x2.splat(0);
    if (columns === 1) {
      hermite(x, y, load<f64>(ratios), x, y, 0, p);
      for (let n = 0; n < p; n++) {
        const moment = v128.load64_splat(from + 8 * n);
        sumX = f64x2.add(sumX, f64x2.mul(moment, v128.load(FIRST + 32 * n)));
        sumY = f64x2.add(sumY, f64x2.mul(moment, v128.load(FIRST + 32 * n, 16)));
      }
    } else {
      const otherX = offsets(record, a, b, scales, 1);
      const otherY = offsets(record, c, d, scales, 1);
      squaresX = f64x2.add(squaresX, f64x2.mul(otherX, otherX));
      squaresY = f64x2.add(squaresY, f64x2.mul(otherY, otherY));
      hermite(x, y, load<f64>(ratios), otherX, otherY, load<f64>(ratios + 8), p);
      let row = from;
      // Two rows of moments at once: each addition waits for the one before. The second row is one shorter.
      for (let n = 0; n < p; n += 2) {
        const below = row + 8 * (order - n);
        const hasSecond = n + 1 < p;
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
        if (hasSecond) {
          sumX = f64x2.add(sumX, f64x2.mul(nextX, v128.load(FIRST + 32 * n, 32)));
          sumY = f64x2.add(sumY, f64x2.mul(nextY, v128.load(FIRST + 32 * n, 48)));
        }
        row = below + 8 * (order - n - 1);
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

/** He_n(y) q^n along both axes at once: each step waits for the one before. */
/* @inline */ function hermite(
  x: v128,
  y: v128,
  ratio: f64,
  otherX: v128,
  otherY: v128,
  otherRatio: f64,
  p: i32,
): void {
  const stepX = f64x2.mul(x, f64x2.splat(ratio));
  const stepY = f64x2.mul(y, f64x2.splat(ratio));
  const otherStepX = f64x2.mul(otherX, f64x2.splat(otherRatio));
  const otherStepY = f64x2.mul(otherY, f64x2.splat(otherRatio));
  let beforeX = f64x2.splat(0);
  let beforeY = f64x2.splat(0);
  let otherBeforeX = f64x2.splat(0);
  let otherBeforeY = f64x2.splat(0);
  let valueX = f64x2.splat(1);
  let valueY = f64x2.splat(1);
  let otherValueX = f64x2.splat(1);
  let otherValueY = f64x2.splat(1);
  const end = <usize>p * 32;
  let factor: f64 = 0;
  for (let at: usize = 0; at < end; at += 32, factor += 1) {
    v128.store(FIRST + at, valueX);
    v128.store(FIRST + at, valueY, 16);
    v128.store(SECOND + at, otherValueX);
    v128.store(SECOND + at, otherValueY, 16);
    const back = f64x2.splat(factor * ratio * ratio);
    const otherBack = f64x2.splat(factor * otherRatio * otherRatio);
    const nextX = f64x2.sub(f64x2.mul(stepX, valueX), f64x2.mul(back, beforeX));
    const nextY = f64x2.sub(f64x2.mul(stepY, valueY), f64x2.mul(back, beforeY));
    const otherNextX = f64x2.sub(f64x2.mul(otherStepX, otherValueX), f64x2.mul(otherBack, otherBeforeX));
    const otherNextY = f64x2.sub(f64x2.mul(otherStepY, otherValueY), f64x2.mul(otherBack, otherBeforeY));
    beforeX = valueX;
    beforeY = valueY;
    otherBeforeX = otherValueX;
    otherBeforeY = otherValueY;
    valueX = nextX;
    valueY = nextY;
    otherValueX = otherNextX;
    otherValueY = otherNextY;
  }
}
