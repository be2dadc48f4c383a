/**
 * 2^x of a row of doubles, two at once.
 *
 *     n = round(x),   r = x - n,   |r| <= 1/2,   2^x = 2^n P(r)
 *
 * P is the polynomial of degree 10 of least relative error on that interval (Remez exchange in 50 digits): 2.1e-16. As n is
 * an integer, r is exact. Evaluated by Estrin's scheme. The first steps of a pair are taken beside the last ones of the pair
 * before: a chain of 40 cycles would else keep half of the arithmetic units waiting.
 *
 * Domain: x <= 1000. Below -1023, and for `NaN`, the result is 0.
 *
 * Reference: Muller (2016), *Elementary Functions*, 3rd edition, sections 3.4 and 11.1.
 *
 * @module
 */

const CONSTANTS: usize = memory.data<f64>(
  [
    // At -1023 the exponent field is 0, and so is 2^n.
    -1023, -1023,
    // 1.5 2^52 + 1023: added to x it leaves the exponent of 2^n in the lowest bits, ready to be shifted into place.
    6755399441056767, 6755399441056767, 1, 1, 0.6931471805599497, 0.6931471805599497, 0.24022650695908768,
    0.24022650695908768, 0.05550410866445883, 0.05550410866445883, 0.00961812910803459, 0.00961812910803459,
    0.0013333558228561476, 0.0013333558228561476, 0.00015403529961135955, 0.00015403529961135955, 1.5252658116561384e-5,
    1.5252658116561384e-5, 1.3215662831846104e-6, 1.3215662831846104e-6, 1.0208537904552164e-7, 1.0208537904552164e-7,
    7.037279530582804e-9, 7.037279530582804e-9,
  ],
  16,
);

/* @inline */ function constant(index: i32): v128 {
  return v128.load(CONSTANTS + 16 * index);
}

/* @inline */ function plus(a: v128, b: v128, r: v128): v128 {
  return f64x2.add(a, f64x2.mul(b, r));
}

/**
 * Puts 2^x in the place of `pairs` pairs of numbers and adds each to the sum that stands at the same place of `sums`.
 *
 * Reads, but does not write, one pair beyond the last.
 */
export function addPowers(numbers: usize, sums: usize, pairs: i32): void {
  const least = constant(0);
  const magic = constant(1);
  const c0 = constant(2);
  const c1 = constant(3);
  const c2 = constant(4);
  const c3 = constant(5);
  const c4 = constant(6);
  const c5 = constant(7);
  const c6 = constant(8);
  const c7 = constant(9);
  const c8 = constant(10);
  const c9 = constant(11);
  const c10 = constant(12);
  let x = f64x2.pmax(least, v128.load(numbers));
  let shifted = f64x2.add(x, magic);
  let r = f64x2.sub(x, f64x2.sub(shifted, magic));
  const end = numbers + 16 * pairs;
  for (; numbers < end; numbers += 16, sums += 16) {
    x = f64x2.pmax(least, v128.load(numbers, 16));
    const nextShifted = f64x2.add(x, magic);
    const next = f64x2.sub(x, f64x2.sub(nextShifted, magic));
    const r2 = f64x2.mul(r, r);
    const r4 = f64x2.mul(r2, r2);
    const low = plus(plus(c0, c1, r), plus(c2, c3, r), r2);
    const middle = plus(plus(c4, c5, r), plus(c6, c7, r), r2);
    const high = plus(plus(c8, c9, r), c10, r2);
    const power = f64x2.mul(plus(low, plus(middle, high, r4), r4), i64x2.shl(shifted, 52));
    v128.store(numbers, power);
    v128.store(sums, f64x2.add(v128.load(sums), power));
    shifted = nextShifted;
    r = next;
  }
}
