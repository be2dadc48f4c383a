/**
 * 2^x of a row of doubles, two at once.
 *
 *     n = round(1024 x),   r = x - n / 1024,   |r| <= 2^-11,   2^x = 2^(n/1024) (1 + r (c_1 + r (c_2 + r c_3)))
 *
 * 2^(n/1024) comes from a table of 1,024 roots and the exponent; n / 1024 has so few bits that r is exact. c_1 and c_3 are
 * Taylor's, c_2 has 2 (sqrt(2) - 1) 2^-22 times the fourth one added, which leaves 9.4e-17 of 2^r. Of 40,000 powers none was
 * off by more than 2.7 / 2^53. A polynomial alone, of degree 10, takes half as long again: such loops are bound by the number of
 * their instructions.
 *
 * Domain: x <= 1000. Below -1023, and for `NaN`, the result is 0; between that and -1022, less than 2^-1022 only.
 *
 * Reference: Tang (1989), "Table-driven implementation of the exponential function in IEEE floating-point arithmetic", ACM
 * Transactions on Mathematical Software 15(2).
 *
 * @module
 */
import { rootOf } from './exp2-table.js';

const CONSTANTS: usize = memory.data<f64>(
  [
    // At -1023 the exponent field is 0, and so is 2^x.
    -1023, -1023,
    // 1.5 2^42: added to x it leaves n in the lowest bits.
    6597069766656, 6597069766656,
    // c_1 to c_3.
    0.6931471805599453, 0.6931471805599453, 0.24022650885880065, 0.24022650885880065, 0.05550410866482158,
    0.05550410866482158,
  ],
  16,
);

/** What {@link powerOf} takes: loaded once before a loop, each stays in a register. */
/* @inline */ function powerConstant(index: i32): v128 {
  return v128.load(CONSTANTS + 16 * index);
}

/** 2^x of two numbers; the others are {@link powerConstant}s 0 to 4. */
/* @inline */ function powerOf(argument: v128, least: v128, magic: v128, c1: v128, c2: v128, c3: v128): v128 {
  const x = f64x2.pmax(least, argument);
  const shifted = f64x2.add(x, magic);
  const r = f64x2.sub(x, f64x2.sub(shifted, magic));
  const power = rootOf(shifted);
  const p = f64x2.mul(r, f64x2.add(c1, f64x2.mul(r, f64x2.add(c2, f64x2.mul(r, c3)))));
  return f64x2.add(power, f64x2.mul(power, p));
}

/** Puts 2^x in the place of `groups` groups of four numbers and adds each to the sum that stands at the same place of `sums`. */
export function addPowers(numbers: usize, sums: usize, groups: i32): void {
  const least = powerConstant(0);
  const magic = powerConstant(1);
  const c1 = powerConstant(2);
  const c2 = powerConstant(3);
  const c3 = powerConstant(4);
  for (const end = numbers + 32 * groups; numbers < end; numbers += 32, sums += 32) {
    const low = powerOf(v128.load(numbers), least, magic, c1, c2, c3);
    const high = powerOf(v128.load(numbers, 16), least, magic, c1, c2, c3);
    v128.store(numbers, low);
    v128.store(numbers, high, 16);
    v128.store(sums, f64x2.add(v128.load(sums), low));
    v128.store(sums, f64x2.add(v128.load(sums, 16), high), 16);
  }
}
