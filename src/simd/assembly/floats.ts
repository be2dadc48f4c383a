/**
 * Elementary functions of four floats at once, to about one unit in the last place of float32.
 *
 *     exp x = 2^n P(r),  n = round(x / log 2),  r = x - n log 2        log x = e log 2 + Q(m),  x = 2^e m
 *     tanh x = x + x^3 R(x^2) below 0.625, 1 - 2 / (exp 2x + 1) above
 *     sin x, cos x = +-S(r) or +-C(r),  r = |x| - q pi / 2,  |r| <= pi / 4
 *     log1p u = log w + (u - (w - 1)) / w,  w = 1 + u                  softplus x = max(x, 0) + log1p exp(-|x|)
 *
 * `NaN` gives `NaN`; exp overflows to infinity and underflows through the subnormal numbers to 0.
 *
 * References: the polynomials are those of Cephes' single-precision library (Moshier 1992, https://netlib.org/cephes/);
 * Goldberg (1991), doi:10.1145/103162.103163, theorem 4, for log1p.
 *
 * @module
 */

/* @inline */ function horner(x: v128, sum: v128, coefficient: f32): v128 {
  return f32x4.add(f32x4.mul(sum, x), f32x4.splat(coefficient));
}

/** 2^n for whole n from -126 to 127. */
/* @inline */ function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/* @inline */ export function expOf(argument: v128): v128 {
  // Beyond these the result is 0 or infinity anyway.
  const x = f32x4.pmin(f32x4.pmax(argument, f32x4.splat(-105)), f32x4.splat(90));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.4426950408889634)));
  // log 2 in two parts, the first short enough that its product with n is exact.
  const reduced = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  const r = f32x4.sub(reduced, f32x4.mul(n, f32x4.splat(-2.1219444005469057e-4)));
  let p = f32x4.splat(1.98756915e-4);
  p = horner(r, p, 1.3981999507e-3);
  p = horner(r, p, 8.3334519073e-3);
  p = horner(r, p, 4.1665795894e-2);
  p = horner(r, p, 1.6666665459e-1);
  p = horner(r, p, 5.0000001201e-1);
  p = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  // In two factors, as n runs from -152 to 130.
  const whole = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

/** log of x in [2^-126, infinity). */
/* @inline */ function logOfNormal(x: v128): v128 {
  const exponent = i32x4.sub(i32x4.shr_s(x, 23), i32x4.splat(126));
  // In [1/2, 1).
  const mantissa = v128.or(v128.and(x, i32x4.splat(0x7fffff)), i32x4.splat(0x3f000000));
  const isLow = f32x4.lt(mantissa, f32x4.splat(0.7071067811865476));
  const e = f32x4.convert_i32x4_s(i32x4.add(exponent, isLow));
  const f = f32x4.sub(f32x4.add(mantissa, v128.and(mantissa, isLow)), f32x4.splat(1));
  let p = f32x4.splat(7.0376836292e-2);
  p = horner(f, p, -1.151461031e-1);
  p = horner(f, p, 1.167699874e-1);
  p = horner(f, p, -1.2420140846e-1);
  p = horner(f, p, 1.4249322787e-1);
  p = horner(f, p, -1.6668057665e-1);
  p = horner(f, p, 2.0000714765e-1);
  p = horner(f, p, -2.4999993993e-1);
  p = horner(f, p, 3.3333331174e-1);
  const f2 = f32x4.mul(f, f);
  let y = f32x4.mul(f32x4.mul(f, f2), p);
  y = f32x4.add(y, f32x4.mul(e, f32x4.splat(-2.1219444005469057e-4)));
  y = f32x4.sub(y, f32x4.mul(f2, f32x4.splat(0.5)));
  return f32x4.add(f32x4.add(f, y), f32x4.mul(e, f32x4.splat(0.693359375)));
}

