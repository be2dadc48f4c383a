/**
 * From log-densities of components to responsibilities, four rows at once, in place:
 *
 *     m = max_k l_k,   p = sum_k exp(l_k - m),   log-density = m + log p,   share_k = w exp(l_k - m) / p
 *
 * Terms with l_k < m - 60 count as nothing: exp(-60) = 9e-27 is below the rounding of p >= 1 for any number of components
 * up to 10^10, and as a share it is below that of any statistic. Their shares are exactly 0, whichever rows stand
 * beside, and cost no exponential.
 *
 * @module
 */
import { storeExpsNear } from './exp.js';
import { log } from './log.js';
import { components, logDensities, shares, stride, weights } from './mixture-state.js';
import { across, minusInfinity } from './vectors.js';

/** How far below the largest a term begins to count as nothing. */
export const CUT: f64 = 60;
const LEAST: usize = memory.data<f64>([-60, -60], 16);

/** How far shares are wanted: not at all, as exp(l_k - m) beside w / p of each row, or multiplied. */
export const NONE = 0;
export const APART = 1;
export const SCALED = 2;

/** Where all terms are -Infinity, 0 stands in for the largest: all differences are then -Infinity, not NaN. */
/* @inline */ function finiteOr0(largest: v128): v128 {
  return v128.and(largest, f64x2.gt(largest, minusInfinity()));
}

/** m + log p; -Infinity where p = 0. */
/* @inline */ function logSum(largest: v128, sum: v128): v128 {
  const value = f64x2.add(largest, log(sum));
  return v128.bitselect(value, minusInfinity(), f64x2.gt(sum, f64x2.splat(0)));
}

/**
 * Turns terms into shares and largest terms into log-densities.
 *
 * @param result - How far shares are wanted.
 * @param quotients - Where w / p goes, if it is not multiplied in.
 * @returns sum_i w_i log p(x_i); rows of weight 0 do not count.
 */
export function shareOut(count: i32, result: i32, quotients: usize): f64 {
  const end = shares + stride * components;
  const groups = (count + 3) >> 2;
  let total = f64x2.splat(0);
  for (let group = 0; group < groups; group++) {
    const start = shares + 32 * group;
    const at = logDensities + 32 * group;
    const lowLargest = finiteOr0(v128.load(at));
    const highLargest = finiteOr0(v128.load(at, 16));
    const lowLeast = f64x2.add(lowLargest, v128.load(LEAST));
    const highLeast = f64x2.add(highLargest, v128.load(LEAST));
    let lowSum = f64x2.splat(0);
    let highSum = lowSum;
    for (let from = start; from < end; from += stride) {
      const lowTerm = v128.load(from);
      const highTerm = v128.load(from, 16);
      const lowCounts = f64x2.ge(lowTerm, lowLeast);
      const highCounts = f64x2.ge(highTerm, highLeast);
      if (!v128.any_true(v128.or(lowCounts, highCounts))) {
        v128.store(from, f64x2.splat(0));
        v128.store(from, f64x2.splat(0), 16);
        continue;
      }
      storeExpsNear(f64x2.sub(lowTerm, lowLargest), f64x2.sub(highTerm, highLargest), lowCounts, highCounts, from);
      lowSum = f64x2.add(lowSum, v128.load(from));
      highSum = f64x2.add(highSum, v128.load(from, 16));
    }
    const lowDensity = logSum(lowLargest, lowSum);
    const highDensity = logSum(highLargest, highSum);
    v128.store(at, lowDensity);
    v128.store(at, highDensity, 16);
    if (result === NONE) continue;
    const low = v128.load(weights + 32 * group);
    const high = v128.load(weights + 32 * group, 16);
    total = f64x2.add(total, v128.and(f64x2.mul(low, lowDensity), f64x2.gt(low, f64x2.splat(0))));
    total = f64x2.add(total, v128.and(f64x2.mul(high, highDensity), f64x2.gt(high, f64x2.splat(0))));
    if (result === SCALED) {
      scaleShares(start, end, quotient(low, lowSum), quotient(high, highSum));
    } else {
      v128.store(quotients + 32 * group, quotient(low, lowSum));
      v128.store(quotients + 32 * group, quotient(high, highSum), 16);
    }
  }
  return across(total);
}

/** w / p; 0 where p is. */
/* @inline */ function quotient(weight: v128, sum: v128): v128 {
  return v128.and(f64x2.div(weight, sum), f64x2.gt(sum, f64x2.splat(0)));
}

/* @inline */ function scaleShares(start: usize, end: usize, low: v128, high: v128): void {
  for (let from = start; from < end; from += stride) {
    v128.store(from, f64x2.mul(v128.load(from), low));
    v128.store(from, f64x2.mul(v128.load(from, 16), high), 16);
  }
}
