import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { COVARIANCE_TYPES } from '../../src/gmm/covariance-type.js';
import { GaussianMixture, type GaussianMixtureModel } from '../../src/gmm/index.js';
import { arbitraryStart, clusters, density, emStep, type Mixture } from './naive.js';

const TYPES = COVARIANCE_TYPES;

function expectMixture(model: GaussianMixtureModel, expected: Mixture, digits: number): void {
  expected.weights.forEach((weight, k) => {
    expect(model.weights[k]).toBeCloseTo(weight, digits);
    expected.means[k].forEach((mean, j) => {
      expect(model.means.get(k, j)).toBeCloseTo(mean, digits);
      for (let i = 0; i < expected.means[k].length; i++) {
        expect(model.covariances[k].get(i, j)).toBeCloseTo(expected.covariances[k][i][j], digits);
      }
    });
  });
}

function logLikelihood(rows: number[][], mixture: Mixture): number {
  return rows.reduce((sum, row) => sum + Math.log(density(row, mixture)), 0) / rows.length;
}

describe('an iteration is one E-step and one M-step as the textbook has them', () => {
  // d = 1 to 3 have loops of their own; 5 takes the general ones; 24 takes terms in stages.
  for (const d of [1, 2, 3, 5, 24]) {
    for (const type of d === 24 ? (['full'] as const) : TYPES) {
      test(`${type}, d = ${d}: three iterations from a given start`, async () => {
        const rows = clusters(700, d, 3, `em ${d}`);
        const start = arbitraryStart(rows, 3, type);
        let expected = start;
        const history = [logLikelihood(rows, start)];
        for (let iteration = 0; iteration < 3; iteration++) {
          expected = emStep(rows, expected, type);
          history.push(logLikelihood(rows, expected));
        }
        const model = await new GaussianMixture({
          components: 3,
          covariance: type,
          initialization: start,
          maxIterations: 3,
          acceleration: 'none',
          regularization: 0,
        }).fit(rows);
        expectMixture(model, expected, 10);
        expect(model.iterations).toBe(3);
        expect(model.history).toHaveLength(4);
        history.forEach((value, t) => {
          expect(model.history[t]).toBeCloseTo(value, 11);
        });
      });
    }
  }

  test('row weights enter as they should', async () => {
    const rows = clusters(90, 2, 2, 'weighted step');
    const weights = rows.map((_, i) => (i % 7) / 3);
    const start = arbitraryStart(rows, 2, 'full');
    const estimator = new GaussianMixture({
      components: 2,
      initialization: start,
      maxIterations: 1,
      regularization: 0,
    });
    expectMixture(await estimator.fit(rows, { weights }), emStep(rows, start, 'full', weights), 11);
  });

  test('equal weights stay at 1 / K, and the rest follows', async () => {
    const rows = clusters(200, 2, 3, 'equal');
    const { means, covariances } = arbitraryStart(rows, 3, 'full');
    const weights = [1 / 3, 1 / 3, 1 / 3];
    const expected = emStep(rows, { weights, means, covariances }, 'full');
    const model = await new GaussianMixture({
      components: 3,
      equalWeights: true,
      initialization: { means, covariances },
      maxIterations: 1,
      regularization: 0,
    }).fit(rows);
    expectMixture(model, { ...expected, weights }, 11);
  });

  test('regularization adds that part of each column’s variance', async () => {
    const rows = clusters(200, 3, 2, 'ridge');
    for (const type of TYPES) {
      const start = arbitraryStart(rows, 2, type);
      const expected = emStep(rows, start, type);
      const whole = emStep(rows, { ...start, weights: [1, 0] }, 'full').covariances[0];
      const variances = whole.map((row, j) => row[j]);
      const mean = variances.reduce((sum, v) => sum + v, 0) / 3;
      for (const matrix of expected.covariances) {
        matrix.forEach((row, j) => {
          row[j] += 0.01 * (type.endsWith('spherical') ? mean : variances[j]);
        });
      }
      const model = await new GaussianMixture({
        components: 2,
        covariance: type,
        initialization: start,
        maxIterations: 1,
        regularization: 0.01,
      }).fit(rows);
      expectMixture(model, expected, 10);
    }
  });
});

