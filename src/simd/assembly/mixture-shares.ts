/**
 * From terms of components, in powers of 2 beside the mixture's peak, to responsibilities, in place:
 *
 *     e_k = 2^t_k,   p = sum_k e_k,   log-density = peak + log p,   share_k = w e_k / p
 *
 * As t_k <= 0, no power is too large, and none matters that is too small, unless all of a row's are: where the largest term
 * m < -880, it is taken off the others:
 *
 *     e_k = 2^(t_k - m),   log-density = peak + m log 2 + log p
 *
 * Such rows are told by p < 2^-860, to which 10^6 components cannot add up. Their terms are found again, four rows at a time;
 * after a block with many of them, largest terms are looked for in all rows of the next one.
 *
 * Shares below 2^-87 = 6e-27 of all count as 0: that is below the rounding of any statistic, and a component without a share
 * in a row costs nothing there. As a summand it is below the rounding of p for up to 10^10 components. In steps of forms whose
 * sums take most of what there is to spare, so do those below 2^-64 = 5e-20: a component with 1 part in 2,000 of all
 * mass feels less of that than rounding.
 *
 * @module
 */
import { addPowers } from './exp2.js';
import { log } from './log.js';
import { areNear, termsByDots } from './mixture-dots.js';
import { peak, prepareRows, termsOf } from './mixture-joint.js';
import { areLaidOut, termsByMonomials } from './mixture-monomials.js';
import { termsByStages } from './mixture-stages.js';
import { components, form, largest, logDensities, shares, stride, TRIANGULAR, weights } from './mixture-state.js';
import { haveStages } from './mixture-triangles.js';
import { across, infinity, minusInfinity, one } from './vectors.js';

/** How far below the largest a term begins to count as nothing, in powers of 2. */
const CUT: f64 = 87;
const LN2: f64 = Math.LN2;

