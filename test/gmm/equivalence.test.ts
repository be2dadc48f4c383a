/**
 * Fits that must be the same whatever form the data come in (research fact 28).
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { COVARIANCE_TYPES } from '../../src/gmm/covariance-type.js';
import { GaussianMixture, type GaussianMixtureModel } from '../../src/gmm/index.js';
import { clusters } from './naive.js';

const TYPES = COVARIANCE_TYPES;
const rows = clusters(120, 2, 3, 'equivalence');

/** Compares two mixtures after mapping the first by x -> scale x + offset, column by column. */
function expectMapped(
  model: GaussianMixtureModel,
  mapped: GaussianMixtureModel,
  scales: number[],
  offsets: number[],
  digits: number,
): void {
  const [weights, means] = [model.weights, model.means];
  expect(mapped.iterations).toBe(model.iterations);
  weights.forEach((weight, k) => {
    expect(mapped.weights[k]).toBeCloseTo(weight, digits);
    scales.forEach((scale, j) => {
      const deviation = Math.sqrt(model.covariances[k].get(j, j));
      const mean = (mapped.means.get(k, j) - offsets[j]) / scale;
      expect((mean - means.get(k, j)) / deviation).toBeCloseTo(0, digits);
      for (let i = 0; i < scales.length; i++) {
        const unit = deviation * Math.sqrt(model.covariances[k].get(i, i));
        const entry = mapped.covariances[k].get(i, j) / scales[i] / scales[j];
        expect((entry - model.covariances[k].get(i, j)) / unit).toBeCloseTo(0, digits);
      }
    });
  });
}

function expectSame(a: GaussianMixtureModel, b: GaussianMixtureModel, digits: number): void {
  expectMapped(
    a,
    b,
    Array.from({ length: a.dimension }, () => 1),
    Array.from({ length: a.dimension }, () => 0),
    digits,
  );
}

const bits = (model: GaussianMixtureModel) => JSON.stringify(model);

describe.each(TYPES)('%s', (covariance) => {
  for (const regularization of [0, 1e-6]) {
    const estimator = new GaussianMixture({ components: 3, covariance, regularization, seed: 5 });

    test(`regularization ${regularization}: data at 1e8 give the same fit there`, async () => {
      // The data themselves lose 8 digits at 1e8: what is compared is what a double still holds there.
      const offsets = [1e8, -1e8];
      const far = rows.map((row) => row.map((x, j) => x + offsets[j]));
      const near = far.map((row) => row.map((x, j) => x - offsets[j]));
      expectMapped(await estimator.fit(near), await estimator.fit(far), [1, 1], offsets, 6);
    });

    for (const scale of [1e-6, 1e6, 1e-100, 1e100]) {
      test(`regularization ${regularization}: units of ${scale} change nothing but the units`, async () => {
        const scaled = rows.map((row) => row.map((x) => scale * x));
        expectMapped(await estimator.fit(rows), await estimator.fit(scaled), [scale, scale], [0, 0], 8);
      });
    }

    test(`regularization ${regularization}: units of each column change nothing but the units`, async () => {
      if (covariance.endsWith('spherical')) return;
      const scales = [1e-5, 3e4];
      const scaled = rows.map((row) => row.map((x, j) => scales[j] * x));
      expectMapped(await estimator.fit(rows), await estimator.fit(scaled), scales, [0, 0], 8);
    });
  }

  const estimator = new GaussianMixture({ components: 3, covariance, seed: 6 });

  test('the order of rows changes no bit', async () => {
    const order = RandomStream.of(1, 'order').permutation(rows.length);
    const shuffled = Array.from(order, (i) => rows[i]);
    expect(bits(await estimator.fit(shuffled))).toBe(bits(await estimator.fit(rows)));
  });

  test('whole weights equal repetition', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3), { minLength: 120, maxLength: 120 }), async (weights) => {
        fc.pre(weights.filter((weight) => weight > 0).length >= 20);
        const repeated = rows.flatMap((row, i) => Array.from({ length: weights[i] }, () => row));
        expectSame(await estimator.fit(rows, { weights }), await estimator.fit(repeated), 7);
      }),
      { numRuns: 5 },
    );
  });

  test('weight 0 equals absence, to the bit', async () => {
    const weights = rows.map((_, i) => (i % 3 === 0 ? 0 : 1 + (i % 4)));
    const kept = rows.flatMap((row, i) => (weights[i] > 0 ? [row] : []));
    const model = await estimator.fit(rows, { weights });
    expect(bits(model)).toBe(bits(await estimator.fit(kept, { weights: weights.filter((weight) => weight > 0) })));
  });

  test('only ratios of weights matter', async () => {
    const weights = rows.map((_, i) => 1 + (i % 4));
    const model = await estimator.fit(rows, { weights });
    for (const factor of [1e-9, 1e9]) {
      expectSame(model, await estimator.fit(rows, { weights: weights.map((weight) => factor * weight) }), 8);
    }
  });

  test('equal weights are none', async () => {
    expectSame(await estimator.fit(rows), await estimator.fit(rows, { weights: rows.map(() => 1) }), 12);
  });

  test('the same seed gives the same bits, others other starts', async () => {
    const again = new GaussianMixture({ ...estimator.options });
    expect(bits(await again.fit(rows))).toBe(bits(await estimator.fit(rows)));
    const noIterations = { components: 3, covariance, maxIterations: 0, restarts: 1 } as const;
    const starts = [1, 2, 3, '3'].map((seed) => new GaussianMixture({ ...noIterations, seed }).fit(rows));
    expect(new Set((await Promise.all(starts)).map(bits)).size).toBeGreaterThan(1);
  });
});

test('full covariances follow a swap of columns', async () => {
  const given = { means: [rows[0], rows[50]] };
  const swapped = { means: given.means.map(([x, y]) => [y, x]) };
  const model = await new GaussianMixture({ components: 2, initialization: given }).fit(rows);
  const other = await new GaussianMixture({ components: 2, initialization: swapped }).fit(rows.map(([x, y]) => [y, x]));
  expect(other.means.get(1, 0)).toBeCloseTo(model.means.get(1, 1), 7);
  expect(other.covariances[0].get(0, 0)).toBeCloseTo(model.covariances[0].get(1, 1), 7);
  expect(other.history.at(-1)).toBeCloseTo(model.history.at(-1) as number, 10);
});

describe('order of components', () => {
  test('by decreasing weight, then by means', async () => {
    const model = await new GaussianMixture({ components: 3, seed: 5 }).fit(rows);
    expect(Array.from(model.weights)).toEqual(Array.from(model.weights).sort((a, b) => b - a));
    const equal = await new GaussianMixture({ components: 3, equalWeights: true, seed: 5 }).fit(rows);
    const first = equal.means.toArray().map(([x]) => x);
    expect(first).toEqual([...first].sort((a, b) => a - b));
  });

  test('as given, after a given initialisation', async () => {
    const sorted = await new GaussianMixture({ components: 3, seed: 5 }).fit(rows);
    const means = sorted.means.toArray().reverse();
    const model = await new GaussianMixture({ components: 3, initialization: { means } }).fit(rows);
    means.forEach((mean, k) => {
      expect(model.means.get(k, 0)).toBeCloseTo(mean[0], 2);
    });
  });
});