/** log x; minus infinity at 0, `NaN` below. */
/* @inline */ export function logOf(x: v128): v128 {
  // Subnormal numbers are brought into range: 2^23, whose logarithm is subtracted.
  const isSmall = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, isSmall);
  const y = f32x4.sub(logOfNormal(scaled), v128.and(isSmall, f32x4.splat(15.942385152878742)));
  const atZero = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0)));
  const belowInfinity = f32x4.lt(x, f32x4.splat(Infinity));
  const finite = v128.bitselect(atZero, x, belowInfinity);
  return v128.bitselect(f32x4.splat(NaN), finite, f32x4.lt(x, f32x4.splat(0)));
}

/* @inline */ export function tanhOf(x: v128): v128 {
  const size = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let p = f32x4.splat(-5.70498872745e-3);
  p = horner(z, p, 2.06390887954e-2);
  p = horner(z, p, -5.37397155531e-2);
  p = horner(z, p, 1.33314422036e-1);
  p = horner(z, p, -3.33332819422e-1);
  const near = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  const power = expOf(f32x4.add(size, size));
  const far = f32x4.sub(f32x4.splat(1), f32x4.div(f32x4.splat(2), f32x4.add(power, f32x4.splat(1))));
  const signed = v128.or(far, v128.and(x, i32x4.splat(0x80000000)));
  return v128.bitselect(near, signed, f32x4.lt(size, f32x4.splat(0.625)));
}

/* @inline */ export function sigmoidOf(x: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), expOf(f32x4.neg(x))));
}

/* @inline */ export function softplusOf(x: v128): v128 {
  const u = expOf(f32x4.neg(f32x4.abs(x)));
  const w = f32x4.add(f32x4.splat(1), u);
  const rest = f32x4.div(f32x4.sub(u, f32x4.sub(w, f32x4.splat(1))), w);
  return f32x4.add(f32x4.max(x, f32x4.splat(0)), f32x4.add(logOfNormal(w), rest));
}

/** sin x, or cos x = sin(|x| + pi / 2); to 1e-7 absolutely for |x| <= 8192, worse in proportion to x beyond. */
/* @inline */ export function sineOf(x: v128, isCosine: bool): v128 {
  const size = f32x4.abs(x);
  const nearest = f32x4.nearest(f32x4.mul(size, f32x4.splat(0.6366197723675814)));
  const quarter = i32x4.add(i32x4.trunc_sat_f32x4_s(nearest), i32x4.splat(isCosine ? 1 : 0));
  // pi / 2 in three parts, the first two short enough that their products with the quarter are exact.
  let r = f32x4.sub(size, f32x4.mul(nearest, f32x4.splat(1.5703125)));
  r = f32x4.sub(r, f32x4.mul(nearest, f32x4.splat(4.83751296997e-4)));
  r = f32x4.sub(r, f32x4.mul(nearest, f32x4.splat(7.54979012e-8)));
  const z = f32x4.mul(r, r);
  let s = f32x4.splat(-1.9515295891e-4);
  s = horner(z, s, 8.3321608736e-3);
  s = horner(z, s, -1.6666654611e-1);
  s = f32x4.add(f32x4.mul(f32x4.mul(s, z), r), r);
  let c = f32x4.splat(2.443315711809948e-5);
  c = horner(z, c, -1.388731625493765e-3);
  c = horner(z, c, 4.166664568298827e-2);
  c = f32x4.add(f32x4.sub(f32x4.mul(f32x4.mul(c, z), z), f32x4.mul(z, f32x4.splat(0.5))), f32x4.splat(1));
  const isOdd = i32x4.shr_s(i32x4.shl(quarter, 31), 31);
  const y = v128.bitselect(c, s, isOdd);
  // Two and three quarters further, the sign turns.
  const turned = v128.xor(y, v128.and(i32x4.shl(quarter, 30), i32x4.splat(0x80000000)));
  return isCosine ? turned : v128.xor(turned, v128.and(x, i32x4.splat(0x80000000)));
}
