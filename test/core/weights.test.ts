import { describe, expect, test } from 'vitest';
import { readWeights, unitWeights } from '../../src/core/weights.js';
import { expectFault, faultOf, HOSTILE } from './faults.js';

const owner = 'Test.fit';
const read = (weights: unknown, rows: number) => readWeights(weights, rows, owner);

describe('readWeights', () => {
  test('copies and totals', () => {
    const given = [1, 2, 0, 5];
    const weights = read(given, 4);
    given[0] = 9;
    expect(Array.from(weights.values)).toEqual([1, 2, 0, 5]);
    // (1 + 2 + 5)^2 / (1 + 4 + 25)
    expect(weights).toMatchObject({ total: 8, positive: 3 });
    expect(weights.effective).toBeCloseTo(64 / 30, 14);
  });

  test.each([
    ['typed arrays', Float32Array.of(1, 3)],
    ['whole numbers', Uint8Array.of(1, 3)],
  ])('%s', (_, given) => expect(Array.from(read(given, 2).values)).toEqual([1, 3]));

  test('equal weights count as the number of rows, at any scale', () => {
    for (const scale of [5e-324, 1e-300, 1e-6, 1, 1e300]) {
      expect(read(new Array(7).fill(scale), 7).effective).toBeCloseTo(7, 12);
    }
    expect(unitWeights(3)).toEqual({ values: Float64Array.of(1, 1, 1), total: 3, positive: 3, effective: 3 });
  });

  test('the total of whole numbers is exact', () => {
    const given = Array.from({ length: 1000 }, (_, i) => (i * 7919) % 1000);
    expect(read(given, 1000).total).toBe(499_500);
  });

  test('a negative zero becomes zero', () => {
    expect(Object.is(read([-0, 1], 2).values[0], 0)).toBe(true);
  });
});

describe('refused', () => {
  const kind = 'weights must be an array of numbers, one per row';
  test.each<[unknown, string]>([
    [3, `${kind}, but got 3.`],
    ['11', `${kind}, but got "11".`],
    [null, `${kind}, but got null.`],
    [{ length: 2 }, `${kind}, but got an object.`],
    [[1, -1], 'weight of row 1 must be finite and >= 0, but got -1.'],
    [[Number.NaN, 1], 'weight of row 0 must be finite and >= 0, but got NaN.'],
    [[1, Number.POSITIVE_INFINITY], 'weight of row 1 must be finite and >= 0, but got Infinity.'],
    [[1, '1'], 'weight of row 1 must be finite and >= 0, but got "1".'],
    [[1, undefined], 'weight of row 1 must be finite and >= 0, but got undefined.'],
    [BigInt64Array.of(1n, 1n), 'weight of row 0 must be finite and >= 0, but got 1n.'],
    [[0, 0], 'weights must not all be zero.'],
    [[1e308, 1e308], 'the sum of weights must be finite, but got Infinity. Divide them by a common factor.'],
  ])('%o', (weights, message) => {
    expectFault(() => read(weights, 2), 'invalid-data', `${owner}: ${message}`);
  });

  test('another number than rows', () => {
    const message = `${owner}: weights must hold one number per row, 3, but got 2.`;
    expectFault(() => read([1, 2], 3), 'shape-mismatch', message);
  });

  test.each(Object.entries(HOSTILE))('%s', (_, make) => {
    faultOf(() => read(make(), 1));
  });
});
