import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dealFolds, rowsOutside } from '../../src/core/folds.js';
import { RandomStream } from '../../src/core/random.js';
import { readWeights, unitWeights } from '../../src/core/weights.js';
import { expectFault } from './faults.js';

describe('folds', () => {
  test('hold each row once, differ by one row at most, and ascend', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 1, max: 60 }), fc.integer(), (n, k, seed) => {
        fc.pre(k <= n);
        const folds = dealFolds('Test', unitWeights(n), k, RandomStream.of(seed, 'folds'));
        expect(folds).toHaveLength(k);
        expect(folds.flatMap((fold) => [...fold]).sort((a, b) => a - b)).toEqual(
          Array.from({ length: n }, (_, i) => i),
        );
        const sizes = folds.map((fold) => fold.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        for (const fold of folds) {
          const outside = rowsOutside(fold, n);
          expect([...fold]).toEqual([...fold].sort((a, b) => a - b));
          expect([...outside, ...fold].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
        }
      }),
      { numRuns: 50 },
    );
  });

  test('rows of weight 0 move no other', () => {
    const stream = () => RandomStream.of(1, 'folds');
    const weights = readWeights([1, 1, 0, 1, 1, 0], 6, 'Test');
    const rest = dealFolds('Test', unitWeights(4), 2, stream()).map((fold) => Array.from(fold, (i) => [0, 1, 3, 4][i]));
    const folds = dealFolds('Test', weights, 2, stream()).map((fold) => [...fold].filter((i) => weights.values[i] > 0));
    expect(folds).toEqual(rest);
    expectFault(
      () => dealFolds('Test', weights, 5, stream()),
      'invalid-option',
      'Test: option "folds" must be at most the number of rows of positive weight, 4, but got 5.',
    );
  });
});