describe('one component', () => {
  // Research fact 25: the maximum is in closed form.
  test('full: mean, covariance and log-likelihood of maximum likelihood', async () => {
    const rows = clusters(60, 3, 2, 'one');
    const model = await new GaussianMixture({ regularization: 0 }).fit(rows);
    const whole = emStep(rows, arbitraryStart(rows, 1, 'full'), 'full');
    expectMixture(model, whole, 12);
    expect(model.converged).toBe(true);
    const { means, covariances } = whole;
    // -n/2 (d log 2 pi + log det + d), since the mean squared Mahalanobis distance is d at the maximum.
    const atMean = Math.log(density(means[0], { weights: [1], means, covariances }));
    expect(model.meanLogDensity(rows)).toBeCloseTo(atMean - 1.5, 12);
  });

  test('all types are one at d = 1', async () => {
    const rows = clusters(40, 1, 2, 'types');
    const fits = TYPES.map((covariance) => new GaussianMixture({ covariance }).fit(rows));
    const bics = (await Promise.all(fits)).map((model) => model.bic(rows));
    for (const bic of bics) expect(bic).toBeCloseTo(bics[0], 12);
  });
});

describe('fact 27: at fixed responsibilities the constrained covariances are averages of the full ones', () => {
  test('spherical is the mean of the diagonal, diagonal is that of full, tied the mean by mass', async () => {
    const rows = clusters(300, 4, 3, 'identities');
    const start = arbitraryStart(rows, 3, 'spherical');
    const means = start.means;
    const covariances = start.covariances.map(() => start.covariances[0]);
    const fits = TYPES.map((covariance) =>
      new GaussianMixture({
        components: 3,
        covariance,
        initialization: { ...start, means, covariances },
        maxIterations: 1,
        regularization: 0,
      }).fit(rows),
    );
    const [tiedSpherical, spherical, tiedDiagonal, diagonal, tied, full] = await Promise.all(fits);
    for (let k = 0; k < 3; k++) {
      const matrix = full.covariances[k].toArray();
      const variances = matrix.map((row, j) => row[j]);
      expect(spherical.covariances[k].get(2, 2)).toBeCloseTo(variances.reduce((a, b) => a + b) / 4, 10);
      variances.forEach((variance, j) => {
        expect(diagonal.covariances[k].get(j, j)).toBeCloseTo(variance, 11);
      });
      expect(diagonal.covariances[k].get(0, 1)).toBe(0);
    }
    const pooled = full.covariances.reduce((sum, matrix, k) => sum + full.weights[k] * matrix.get(1, 3), 0);
    expect(tied.covariances[1].get(1, 3)).toBeCloseTo(pooled, 11);
    const shared = tied.covariances[0].toArray().map((row, j) => row[j]);
    shared.forEach((variance, j) => {
      expect(tiedDiagonal.covariances[1].get(j, j)).toBeCloseTo(variance, 11);
    });
    expect(tiedSpherical.covariances[2].get(3, 3)).toBeCloseTo(shared.reduce((a, b) => a + b) / 4, 11);
  });
});

describe('fact 26: EM never lowers the likelihood', () => {
  /** A component of the full type comes to rest on four rows in four dimensions: their plane must not be left to rounding. */
  const onFourRows = {
    d: 4,
    components: 3,
    seed: -707424110,
    weighted: true,
    equalWeights: false,
    initialization: 'random' as const,
    acceleration: 'squared-steps' as const,
  };
  for (const type of TYPES) {
    test(type, async () => {
      const scene = fc.record({
        d: fc.integer({ min: 1, max: 4 }),
        components: fc.integer({ min: 1, max: 5 }),
        seed: fc.integer(),
        weighted: fc.boolean(),
        equalWeights: fc.boolean(),
        initialization: fc.constantFrom('k-means++' as const, 'random' as const),
        acceleration: fc.constantFrom('none' as const, 'squared-steps' as const),
      });
      await fc.assert(
        fc.asyncProperty(scene, async ({ d, components, seed, weighted, ...chosen }) => {
          const rows = clusters(80, d, 3, seed);
          const model = await new GaussianMixture({
            components,
            covariance: type,
            ...chosen,
            seed,
            restarts: 1,
            maxIterations: 40,
            regularization: 0,
          }).fit(rows, weighted ? { weights: rows.map((_, i) => 0.1 + (i % 5)) } : {});
          // A component seeded anew leaves the path of EM, and says so.
          const leaves = model.warnings.map((warning) =>
            Number(/iteration (\d+) and was seeded anew/.exec(warning)?.[1]),
          );
          for (let t = 1; t < model.history.length; t++) {
            if (!leaves.includes(t)) expect(model.history[t]).toBeGreaterThanOrEqual(model.history[t - 1] - 1e-10);
          }
        }),
        { numRuns: 40, examples: [[onFourRows]] },
      );
    });
  }
});

