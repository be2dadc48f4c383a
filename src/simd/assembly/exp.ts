/**
 * exp of two doubles at once.
 *
 *     n = round(1024 x / log 2),   r = x - n log(2) / 1024,   |r| <= log(2) / 2048,   exp(x) = 2^(n/1024) P(r)
 *
 * 2^(n/1024) comes from a table of 1,024 roots and the exponent. P = 1 + r + c_2 r^2 + r^3 / 6, with c_2 a little above 1/2, is
 * off by 9.4e-17 of exp(r), and P = 1 + r (c_1 + r / 2), with c_1 a little above 1, by 1.62e-12. Polynomials alone, of degree
 * 11 and 7, take up to half as long again: what bounds such loops is the number of their instructions.
 *
 * Domain: x <= 700. Below -708.3964 = -1022 log 2, where numbers have fewer digits, the result is 0; `-Infinity` gives 0, `NaN`
 * gives `NaN`.
 *
 * References: Tang (1989), "Table-driven implementation of the exponential function in IEEE floating-point arithmetic", ACM
 * Transactions on Mathematical Software 15(2); Muller (2016), *Elementary Functions*, 3rd edition, section 11.1.
 *
 * @module
 */
import { rootOf } from './exp2-table.js';

const CONSTANTS: usize = memory.data<f64>(
  [
    // 1024 / log 2.
    1477.3197218702985, 1477.3197218702985,
    // 1.5 2^52: added to a number it leaves the nearest integer in the lowest bits.
    6755399441055744, 6755399441055744,
    // log(2) / 1024 whole, and in two parts of which the first has 32 significant bits: its product with n is exact.
    0.0006769015435155716, 0.0006769015435155716, 0.0006769015433292225, 0.0006769015433292225, 1.8634911418658083e-13,
    1.8634911418658083e-13,
    // c_2 = 1/2 + 2 (sqrt(2) - 1) h^2 / 24 with h = log(2) / 2048, and 1/6.
    0.5000000039539765, 0.5000000039539765, 0.16666666666666666, 0.16666666666666666,
    // c_1 = 1 + h^2 / 8, and 1/2.
    1.0000000143186156, 1.0000000143186156, 0.5, 0.5,
    // -1022 log 2.
    -708.3964185322641, -708.3964185322641,
  ],
  16,
);

/* @inline */ function constant(index: i32): v128 {
  return v128.load(CONSTANTS + 16 * index);
}

/** The power, or 0 where x is too small for it. */
/* @inline */ function ifNormal(x: v128, power: v128): v128 {
  return v128.andnot(power, f64x2.lt(x, constant(9)));
}

/** exp(x) to about one unit in the last place. */
/* @inline */ export function exp(x: v128): v128 {
  const shifted = f64x2.add(f64x2.mul(x, constant(0)), constant(1));
  const n = f64x2.sub(shifted, constant(1));
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(n, constant(3))), f64x2.mul(n, constant(4)));
  const root = rootOf(shifted);
  const p = f64x2.add(r, f64x2.mul(f64x2.mul(r, r), f64x2.add(constant(5), f64x2.mul(r, constant(6)))));
  return ifNormal(x, f64x2.add(root, f64x2.mul(root, p)));
}

/** exp(x) to 2e-12. */
/* @inline */ export function shortExp(x: v128): v128 {
  const shifted = f64x2.add(f64x2.mul(x, constant(0)), constant(1));
  const r = f64x2.sub(x, f64x2.mul(f64x2.sub(shifted, constant(1)), constant(2)));
  const root = rootOf(shifted);
  const p = f64x2.mul(r, f64x2.add(constant(7), f64x2.mul(r, constant(8))));
  return ifNormal(x, f64x2.add(root, f64x2.mul(root, p)));
}
