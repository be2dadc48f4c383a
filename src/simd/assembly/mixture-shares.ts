/**
 * From terms of components, in powers of 2 beside the mixture's peak, to responsibilities, in place:
 *
 *     e_k = 2^t_k,   p = sum_k e_k,   log-density = peak + log p,   share_k = w e_k / p
 *
 * As t_k <= 0, no power is too large, and none matters that is too small, unless all of a row's are: where p < 2^-900 the
 * row's terms are found again, and the largest, m, is taken off them:
 *
 *     e_k = 2^(t_k - m),   log-density = peak + m log 2 + log p
 *
 * Shares below 2^-87 = 6e-27 of all count as 0: that is below the rounding of any statistic, and a component without a share
 * in a row costs nothing there. As a summand it is below the rounding of p for up to 10^10 components.
 *
 * @module
 */
import { addPowers } from './exp2.js';
import { log } from './log.js';
import { areNear, termsByDots } from './mixture-dots.js';
import { canLose, forgetLargest, likeliest, peak, prepareRows, termsOf } from './mixture-joint.js';
import { components, largest, logDensities, shares, stride, weights } from './mixture-state.js';
import { across, infinity, minusInfinity, one } from './vectors.js';

/** How far below the largest a term begins to count as nothing, in powers of 2. */
const CUT: f64 = 87;
const LN2: f64 = Math.LN2;

const CONSTANTS: usize = memory.data<f64>(
  [
    // 2^-900, 2^-87, log 2, 87.
    1.1830521861667747e-271, 1.1830521861667747e-271, 6.462348535570529e-27, 6.462348535570529e-27, 0.6931471805599453,
    0.6931471805599453, 87, 87,
  ],
  16,
);

/* @inline */ function constant(index: i32): v128 {
  return v128.load(CONSTANTS + 16 * index);
}

/** What is wanted: log-densities alone, shares with them, or shares with the sum of log-densities alone. */
export const DENSITIES = 0;
export const SHARES = 1;
export const TOTAL = 2;

/** Groups after which a product of mantissas is taken the logarithm of: far from overflow at 2^1024. */
const GROUPS_OF_PRODUCT: i32 = 256;

/** Writes log w_k + log N(x_i; mu_k, Sigma_k), each in full; NaN (Infinity - Infinity) counts as -Infinity. */
export function writeJoint(count: i32): void {
  const groups = (count + 3) >> 2;
  const top = f64x2.splat(peak);
  const unit = constant(2);
  prepareRows(groups);
  for (let k = 0; k < components; k++) {
    termsOf(k, 0, groups, Infinity);
    const start = shares + stride * k;
    for (let at = start; at < start + 32 * groups; at += 16) {
      v128.store(at, f64x2.pmax(minusInfinity(), f64x2.add(top, f64x2.mul(unit, v128.load(at)))));
    }
  }
}

/** Sums powers of all components' terms, in the order of components, so that a row's sum has the same bits in any block. */
function addAllPowers(groups: i32): void {
  for (let i = 0; i < groups; i++) {
    v128.store(logDensities + 32 * i, f64x2.splat(0));
    v128.store(logDensities + 32 * i, f64x2.splat(0), 16);
  }
  if (areNear) termsByDots(0, groups);
  else prepareRows(groups);
  if (canLose()) {
    addPowersOfTriangles(groups);
    return;
  }
  for (let k = 0; k < components; k++) {
    if (!areNear) termsOf(k, 0, groups, CUT);
    addPowers(shares + stride * k, logDensities, 2 * groups);
  }
}

/** The likeliest component first, then the others; those that are lost count as nothing, however far they were summed. */
function addPowersOfTriangles(groups: i32): void {
  const first = groups > 1 ? likeliest() : 0;
  forgetLargest(0, groups);
  termsOf(first, 0, groups, CUT);
  for (let k = 0; k < components; k++) if (k !== first) termsOf(k, 0, groups, CUT);
  for (let k = 0; k < components; k++) {
    const start = shares + stride * k;
    for (let at: usize = 0; at < 32 * <usize>groups; at += 16) {
      const term = v128.load(start + at);
      const counts = f64x2.ge(term, f64x2.sub(v128.load(largest + at), constant(3)));
      v128.store(start + at, v128.bitselect(term, minusInfinity(), counts));
    }
    addPowers(start, logDensities, 2 * groups);
  }
}

/** Two rows' largest term; 0 where it is -Infinity, and where the sum of powers is large enough without. */
/* @inline */ function largestOf(at: usize, sum: v128): v128 {
  let most = minusInfinity();
  for (let k = 0; k < components; k++) most = f64x2.pmax(most, v128.load(at + stride * k));
  const counts = v128.and(f64x2.lt(sum, constant(0)), f64x2.gt(most, minusInfinity()));
  return v128.and(most, counts);
}