const CONSTANTS: usize = memory.data<f64>(
  [
    // 2^-860, 2^-87, log 2, 87, -880, 2^-64.
    1.3007796349561859e-259, 1.3007796349561859e-259, 6.462348535570529e-27, 6.462348535570529e-27, 0.6931471805599453,
    0.6931471805599453, 87, 87, -880, -880, 5.421010862427522e-20, 5.421010862427522e-20,
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

/** Whether many rows of the last block were far out. Of no consequence for results. */
let areFar: bool = false;

/** Whether to take terms in stages, and for how many blocks not to. Of no consequence for results. */
let areFew: bool = false;
let rest: i32 = 0;
/** Fewer rows than these groups have no use for stages. */
const LEAST_GROUPS: i32 = 8;
/**
 * Stages are begun where less than this part of terms lies within twice the cut: the others are lost after half of the axes, a
 * quarter of the work. They are given up for some blocks where they leave more than that part of the work.
 */
const MOST_LASTING: f64 = 0.6;
const MOST_WORK: f64 = 0.7;
const REST: i32 = 64;

/** Groups after which a product of mantissas is taken the logarithm of: far from overflow at 2^1024. */
const GROUPS_OF_PRODUCT: i32 = 256;

/** Writes log w_k + log N(x_i; mu_k, Sigma_k), each in full; NaN (Infinity - Infinity) counts as -Infinity. */
export function writeJoint(count: i32): void {
  const groups = (count + 3) >> 2;
  const top = f64x2.splat(peak);
  const unit = constant(2);
  prepareRows(groups);
  for (let k = 0; k < components; k++) {
    termsOf(k, 0, groups);
    const start = shares + stride * k;
    for (let at = start; at < start + 32 * groups; at += 16) {
      v128.store(at, f64x2.pmax(minusInfinity(), f64x2.add(top, f64x2.mul(unit, v128.load(at)))));
    }
  }
}

/** Forgets the sums of powers. */
function clearSums(first: i32, groups: i32): void {
  const start = logDensities + 32 * first;
  for (let at = start; at < start + 32 * groups; at += 16) v128.store(at, f64x2.splat(0));
}

/** All components' terms for `groups` groups from `first` on; -Infinity stands for those that count as nothing. */
function termsOfAll(first: i32, groups: i32): void {
  if (areNear) {
    termsByDots(first, groups);
    return;
  }
  const isStaged = areFew && groups >= LEAST_GROUPS;
  let work: f64 = 0;
  if (isStaged) work = termsByStages(groups, CUT);
  else {
    for (let k = 0; k < components; k++) termsOf(k, first, groups);
    if (!haveStages()) return;
    findLargest(first, groups);
  }
  const lasting = dropLost(first, groups);
  if (groups < LEAST_GROUPS) return;
  const all = <f64>(4 * groups * components);
  if (isStaged && work > MOST_WORK * all) rest = REST;
  if (rest > 0) rest--;
  areFew = rest === 0 && (isStaged || lasting < MOST_LASTING * all);
}

/**
 * What lies below the largest term by more than the cut counts as nothing, however far it was summed, so that a row's bits are
 * the same in any block. Returns how many terms are not below it by twice as much.
 */
function dropLost(first: i32, groups: i32): f64 {
  const start = largest + 32 * first;
  let lasting = i64x2.splat(0);
  for (let k = 0; k < components; k++) {
    let to = shares + stride * k + 32 * first;
    for (let at = start; at < start + 32 * groups; at += 16, to += 16) {
      const term = v128.load(to);
      const least = f64x2.sub(v128.load(at), constant(3));
      v128.store(to, v128.bitselect(term, minusInfinity(), f64x2.ge(term, least)));
      // A comparison that holds is -1.
      lasting = i64x2.sub(lasting, f64x2.ge(term, f64x2.sub(least, constant(3))));
    }
  }
  return <f64>(i64x2.extract_lane(lasting, 0) + i64x2.extract_lane(lasting, 1));
}

/** Each row's largest term. */
function findLargest(first: i32, groups: i32): void {
  const start = 32 * first;
  for (let at = start; at < start + 32 * groups; at += 16) {
    let most = minusInfinity();
    for (let k = 0; k < components; k++) most = f64x2.pmax(most, v128.load(shares + stride * k + at));
    v128.store(largest + at, most);
  }
}

/** Sums powers of all components' terms, in the order of components. */
function addAllPowers(groups: i32): void {
  if (!areNear) prepareRows(groups);
  if (areFar) {
    addPowersBeside(0, groups);
    return;
  }
  clearSums(0, groups);
  const areReady = areNear || haveStages() || areLaidOut;
  if (areLaidOut) termsByMonomials(groups);
  else if (areReady) termsOfAll(0, groups);
  for (let k = 0; k < components; k++) {
    if (!areReady) termsOf(k, 0, groups);
    addPowers(shares + stride * k, logDensities, groups);
  }
}

/** Two rows' largest term, where it is low; else 0. */
/* @inline */ function lowLargest(at: usize): v128 {
  let most = minusInfinity();
  for (let k = 0; k < components; k++) most = f64x2.pmax(most, v128.load(at + stride * k));
  const counts = v128.and(f64x2.lt(most, constant(4)), f64x2.gt(most, minusInfinity()));
  return v128.and(most, counts);
}

/** The same less each row's largest term, where that is low; it is left at `largest`. Other rows have the same bits. */
function addPowersBeside(first: i32, groups: i32): void {
  termsOfAll(first, groups);
  clearSums(first, groups);
  const start = 32 * first;
  const end = start + 32 * groups;
  for (let at = start; at < end; at += 16) v128.store(largest + at, lowLargest(shares + at));
  for (let k = 0; k < components; k++) {
    const terms = shares + stride * k;
    for (let at = start; at < end; at += 16) {
      v128.store(terms + at, f64x2.sub(v128.load(terms + at), v128.load(largest + at)));
    }
    addPowers(terms + start, logDensities + start, groups);
  }
}

/** Whether one of four rows is far out; if so, its powers are found beside its largest term. */
/* @inline */ function seeTo(group: i32): bool {
  const at = largest + 32 * group;
  const zero = f64x2.splat(0);
  if (areFar) return v128.any_true(v128.or(f64x2.ne(v128.load(at), zero), f64x2.ne(v128.load(at, 16), zero)));
  const sums = logDensities + 32 * group;
  const least = constant(0);
  if (!v128.any_true(v128.or(f64x2.lt(v128.load(sums), least), f64x2.lt(v128.load(sums, 16), least)))) return false;
  addPowersBeside(group, 1);
  return true;
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
  let far = 0;
  const least = constant(result === TOTAL && form !== TRIANGULAR ? 5 : 1);
  for (let group = 0; group < groups; group++) {
    const at = logDensities + 32 * group;
    let lowTop = f64x2.splat(peak);
    let highTop = lowTop;
    const isFar = seeTo(group);
    if (isFar) {
      far++;
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
    scaleShares(shares + 32 * group, low, high, lowSum, highSum, least);
  }
  areFar = 4 * far > groups;
  total = f64x2.add(total, f64x2.add(log(lowProduct), log(highProduct)));
  const exponent = i64x2.extract_lane(exponents, 0) + i64x2.extract_lane(exponents, 1) - 4 * 1023 * <i64>multiplied;
  return across(total) + (4 * <f64>multiplied * peak + <f64>exponent * LN2);
}

/** w / p; 0 where p is. */
/* @inline */ function quotient(weight: v128, sum: v128): v128 {
  return v128.and(f64x2.div(weight, sum), f64x2.gt(sum, f64x2.splat(0)));
}

/* @inline */ function scaleShares(start: usize, low: v128, high: v128, lowSum: v128, highSum: v128, part: v128): void {
  const lowScale = quotient(low, lowSum);
  const highScale = quotient(high, highSum);
  const lowLeast = f64x2.mul(lowSum, part);
  const highLeast = f64x2.mul(highSum, part);
  const end = start + stride * components;
  for (let from = start; from < end; from += stride) {
    const lowPower = v128.load(from);
    v128.store(from, v128.and(f64x2.mul(lowPower, lowScale), f64x2.ge(lowPower, lowLeast)));
    const highPower = v128.load(from, 16);
    v128.store(from, v128.and(f64x2.mul(highPower, highScale), f64x2.ge(highPower, highLeast)), 16);
  }
}
