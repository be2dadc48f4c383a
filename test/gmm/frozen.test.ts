/**
 * Parts of a mixture that stay as given.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COVARIANCE_TYPES } from '../../src/gmm/covariance-type.js';
import { GaussianMixture, GaussianMixtureModel, type MixturePart } from '../../src/gmm/index.js';
import { arbitraryStart, clusters, responsibility } from './naive.js';

const rows = clusters(90, 3, 3, 'frozen');

describe.each(COVARIANCE_TYPES)('%s', (covariance) => {
  const initialization = arbitraryStart(rows, 3, covariance);

  test('what is frozen stays, the rest moves, and the objective never falls', async () => {
    const scene = fc.record({
      frozen: fc.uniqueArray(fc.constantFrom<MixturePart>('weights', 'means', 'covariances'), { minLength: 1 }),
      prior: fc.constantFrom('none' as const, 'conjugate' as const),
      acceleration: fc.constantFrom('none' as const, 'squared-steps' as const),
    });
    await fc.assert(
      fc.asyncProperty(scene, async (chosen) => {
        const estimator = new GaussianMixture({
          components: 3,
          covariance,
          initialization,
          regularization: 0,
          ...chosen,
        });
        const model = await estimator.fit(rows);
        for (let t = 1; t < model.history.length; t++) {
          expect(model.history[t]).toBeGreaterThanOrEqual(model.history[t - 1] - 1e-10);
        }
        const { frozen } = chosen;
        expect(model.frozen).toEqual(frozen);
        expect(model.weights[0] === initialization.weights[0]).toBe(frozen.includes('weights'));
        expect(Math.abs(model.means.get(1, 1) - initialization.means[1][1]) < 1e-12).toBe(frozen.includes('means'));
        const entry = model.covariances[2].get(0, 0) / initialization.covariances[2][0][0];
        expect(Math.abs(entry - 1) < 1e-12).toBe(frozen.includes('covariances'));
      }),
      { numRuns: 12 },
    );
  });
});

test('covariances about means that stay: the textbook’s sum, in one step', async () => {
  const initialization = arbitraryStart(rows, 3, 'full');
  const options = { components: 3, initialization, regularization: 0, maxIterations: 1 } as const;
  const model = await new GaussianMixture({ ...options, frozen: ['means'] }).fit(rows);
  const shares = rows.map((row) => responsibility(row, initialization)[1]);
  const mass = shares.reduce((sum, share) => sum + share, 0);
  const [a, b] = [0, 2].map((j) => (row: number[]) => row[j] - initialization.means[1][j]);
  const expected = rows.reduce((sum, row, i) => sum + shares[i] * a(row) * b(row), 0) / mass;
  expect(model.covariances[1].get(0, 2)).toBeCloseTo(expected, 10);
});

test('degrees of freedom are those of the free parts', async () => {
  const initialization = arbitraryStart(rows, 3, 'full');
  const free = async (frozen: MixturePart[]) =>
    (await new GaussianMixture({ components: 3, initialization, frozen }).fit(rows)).degreesOfFreedom;
  expect(await free([])).toBe(2 + 9 + 18);
  expect(await free(['weights'])).toBe(9 + 18);
  expect(await free(['means'])).toBe(2 + 18);
  expect(await free(['covariances'])).toBe(2 + 9);
  const model = await new GaussianMixture({ components: 3, initialization, frozen: ['means'] }).fit(rows);
  expect(GaussianMixtureModel.fromJSON(JSON.stringify(model)).frozen).toEqual(['means']);
});

test.each<[object, string]>([
  [{ frozen: ['means'] }, 'initialization.means must be given, as option "frozen" names "means".'],
  [
    { frozen: ['covariances'], initialization: { means: [[0]] } },
    'initialization.covariances must be given, as option "frozen" names "covariances".',
  ],
  [
    { frozen: ['mean'] },
    'option "frozen" must be an array of different names out of "weights", "means" or "covariances"',
  ],
])('%j is refused', (options, message) => {
  expect(() => new GaussianMixture(options as object)).toThrow(message);
});
