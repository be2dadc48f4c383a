/**
 * log of two doubles at once.
 *
 *     x = 2^e m,  m in [sqrt(1/2), sqrt(2)),   f = m - 1,   s = f / (2 + f),   log m = f - s (f - s^2 P(s^2))
 *
 * from log m = 2 artanh(s) and 2 s = f - s f. P is the polynomial of degree 6 through the Chebyshev points of
 * (2 artanh(s) / s - 2) / s^2, off by 4.6e-18 of log m (computed in 60 digits).
 *
 * Domain: normal positive x; others give garbage.
 *
 * Reference: Muller (2016), *Elementary Functions*, 3rd edition, section 11.2.
 *
 * @module
 */
import { mantissaEnd, one, rootHalf, two } from './vectors.js';

const CONSTANTS: usize = memory.data<f64>(
  [
    0.666666666666667, 0.666666666666667, 0.39999999999899494, 0.39999999999899494, 0.28571428625981043,
    0.28571428625981043, 0.22222211133888148, 0.22222211133888148, 0.18182889191339113, 0.18182889191339113,
    0.15331719404173863, 0.15331719404173863, 0.1461647683302389, 0.1461647683302389,
    // log 2 in two parts: the first has 33 significant bits, so that its product with e is exact.
    0.6931471803691238, 0.6931471803691238, 1.9082149292705877e-10, 1.9082149292705877e-10,
    // 2^52 + 1023.
    4503599627371519, 4503599627371519,
  ],
  16,
);

/* @inline */ function constant(index: i32): v128 {
  return v128.load(CONSTANTS + 16 * index);
}

/* @inline */ function linear(low: i32, high: i32, z: v128): v128 {
  return f64x2.add(constant(low), f64x2.mul(constant(high), z));
}

/** log x to about one unit in the last place. */
/* @inline */ export function log(x: v128): v128 {
  // The bits of sqrt(1/2) taken off and those of 1 added, what is left above the mantissa is e + 1023.
  const exponent = i64x2.shr_u(i64x2.add(i64x2.sub(x, rootHalf()), one()), 52);
  const m = i64x2.add(i64x2.sub(x, i64x2.shl(exponent, 52)), one());
  // An integer below 2^52 becomes a double in the mantissa of 2^52.
  const e = f64x2.sub(v128.or(exponent, mantissaEnd()), constant(9));
  const f = f64x2.sub(m, one());
  const s = f64x2.div(f, f64x2.add(two(), f));
  const z = f64x2.mul(s, s);
  const z2 = f64x2.mul(z, z);
  const low = f64x2.add(linear(0, 1, z), f64x2.mul(linear(2, 3, z), z2));
  const high = f64x2.add(linear(4, 5, z), f64x2.mul(constant(6), z2));
  const p = f64x2.mul(z, f64x2.add(low, f64x2.mul(high, f64x2.mul(z2, z2))));
  const rest = f64x2.sub(f64x2.mul(e, constant(8)), f64x2.mul(s, f64x2.sub(f, p)));
  return f64x2.add(f64x2.mul(e, constant(7)), f64x2.add(f, rest));
}