describe('what is reported belongs to the parameters returned', () => {
  // Research fact 30: scikit-learn's lower bound is one M-step behind.
  test('the last entry of history is the mean log-density, at any number of iterations', async () => {
    const rows = clusters(150, 2, 3, 'history');
    for (const maxIterations of [0, 1, 2, 5, 1000]) {
      const model = await new GaussianMixture({ components: 3, seed: 4, maxIterations, restarts: 2 }).fit(rows);
      expect(model.history.at(-1)).toBeCloseTo(model.meanLogDensity(rows), 12);
      expect(model.history).toHaveLength(model.iterations + 1);
      if (maxIterations === 1000) expect(model.converged).toBe(true);
      if (maxIterations === 0) expect(model.converged).toBe(false);
      expect(model.iterations).toBeLessThanOrEqual(maxIterations);
    }
  });

  test('no iterations: the given start comes back as it is', async () => {
    const rows = clusters(50, 2, 2, 'zero');
    const start = arbitraryStart(rows, 2, 'full');
    const model = await new GaussianMixture({ components: 2, initialization: start, maxIterations: 0 }).fit(rows);
    expectMixture(model, start, 13);
    expect(model.history[0]).toBeCloseTo(logLikelihood(rows, start), 12);
    expect(model.warnings).toEqual([]);
  });

  test('not converging is told, not thrown', async () => {
    const rows = clusters(200, 2, 1, 'slow');
    const options = { components: 3, initialization: 'random', seed: 1, maxIterations: 2, tolerance: 1e-8 } as const;
    const model = await new GaussianMixture(options).fit(rows);
    expect(model.converged).toBe(false);
    expect(model.warnings).toEqual([
      'EM did not converge in 2 iterations. Raise "maxIterations" or "tolerance" (now 1e-8).',
    ]);
  });

  test('more restarts are never worse, and the first is the same', async () => {
    const rows = clusters(150, 2, 5, 'restarts');
    const values: number[] = [];
    for (const restarts of [1, 2, 4, 8]) {
      const model = await new GaussianMixture({ components: 5, seed: 3, restarts, initialization: 'random' }).fit(rows);
      expect(model.warnings).toEqual([]);
      values.push(model.meanLogDensity(rows));
    }
    for (let i = 1; i < values.length; i++) expect(values[i]).toBeGreaterThanOrEqual(values[i - 1] - 1e-12);
  });
});

describe('convergence', () => {
  // Research fact 20 of section 2 (sk#10122): a rule on the last rise alone stops far from the optimum.
  test('a slow run ends within its tolerance of the limit', async () => {
    // Two normals two standard deviations apart: several hundred iterations.
    const stream = RandomStream.of(1, 'overlap');
    const rows = Array.from({ length: 400 }, (_, i) => [stream.normal() + (i % 2 ? 2 : 0)]);
    const options = { components: 2, restarts: 1, seed: 1, maxIterations: 10_000, acceleration: 'none' } as const;
    const limit = await new GaussianMixture({ ...options, tolerance: 1e-14 }).fit(rows);
    expect(limit.iterations).toBeGreaterThan(200);
    for (const tolerance of [1e-6, 1e-7, 1e-8]) {
      const model = await new GaussianMixture({ ...options, tolerance }).fit(rows);
      expect(model.converged).toBe(true);
      // The bound is relative to about 1.4 nats of the standardised rows, and extrapolation errs by a few per cent.
      expect(limit.meanLogDensity(rows) - model.meanLogDensity(rows)).toBeLessThan(1.6 * tolerance);
      const fast = await new GaussianMixture({ ...options, acceleration: 'squared-steps', tolerance }).fit(rows);
      expect(fast.converged).toBe(true);
      expect(fast.iterations).toBeLessThan(0.6 * model.iterations);
      expect(limit.meanLogDensity(rows) - fast.meanLogDensity(rows)).toBeLessThan(1.6 * tolerance);
      // The last rise alone would have seemed small enough long before.
      const rises = model.history.slice(1).map((value, t) => value - model.history[t]);
      expect(rises.filter((rise) => rise < tolerance).length).toBeGreaterThan(20);
    }
  });

  test('tolerance 0 makes every iteration', async () => {
    const stream = RandomStream.of(1, 'all');
    const rows = Array.from({ length: 100 }, (_, i) => [stream.normal() + (i % 2), stream.normal()]);
    const model = await new GaussianMixture({
      components: 2,
      seed: 1,
      restarts: 1,
      maxIterations: 12,
      tolerance: 0,
    }).fit(rows);
    expect(model.iterations).toBe(12);
  });
});
