import { describe, expect, it } from 'vitest';
import { bytes } from '../../src/simd/kernel-sums.generated.js';
import { instantiate } from '../../src/simd/webassembly.js';

interface Exports {
  exponentials(numbers: number, count: number, degree: number): void;
}

const SIZE = 1 << 16;

/** exp of each number by the compiled polynomial. */
function exponentials(values: ArrayLike<number>, degree: number): Float64Array {
  const loaded = instantiate<Exports>(bytes, [SIZE]);
  if (loaded === undefined) throw new Error('no compiled loops');
  const [array] = loaded.arrays;
  array.set(values);
  loaded.exports.exponentials(array.byteOffset, values.length + (values.length % 2), degree);
  return array.slice(0, values.length);
}

/** Largest relative difference from Math.exp, which is good to one unit in the last place, over an even grid. */
function worstError(low: number, high: number, degree: number): number {
  const x = Float64Array.from({ length: SIZE }, (_, i) => low + ((high - low) * (i + 0.5)) / SIZE);
  const got = exponentials(x, degree);
  return x.reduce((worst, value, i) => Math.max(worst, Math.abs(got[i] / Math.exp(value) - 1)), 0);
}

describe('the exponential', () => {
  // Measured: 3.3e-16 near 0 and over the whole range.
  it.each([
    [-1e-12, 0],
    [-1, 0],
    [-40, 0],
    [-708, 0],
    [-708, -700],
    [0, 700],
  ])('of degree 11 is right to 4.5e-16, two units, from %d to %d', (low, high) => {
    expect(worstError(low, high, 11)).toBeLessThan(4.5e-16);
  });

  // Measured: 5.18e-11 near 0, 5.19e-11 over the whole range; the polynomial itself is off by 5.18e-11.
  it.each([
    [-1, 0],
    [-40, 0],
    [-708, 0],
  ])('of degree 7 is right to 6e-11 from %d to %d', (low, high) => {
    expect(worstError(low, high, 7)).toBeLessThan(6e-11);
  });

  it.each([11, 7])('of degree %d underflows to 0 and never to garbage', (degree) => {
    const x = Array.from({ length: 4000 }, (_, i) => -700 - i * 0.0125);
    const got = exponentials(x, degree);
    for (let i = 0; i < x.length; i++) {
      const truth = Math.exp(x[i]);
      // Results round to 2^-1022.5 at the least: half way, in logarithms, from the least normal number to its half.
      if (x[i] < -1022.5 * Math.LN2) expect(got[i]).toBe(0);
      else expect(Math.abs(got[i] - truth)).toBeLessThan(1e-10 * truth + 5e-324);
    }
    const extremes = [-745, -746, -1000, -1e10, -1e300, -Number.MAX_VALUE, Number.NEGATIVE_INFINITY];
    expect([...exponentials(extremes, degree)]).toEqual(extremes.map(() => 0));
  });

  it.each([11, 7])('of degree %d is 1 at 0 and keeps NaN', (degree) => {
    expect([...exponentials([0, -0, Number.NaN, -5e-324], degree)]).toEqual([1, 1, Number.NaN, 1]);
  });
});
