/**
 * Small words for pairs of doubles.
 *
 * @module
 */

// In loops a constant is loaded from memory: written out, it would be built anew at each use, in four instructions.
const COMMON: usize = memory.data<f64>(
  [
    0.5,
    0.5,
    1,
    1,
    2,
    2,
    -Infinity,
    -Infinity,
    Infinity,
    Infinity,
    Math.SQRT1_2,
    Math.SQRT1_2,
    4503599627370496,
    4503599627370496,
  ],
  16,
);

/* @inline */ export function half(): v128 {
  return v128.load(COMMON);
}

/* @inline */ export function one(): v128 {
  return v128.load(COMMON + 16);
}

/* @inline */ export function two(): v128 {
  return v128.load(COMMON + 32);
}

/* @inline */ export function minusInfinity(): v128 {
  return v128.load(COMMON + 48);
}

/* @inline */ export function infinity(): v128 {
  return v128.load(COMMON + 64);
}

/** sqrt(1/2). */
/* @inline */ export function rootHalf(): v128 {
  return v128.load(COMMON + 80);
}

/** 2^52. */
/* @inline */ export function mantissaEnd(): v128 {
  return v128.load(COMMON + 96);
}

/** One double, twice. */
/* @inline */ export function splat(address: usize): v128 {
  return v128.load64_splat(address);
}

/** The sum of the two. */
/* @inline */ export function across(pair: v128): f64 {
  return f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1);
}

/** Adds to a double in memory. */
/* @inline */ export function addTo(address: usize, term: f64): void {
  store<f64>(address, load<f64>(address) + term);
}
