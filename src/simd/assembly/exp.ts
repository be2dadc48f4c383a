/**
 * exp of two doubles at once.
 *
 *     n = round(x / log 2),   r = x - n log 2,   |r| <= log(2) / 2,   exp(x) = 2^n P(r)
 *
 * P is the polynomial 1 + r + c_2 r^2 + ... of least relative error on that interval (Remez exchange in 50 digits, the
 * first two coefficients held at 1): 3.6e-18 for degree 11, 5.2e-11 for degree 7. It is evaluated by Estrin's scheme, whose
 * chains are a third as long as Horner's. Constants are loaded from memory, each one twice: 18 of them do not fit
 * into the 16 registers, and loading a pair is cheaper than building it.
 *
 * Domain: x <= 700. Below -708.7 the result is 0; `-Infinity` gives 0, `NaN` gives `NaN`.
 *
 * Reference: Muller (2016), *Elementary Functions*, 3rd edition, sections 3.4 and 11.1.
 *
 * @module
 */

// 1.5 2^52 + 1023: added to n it leaves the exponent of 2^n in the lowest bits, ready to be shifted into place.
const CONSTANTS: usize = memory.data<f64>(
  [
    -709,
    -709,
    Math.LOG2E,
    Math.LOG2E,
    6755399441056767,
    6755399441056767,
    // log 2 whole, and in two parts of which the first has 33 significant bits: its product with n is exact.
    Math.LN2,
    Math.LN2,
    0.6931471803691238,
    0.6931471803691238,
    1.9082149292705877e-10,
    1.9082149292705877e-10,
    // Degree 11: 1 and c_2 to c_11.
    1,
    1,
    0.5000000000000011,
    0.5000000000000011,
    0.16666666666666413,
    0.16666666666666413,
    0.041666666666530155,
    0.041666666666530155,
    0.008333333333494461,
    0.008333333333494461,
    0.0013888888943630114,
    0.0013888888943630114,
    0.00019841269506578688,
    0.00019841269506578688,
    2.480149309890655e-5,
    2.480149309890655e-5,
    2.7557586373840165e-6,
    2.7557586373840165e-6,
    2.763024837921144e-7,
    2.763024837921144e-7,
    2.5000061602835666e-8,
    2.5000061602835666e-8,
    // Degree 7: c_2 to c_7.
    0.5000000067681989,
    0.5000000067681989,
    0.16666665868930175,
    0.16666665868930175,
    0.04166629494759485,
    0.04166629494759485,
    0.008333497076167937,
    0.008333497076167937,
    0.001394465960906508,
    0.001394465960906508,
    0.0001979034078049624,
    0.0001979034078049624,
  ],
  16,
);

/* @inline */ function constant(index: i32): v128 {
  return v128.load(CONSTANTS + 16 * index);
}

/* @inline */ function linear(low: i32, high: i32, r: v128): v128 {
  return f64x2.add(constant(low), f64x2.mul(constant(high), r));
}

/* @inline */ function polynomial11(r: v128): v128 {
  const r2 = f64x2.mul(r, r);
  const r4 = f64x2.mul(r2, r2);
  const r8 = f64x2.mul(r4, r4);
  const p0 = f64x2.add(f64x2.add(constant(6), r), f64x2.mul(linear(7, 8, r), r2));
  const p4 = f64x2.add(linear(9, 10, r), f64x2.mul(linear(11, 12, r), r2));
  const p8 = f64x2.add(linear(13, 14, r), f64x2.mul(linear(15, 16, r), r2));
  return f64x2.add(f64x2.add(p0, f64x2.mul(p4, r4)), f64x2.mul(p8, r8));
}

/** exp(x) to about one unit in the last place. */
/* @inline */ export function exp11(argument: v128): v128 {
  // At -709 the exponent field is 0, and so is 2^n.
  const x = f64x2.pmax(argument, constant(0));
  const shifted = f64x2.add(f64x2.mul(x, constant(1)), constant(2));
  const n = f64x2.sub(shifted, constant(2));
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(n, constant(4))), f64x2.mul(n, constant(5)));
  return f64x2.mul(polynomial11(r), i64x2.shl(shifted, 52));
}

/** exp(x) to 6e-11. */
/* @inline */ export function exp7(argument: v128): v128 {
  const x = f64x2.pmax(argument, constant(0));
  const shifted = f64x2.add(f64x2.mul(x, constant(1)), constant(2));
  const n = f64x2.sub(shifted, constant(2));
  const r = f64x2.sub(x, f64x2.mul(n, constant(3)));
  const r2 = f64x2.mul(r, r);
  const p0 = f64x2.add(f64x2.add(constant(6), r), f64x2.mul(linear(17, 18, r), r2));
  const p4 = f64x2.add(linear(19, 20, r), f64x2.mul(linear(21, 22, r), r2));
  const p = f64x2.add(p0, f64x2.mul(p4, f64x2.mul(r2, r2)));
  return f64x2.mul(p, i64x2.shl(shifted, 52));
}
