import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cholesky, invertLower, symmetricEigen } from '../../src/core/linalg.js';

/** A B of two row-major d x d matrices. */
function multiply(a: ArrayLike<number>, b: ArrayLike<number>, d: number): Float64Array {
  const product = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) for (let k = 0; k < d; k++) product[i * d + j] += a[i * d + k] * b[k * d + j];
  }
  return product;
}

function transpose(a: ArrayLike<number>, d: number): Float64Array {
  return Float64Array.from({ length: d * d }, (_, i) => a[(i % d) * d + Math.floor(i / d)]);
}

/** D A D for D = diag(scales). */
function rescale(a: ArrayLike<number>, scales: readonly number[]): Float64Array {
  const d = scales.length;
  return Float64Array.from({ length: d * d }, (_, i) => a[i] * scales[Math.floor(i / d)] * scales[i % d]);
}

/** Random B of entries in [-1, 1], and B B^T + I / 4. */
const positiveDefinite = fc
  .integer({ min: 1, max: 6 })
  .chain((d) =>
    fc.tuple(
      fc.constant(d),
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: d * d, maxLength: d * d }),
    ),
  )
  .map(([d, b]) => {
    const matrix = multiply(b, transpose(b, d), d);
    for (let i = 0; i < d; i++) matrix[i * d + i] += 0.25;
    return { d, matrix };
  });

function factorOf(matrix: ArrayLike<number>, d: number) {
  const factor = cholesky(matrix, d);
  if (factor === undefined) throw new Error('must be positive definite');
  return factor;
}

describe('cholesky', () => {
  test('the textbook 3 x 3', () => {
    // [[4, 12, -16], [12, 37, -43], [-16, -43, 98]] = L L^T with L = [[2], [6, 1], [-8, 5, 3]].
    const { lower, logDeterminant } = factorOf([4, 12, -16, 12, 37, -43, -16, -43, 98], 3);
    const expected = [2, 0, 0, 6, 1, 0, -8, 5, 3];
    for (let i = 0; i < 9; i++) expect(lower[i]).toBeCloseTo(expected[i], 13);
    expect(logDeterminant).toBeCloseTo(Math.log(36), 13);
  });

  test('equicorrelation: det = (1 - r)^(d - 1) (1 + (d - 1) r)', () => {
    for (const [d, r] of [
      [2, 0.999999],
      [5, 0.5],
      [20, 0.99],
    ]) {
      const matrix = Float64Array.from({ length: d * d }, (_, i) => (i % (d + 1) === 0 ? 1 : r));
      const expected = (d - 1) * Math.log1p(-r) + Math.log1p((d - 1) * r);
      expect(factorOf(matrix, d).logDeterminant / expected).toBeCloseTo(1, 9);
    }
  });

  test('L L^T is the matrix, and L is lower-triangular with a positive diagonal', () => {
    fc.assert(
      fc.property(positiveDefinite, ({ d, matrix }) => {
        const { lower } = factorOf(matrix, d);
        const product = multiply(lower, transpose(lower, d), d);
        for (let i = 0; i < d * d; i++) expect(Math.abs(product[i] - matrix[i])).toBeLessThan(1e-13 * d);
        for (let i = 0; i < d; i++) {
          expect(lower[i * d + i]).toBeGreaterThan(0);
          for (let j = i + 1; j < d; j++) expect(lower[i * d + j]).toBe(0);
        }
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  test('columns in other units: the factor scales with them, from 1e-6 beside 1e6 to the ends of the range', () => {
    const matrix = [1, 0.5, 0.2, 0.5, 1, 0.3, 0.2, 0.3, 1];
    const plain = factorOf(matrix, 3);
    for (const scales of [
      [1e-6, 1, 1e6],
      [1e-150, 1e150, 1],
    ]) {
      const { lower, logDeterminant } = factorOf(rescale(matrix, scales), 3);
      for (let i = 0; i < 9; i++) {
        expect(lower[i] / scales[Math.floor(i / 3)]).toBeCloseTo(plain.lower[i], 14);
      }
      const shift = 2 * scales.reduce((sum, scale) => sum + Math.log(scale), 0);
      expect(logDeterminant).toBeCloseTo(plain.logDeterminant + shift, 9);
    }
  });

  test('an asymmetry of rounding is averaged', () => {
    const { lower } = factorOf([1, 0.5, 0.5 + 2 ** -53, 1], 2);
    expect(lower[2]).toBeCloseTo(0.5, 15);
  });

  test.each<[string, number[], number]>([
    ['indefinite', [1, 2, 2, 1], 2],
    ['zero', [0], 1],
    ['negative', [-1], 1],
    ['singular', [1, 1, 1, 1], 2],
    ['singular by rounding', [1, 1 - 2 ** -52, 1 - 2 ** -52, 1], 2],
    ['of rank 1 with uneven entries', [0.01, 0.03, 0.07, 0.03, 0.09, 0.21, 0.07, 0.21, 0.49], 3],
    ['NaN', [1, Number.NaN, Number.NaN, 1], 2],
    ['infinite', [Number.POSITIVE_INFINITY], 1],
    ['zero variance beside others', [1, 0, 0, 0], 2],
  ])('refuses a matrix that is %s', (_, matrix, d) => {
    expect(cholesky(matrix, d)).toBeUndefined();
    expect(cholesky(rescale(matrix, new Array(d).fill(1e-6)), d)).toBeUndefined();
  });

  test('near to singular is not singular', () => {
    const r = 1 - 1e-12;
    expect(factorOf([1, r, r, 1], 2).logDeterminant).toBeCloseTo(Math.log1p(-r * r), 3);
  });
});

test('invertLower: L^-1 L = I', () => {
  fc.assert(
    fc.property(positiveDefinite, ({ d, matrix }) => {
      const { lower } = factorOf(matrix, d);
      const product = multiply(invertLower(lower, d), lower, d);
      for (let i = 0; i < d * d; i++) expect(product[i]).toBeCloseTo(i % (d + 1) === 0 ? 1 : 0, 11);
    }),
    { seed: 2, numRuns: 100 },
  );
  expect(Array.from(invertLower([2, 0, 6, 4], 2))).toEqual([0.5, 0, -0.75, 0.25]);
});

describe('symmetricEigen', () => {
  test('the second-difference matrix: 2 - 2 cos(k pi / (d + 1))', () => {
    const d = 8;
    const entry = (i: number, j: number) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0);
    const matrix = Float64Array.from({ length: d * d }, (_, i) => entry(Math.floor(i / d), i % d));
    const { values } = symmetricEigen(matrix, d);
    for (let k = 0; k < d; k++) expect(values[k]).toBeCloseTo(2 - 2 * Math.cos(((k + 1) * Math.PI) / (d + 1)), 13);
  });

  test('A v = value v, ascending, orthonormal', () => {
    fc.assert(
      fc.property(positiveDefinite, ({ d, matrix }) => {
        const { values, vectors } = symmetricEigen(matrix, d);
        const gram = multiply(vectors, transpose(vectors, d), d);
        for (let k = 0; k < d; k++) {
          if (k > 0) expect(values[k]).toBeGreaterThanOrEqual(values[k - 1]);
          for (let i = 0; i < d; i++) {
            expect(gram[k * d + i]).toBeCloseTo(i === k ? 1 : 0, 12);
            let product = 0;
            for (let j = 0; j < d; j++) product += matrix[i * d + j] * vectors[k * d + j];
            expect(product).toBeCloseTo(values[k] * vectors[k * d + i], 12);
          }
        }
      }),
      { seed: 3, numRuns: 100 },
    );
  });
});
