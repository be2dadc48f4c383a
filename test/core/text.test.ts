import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alternatives, editDistance, nearestName } from '../../src/core/text.js';

/** The definition by recursion (Boytsov 2011, optimal string alignment). */
function slowDistance(a: string, b: string): number {
  if (a === '' || b === '') return Math.max(a.length, b.length);
  const [restA, restB] = [a.slice(1), b.slice(1)];
  const change = slowDistance(restA, restB) + (a[0] === b[0] ? 0 : 1);
  const best = Math.min(change, slowDistance(restA, b) + 1, slowDistance(a, restB) + 1);
  const swapped = a.length > 1 && b.length > 1 && a[0] === b[1] && a[1] === b[0];
  return swapped ? Math.min(best, slowDistance(a.slice(2), b.slice(2)) + 1) : best;
}

describe('editDistance', () => {
  test.each([
    ['kitten', 'sitting', 3],
    ['ca', 'ac', 1],
    ['', 'abc', 3],
    ['covarance', 'covariance', 1],
  ])('%s and %s', (a, b, distance) => expect(editDistance(a, b)).toBe(distance));

  test('equals the recursion that defines it', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 5 });
    fc.assert(
      fc.property(word, word, (a, b) => editDistance(a, b) === slowDistance(a, b)),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('nearestName', () => {
  const known = ['components', 'covariance', 'seed', 'tolerance'];
  test.each([
    ['covarance', 'covariance'],
    ['Components', 'components'],
    ['n_components', 'components'],
    ['sede', 'seed'],
    ['tol', undefined],
    ['weights', undefined],
    ['', undefined],
    ['x'.repeat(1e6), undefined],
  ])('%s', (name, nearest) => expect(nearestName(name, known)).toBe(nearest));
});

test('alternatives', () => {
  expect(alternatives([])).toBe('');
  expect(alternatives(['a'])).toBe('"a"');
  expect(alternatives(['a', 'b'])).toBe('"a" or "b"');
  expect(alternatives(['a', 'b', 'c'])).toBe('"a", "b" or "c"');
});
