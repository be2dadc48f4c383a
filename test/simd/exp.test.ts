import { describe, expect, it } from 'vitest';
import { bytes } from '../../src/simd/kernel-sums.generated.js';
import { instantiate } from '../../src/simd/webassembly.js';

interface Exports {
  exponentials(numbers: number, count: number, isShort: boolean): void;
}

const SIZE = 1 << 16;

/** exp of each number by the compiled loops. */
function exponentials(values: ArrayLike<number>, isShort: boolean): Float64Array {
  const loaded = instantiate<Exports>(bytes, [SIZE]);
  if (loaded === undefined) throw new Error('no compiled loops');
  const [array] = loaded.arrays;
  array.set(values);
  loaded.exports.exponentials(array.byteOffset, values.length + (values.length % 2), isShort);
  return array.slice(0, values.length);
}

/** Largest relative difference from Math.exp, which is good to one unit in the last place, over an even grid. */
function worstError(low: number, high: number, isShort: boolean): number {
  const x = Float64Array.from({ length: SIZE }, (_, i) => low + ((high - low) * (i + 0.5)) / SIZE);
  const got = exponentials(x, isShort);
  return x.reduce((worst, value, i) => Math.max(worst, Math.abs(got[i] / Math.exp(value) - 1)), 0);
}

describe('the exponential', () => {
  // Measured: 4.4e-16 over each range, beside Math.exp, which is off by up to a unit itself.
  it.each([
    [-1e-12, 0],
    [-1, 0],
    [-40, 0],
    [-708, 0],
    [-708, -700],
    [0, 700],
  ])('is right to 4.5e-16, two units, from %d to %d', (low, high) => {
    expect(worstError(low, high, false)).toBeLessThan(4.5e-16);
  });

  // Measured: 1.62e-12 near 0, 1.69e-12 over the whole range; the polynomial itself is off by 1.62e-12.
  it.each([
    [-1, 0],
    [-40, 0],
    [-708, 0],
  ])('of the shorter kind is right to 2e-12 from %d to %d', (low, high) => {
    expect(worstError(low, high, true)).toBeLessThan(2e-12);
  });

  describe.each([
    ['full', false],
    ['shorter', true],
  ])('of the %s kind', (_, isShort) => {
    it('underflows to 0 where numbers lose digits, and never to garbage', () => {
      const x = Array.from({ length: 4000 }, (_, i) => -700 - i * 0.0125);
      const got = exponentials(x, isShort);
      for (let i = 0; i < x.length; i++) {
        const truth = Math.exp(x[i]);
        if (x[i] < -1022 * Math.LN2) expect(got[i]).toBe(0);
        else expect(Math.abs(got[i] / truth - 1)).toBeLessThan(2e-12);
      }
      const extremes = [-745, -746, -1000, -1e10, -1e300, -Number.MAX_VALUE, Number.NEGATIVE_INFINITY];
      expect([...exponentials(extremes, isShort)]).toEqual(extremes.map(() => 0));
    });

    it('is 1 at 0 and keeps NaN', () => {
      expect([...exponentials([0, -0, Number.NaN, -5e-324], isShort)]).toEqual([1, 1, Number.NaN, 1]);
    });
  });
});
