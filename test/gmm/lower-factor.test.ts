/**
 * Factors without products: against products, in units of any size, and where a product would be singular.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { lowerFactor } from '../../src/gmm/lower-factor.js';

function product(m: readonly number[], rows: number, width: number): number[] {
  return Array.from({ length: rows * rows }, (_, at) => {
    const [i, j] = [Math.floor(at / rows), at % rows];
    let sum = 0;
    for (let t = 0; t < width; t++) sum += m[i * width + t] * m[j * width + t];
    return sum;
  });
}

describe('lower factors', () => {
  test('have the product of what they factorize, are lower triangular with a positive diagonal', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 5 }), fc.integer(), (rows, more, seed) => {
        const width = rows + more;
        const stream = RandomStream.of(seed, 'lower factor');
        // Rows in units from 1e-6 to 1e6.
        const m = Array.from(
          { length: rows * width },
          (_, at) => stream.normal() * 10 ** (6 - 4 * (Math.floor(at / width) % 4)),
        );
        const { lower, logDeterminant } = lowerFactor(Float64Array.from(m), rows, width);
        const [expected, found] = [product(m, rows, width), product([...lower], rows, rows)];
        for (let i = 0; i < rows; i++) {
          expect(lower[i * rows + i]).toBeGreaterThan(0);
          for (let j = 0; j < rows; j++) {
            if (j > i) expect(lower[i * rows + j]).toBe(0);
            const unit = Math.sqrt(expected[i * rows + i] * expected[j * rows + j]);
            expect(found[i * rows + j] / unit).toBeCloseTo(expected[i * rows + j] / unit, 12);
          }
        }
        const logDiagonal = Array.from({ length: rows }, (_, i) => Math.log(lower[i * rows + i]));
        expect(logDeterminant).toBeCloseTo(2 * logDiagonal.reduce((a, b) => a + b), 10);
      }),
    );
  });

  test('keep digits that a product would lose', () => {
    // Rows (1, 0) and (1, 1e-12): the product is (1, 1; 1, 1) in doubles, and singular.
    expect(lowerFactor(Float64Array.of(1, 0, 1, 1e-12), 2, 2).lower).toEqual(Float64Array.of(1, 0, 1, 1e-12));
    const { lower } = lowerFactor(Float64Array.of(1e-200, 1e-200, 0, 3e200), 2, 2);
    expect(lower[0] / (Math.SQRT2 * 1e-200)).toBeCloseTo(1, 14);
    expect(lower[3] / (Math.SQRT1_2 * 3e200)).toBeCloseTo(1, 14);
  });
});