/** Powers anew for a group with rows far out; what was taken off is left at `largest`. Rows that are not keep their bits. */
function rescue(group: i32): void {
  const at = shares + 32 * group;
  const sums = logDensities + 32 * group;
  const most = largest + 32 * group;
  forgetLargest(group, 1);
  if (areNear) termsByDots(group, 1);
  else for (let k = 0; k < components; k++) termsOf(k, group, 1, Infinity);
  const low = largestOf(at, v128.load(sums));
  const high = largestOf(at + 16, v128.load(sums, 16));
  v128.store(most, low);
  v128.store(most, high, 16);
  v128.store(sums, f64x2.splat(0));
  v128.store(sums, f64x2.splat(0), 16);
  for (let k = 0; k < components; k++) {
    const from = at + stride * k;
    v128.store(from, f64x2.sub(v128.load(from), low));
    v128.store(from, f64x2.sub(v128.load(from, 16), high), 16);
    addPowers(from, sums, 2);
  }
}

/** Log-densities of two rows; -Infinity where p = 0. */
/* @inline */ function logDensityOf(top: v128, sum: v128): v128 {
  return v128.bitselect(f64x2.add(top, log(sum)), minusInfinity(), f64x2.gt(sum, f64x2.splat(0)));
}

/** p between 1 and 2. */
/* @inline */ function mantissaOf(sum: v128): v128 {
  return v128.or(v128.andnot(sum, infinity()), one());
}

/* @inline */ function areOnes(weight: v128): bool {
  return i64x2.all_true(f64x2.eq(weight, one()));
}

/**
 * Writes log-densities and shares, as far as they are wanted.
 *
 * A sum of logarithms alone, of rows of weight 1, is the logarithm of a product:
 *
 *     sum_i log p_i = log 2 sum_i e_i + log prod_i m_i,    p_i = 2^e_i m_i,  1 <= m_i < 2
 *
 * @returns sum_i w_i log p(x_i); rows of weight 0 do not count.
 */
export function shareOut(count: i32, result: i32): f64 {
  const groups = (count + 3) >> 2;
  addAllPowers(groups);
  let total = f64x2.splat(0);
  let lowProduct = one();
  let highProduct = one();
  let exponents = i64x2.splat(0);
  let multiplied = 0;
  for (let group = 0; group < groups; group++) {
    const at = logDensities + 32 * group;
    let lowTop = f64x2.splat(peak);
    let highTop = lowTop;
    const few = v128.or(f64x2.lt(v128.load(at), constant(0)), f64x2.lt(v128.load(at, 16), constant(0)));
    const isFar = v128.any_true(few);
    if (isFar) {
      rescue(group);
      const most = largest + 32 * group;
      lowTop = f64x2.add(lowTop, f64x2.mul(constant(2), v128.load(most)));
      highTop = f64x2.add(highTop, f64x2.mul(constant(2), v128.load(most, 16)));
    }
    const lowSum = v128.load(at);
    const highSum = v128.load(at, 16);
    const low = v128.load(weights + 32 * group);
    const high = v128.load(weights + 32 * group, 16);
    if (result === TOTAL && !isFar && areOnes(low) && areOnes(high)) {
      lowProduct = f64x2.mul(lowProduct, mantissaOf(lowSum));
      highProduct = f64x2.mul(highProduct, mantissaOf(highSum));
      exponents = i64x2.add(exponents, i64x2.add(i64x2.shr_u(lowSum, 52), i64x2.shr_u(highSum, 52)));
      multiplied++;
      if ((multiplied & (GROUPS_OF_PRODUCT - 1)) === 0) {
        total = f64x2.add(total, f64x2.add(log(lowProduct), log(highProduct)));
        lowProduct = one();
        highProduct = one();
      }
    } else {
      const lowDensity = logDensityOf(lowTop, lowSum);
      const highDensity = logDensityOf(highTop, highSum);
      v128.store(at, lowDensity);
      v128.store(at, highDensity, 16);
      total = f64x2.add(total, v128.and(f64x2.mul(low, lowDensity), f64x2.gt(low, f64x2.splat(0))));
      total = f64x2.add(total, v128.and(f64x2.mul(high, highDensity), f64x2.gt(high, f64x2.splat(0))));
    }
    if (result === DENSITIES) continue;
    scaleShares(shares + 32 * group, low, lowSum);
    scaleShares(shares + 32 * group + 16, high, highSum);
  }
  total = f64x2.add(total, f64x2.add(log(lowProduct), log(highProduct)));
  const exponent = i64x2.extract_lane(exponents, 0) + i64x2.extract_lane(exponents, 1) - 4 * 1023 * <i64>multiplied;
  return across(total) + (4 * <f64>multiplied * peak + <f64>exponent * LN2);
}

/** w / p; 0 where p is. */
/* @inline */ function quotient(weight: v128, sum: v128): v128 {
  return v128.and(f64x2.div(weight, sum), f64x2.gt(sum, f64x2.splat(0)));
}

/* @inline */ function scaleShares(start: usize, weight: v128, sum: v128): void {
  const scale = quotient(weight, sum);
  const least = f64x2.mul(sum, constant(1));
  const end = start + stride * components;
  for (let from = start; from < end; from += stride) {
    const power = v128.load(from);
    v128.store(from, v128.and(f64x2.mul(power, scale), f64x2.ge(power, least)));
  }
}
