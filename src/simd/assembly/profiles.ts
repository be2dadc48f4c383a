/**
 * Kernel profiles k(t) of the squared distance t, and their sums, two rows at once.
 *
 * @module
 */
import { exp, shortExp } from './exp.js';
import { half, one } from './vectors.js';

// In the order of LEAF_KERNELS in ../leaf-sums.ts.
export const GAUSSIAN_SHORT = 1;
export const EXPONENTIAL_SHORT = 3;
const GAUSSIAN = 0;
const EXPONENTIAL = 2;
const TOPHAT = 4;
const EPANECHNIKOV = 5;
const BIWEIGHT = 6;
const TRIWEIGHT = 7;
const LINEAR = 8;
const COSINE = 9;

// cos(pi sqrt(t) / 2) / (1 - t) has no pole at t = 1: its polynomial of degree 7 through the Chebyshev points of [0, 1] is
// off by 2.0e-17 of the value at most, up to the edge where the cosine vanishes (computed in 60 digits).
const COSINE_QUOTIENT: usize = memory.data<f64>(
  [
    1, 1, -0.23370055013616783, -0.23370055013616783, 0.01996895776483613, 0.01996895776483613, -0.000894522998138162,
    -0.000894522998138162, 2.47372750411264e-5, 2.47372750411264e-5, -4.6476318093539006e-7, -4.6476318093539006e-7,
    6.318119670622831e-9, 6.318119670622831e-9, -6.30616956165683e-11, -6.30616956165683e-11,
  ],
  16,
);

/* @inline */ function quotientTerm(index: i32, t: v128): v128 {
  const low = v128.load(COSINE_QUOTIENT + 32 * index);
  return f64x2.add(low, f64x2.mul(v128.load(COSINE_QUOTIENT + 32 * index + 16), t));
}

/** cos(pi sqrt(t) / 2) for t < 1, given 1 - t. */
/* @inline */ function cosine(t: v128, rest: v128): v128 {
  const t2 = f64x2.mul(t, t);
  const low = f64x2.add(quotientTerm(0, t), f64x2.mul(quotientTerm(1, t), t2));
  const high = f64x2.add(quotientTerm(2, t), f64x2.mul(quotientTerm(3, t), t2));
  return f64x2.mul(rest, f64x2.add(low, f64x2.mul(high, f64x2.mul(t2, t2))));
}

/** exp(shift) k(t); compact kernels take no shift. */
/* @inline */ function profile(kernel: i32, t: v128, shift: v128): v128 {
  if (kernel === GAUSSIAN) return exp(f64x2.sub(shift, f64x2.mul(t, half())));
  if (kernel === GAUSSIAN_SHORT) return shortExp(f64x2.sub(shift, f64x2.mul(t, half())));
  if (kernel === EXPONENTIAL) return exp(f64x2.sub(shift, f64x2.sqrt(t)));
  if (kernel === EXPONENTIAL_SHORT) return shortExp(f64x2.sub(shift, f64x2.sqrt(t)));
  if (kernel === TOPHAT) return v128.and(f64x2.le(t, one()), one());
  const rest = f64x2.pmax(f64x2.sub(one(), t), f64x2.splat(0));
  if (kernel === EPANECHNIKOV) return rest;
  if (kernel === BIWEIGHT) return f64x2.mul(rest, rest);
  if (kernel === TRIWEIGHT) return f64x2.mul(f64x2.mul(rest, rest), rest);
  if (kernel === LINEAR) return f64x2.div(rest, f64x2.add(one(), f64x2.sqrt(t)));
  return cosine(f64x2.pmin(t, one()), rest);
}

/** sum_i w_i exp(shift) k(t_i) over `count` (even) distances; the first does not count where `odd`. One loop for each kernel. */
/* @inline */ function sum(kernel: i32, distances: usize, count: i32, weights: usize, shift: f64, odd: i32): f64 {
  const shifts = f64x2.splat(shift);
  const end = distances + 8 * count;
  let mask = odd ? i64x2(0, -1) : i64x2.splat(-1);
  let total = f64x2.splat(0);
  for (; distances < end; distances += 16) {
    let term = profile(kernel, v128.load(distances), shifts);
    if (weights) {
      term = f64x2.mul(term, v128.load(weights));
      weights += 16;
    }
    total = f64x2.add(total, v128.and(term, mask));
    mask = i64x2.splat(-1);
  }
  return f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
}

/** As above, for any kernel. */
export function profileSum(kernel: i32, distances: usize, count: i32, weights: usize, shift: f64, odd: i32): f64 {
  switch (kernel) {
    case GAUSSIAN:
      return sum(GAUSSIAN, distances, count, weights, shift, odd);
    case GAUSSIAN_SHORT:
      return sum(GAUSSIAN_SHORT, distances, count, weights, shift, odd);
    case EXPONENTIAL:
      return sum(EXPONENTIAL, distances, count, weights, shift, odd);
    case EXPONENTIAL_SHORT:
      return sum(EXPONENTIAL_SHORT, distances, count, weights, shift, odd);
    case TOPHAT:
      return sum(TOPHAT, distances, count, weights, shift, odd);
    case EPANECHNIKOV:
      return sum(EPANECHNIKOV, distances, count, weights, shift, odd);
    case BIWEIGHT:
      return sum(BIWEIGHT, distances, count, weights, shift, odd);
    case TRIWEIGHT:
      return sum(TRIWEIGHT, distances, count, weights, shift, odd);
    case LINEAR:
      return sum(LINEAR, distances, count, weights, shift, odd);
    default:
      return sum(COSINE, distances, count, weights, shift, odd);
  }
}

/** k(t) of a compact kernel at two distances. */
/* @inline */ export function profileOf(kernel: i32, t: v128): v128 {
  const none = f64x2.splat(0);
  if (kernel === TOPHAT) return profile(TOPHAT, t, none);
  if (kernel === EPANECHNIKOV) return profile(EPANECHNIKOV, t, none);
  if (kernel === BIWEIGHT) return profile(BIWEIGHT, t, none);
  if (kernel === TRIWEIGHT) return profile(TRIWEIGHT, t, none);
  if (kernel === LINEAR) return profile(LINEAR, t, none);
  return profile(COSINE, t, none);
}
