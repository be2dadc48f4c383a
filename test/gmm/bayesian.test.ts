/**
 * Variational Bayes: its bound against quadrature and enumeration, its facts, and what it finds.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { logGamma } from '../../src/core/special-functions.js';
import { COVARIANCE_TYPES } from '../../src/gmm/covariance-type.js';
import { BayesianGaussianMixture, BayesianGaussianMixtureModel } from '../../src/gmm/index.js';
import {
  dirichletDivergence,
  logDirichletNormalizer,
  WEIGHT_PRIORS,
  weightPosterior,
} from '../../src/gmm/stick-breaking.js';
import { clusters } from './naive.js';

describe('weights', () => {
  test('the Dirichlet distribution’s normaliser, by quadrature and in closed form (fact 33)', () => {
    // B(2.5, 4) = integral of t^1.5 (1 - t)^3.
    const cells = 200_000;
    let integral = 0;
    for (let i = 0; i < cells; i++) {
      const t = (i + 0.5) / cells;
      integral += (t ** 1.5 * (1 - t) ** 3) / cells;
    }
    expect(logDirichletNormalizer([2.5, 4])).toBeCloseTo(Math.log(integral), 8);
    expect(logDirichletNormalizer([1, 1, 1])).toBeCloseTo(-logGamma(3), 14);
    expect(logDirichletNormalizer([0.2, 3, 1.5])).toBeCloseTo(
      logGamma(0.2) + logGamma(3) + logGamma(1.5) - logGamma(4.7),
      13,
    );
  });

  test('divergence of Dirichlet distributions, by quadrature', () => {
    const [a, b] = [
      [2.5, 4],
      [1.2, 0.7],
    ];
    const logDensity = (t: number, [p, q]: number[]) =>
      (p - 1) * Math.log(t) + (q - 1) * Math.log1p(-t) - logGamma(p) - logGamma(q) + logGamma(p + q);
    const cells = 200_000;
    let divergence = 0;
    for (let i = 0; i < cells; i++) {
      const t = (i + 0.5) / cells;
      divergence += (Math.exp(logDensity(t, a)) * (logDensity(t, a) - logDensity(t, b))) / cells;
    }
    expect(dirichletDivergence(a, b)).toBeCloseTo(divergence, 6);
    expect(dirichletDivergence(a, a)).toBe(0);
  });

  test('sticks: expectations by simulation, weights that sum to 1, in any order of components', () => {
    const mass = Float64Array.of(3, 0, 20, 7.5);
    const { expected, expectedLogs } = weightPosterior('dirichlet-process', 0.8, mass);
    expect(expected.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 14);
    const stream = RandomStream.of(1, 'sticks');
    const draws = 40_000;
    const means = [0, 0, 0, 0];
    const logs = [0, 0, 0, 0];
    for (let draw = 0; draw < draws; draw++) {
      let rest = 1;
      let after = 30.5;
      [2, 3, 0, 1].forEach((k, place) => {
        after -= mass[k];
        const v = place === 3 ? 1 : stream.beta(1 + mass[k], 0.8 + after);
        means[k] += (rest * v) / draws;
        logs[k] += Math.log(rest * v) / draws;
        rest *= 1 - v;
      });
    }
    for (let k = 0; k < 4; k++) {
      expect(Math.abs(expected[k] - means[k])).toBeLessThan(0.003);
      expect(Math.abs(expectedLogs[k] - logs[k])).toBeLessThan(0.05);
    }
  });
});

describe('one component in one dimension: the posterior is exact, and the bound is the evidence', () => {
  test('log evidence by quadrature over mean and variance', async () => {
    const rows = [[-1], [0.3], [1.1], [2.9], [0.4]];
    const [mean, meanPrecision, degreesOfFreedom, scale] = [0.5, 0.8, 4, 1.7];
    for (const covariance of COVARIANCE_TYPES) {
      const model = await new BayesianGaussianMixture({
        components: 1,
        covariance,
        prior: { mean: [mean], meanPrecision, degreesOfFreedom, scale: [[scale]] },
        regularization: 0,
      }).fit(rows);
      // p(rows) = integral of prod N(x; mu, v) N(mu; m, v / kappa) inverse gamma(v; nu / 2, scale / 2) over mu and log v.
      const [cells, half] = [600, degreesOfFreedom / 2];
      let evidence = 0;
      for (let a = 0; a < cells; a++) {
        const logV = -4 + (10 * (a + 0.5)) / cells;
        const v = Math.exp(logV);
        const logPrior = half * Math.log(scale / 2) - logGamma(half) - half * logV - scale / 2 / v;
        for (let b = 0; b < cells; b++) {
          const mu = 0.5 + 16 * ((b + 0.5) / cells - 0.5);
          let log =
            logPrior + 0.5 * Math.log(meanPrecision / v / 2 / Math.PI) - (meanPrecision * (mu - mean) ** 2) / 2 / v;
          for (const [x] of rows) log -= 0.5 * Math.log(2 * Math.PI * v) + (x - mu) ** 2 / 2 / v;
          evidence += Math.exp(log) * (10 / cells) * (16 / cells);
        }
      }
      expect((model.history.at(-1) as number) * rows.length).toBeCloseTo(Math.log(evidence), 4);
      // The predictive density is the ratio of two evidences.
      const more = await new BayesianGaussianMixture(model_options(covariance)).fit([...rows, [1.7]]);
      const ratio = (more.history.at(-1) as number) * 6 - (model.history.at(-1) as number) * 5;
      expect(model.logDensity([[1.7]])[0]).toBeCloseTo(ratio, 9);
    }
    function model_options(covariance: (typeof COVARIANCE_TYPES)[number]) {
      const prior = { mean: [mean], meanPrecision, degreesOfFreedom, scale: [[scale]] };
      return { components: 1, covariance, prior, regularization: 0 };
    }
  });
});

describe.each(COVARIANCE_TYPES)('%s', (covariance) => {
  const prior = {
    mean: [1, -2, 0],
    meanPrecision: 0.7,
    degreesOfFreedom: 6,
    scale: [
      [0.8, 0.3, 0],
      [0.3, 1.7, 0.2],
      [0, 0.2, 1],
    ],
  };

  test('one component: the predictive density is the ratio of evidences', async () => {
    const rows = clusters(12, 3, 1, 'evidence');
    const estimator = new BayesianGaussianMixture({ components: 1, covariance, prior, regularization: 0 });
    const model = await estimator.fit(rows);
    for (const row of [
      [0, 0, 0],
      [5, -3, 2],
    ]) {
      const more = await estimator.fit([...rows, row]);
      const ratio = (more.history.at(-1) as number) * 13 - (model.history.at(-1) as number) * 12;
      expect(model.logDensity([row])[0]).toBeCloseTo(ratio, 8);
    }
  });

  test('the bound never falls', async () => {
    const scene = fc.record({
      d: fc.integer({ min: 1, max: 5 }),
      components: fc.integer({ min: 1, max: 7 }),
      seed: fc.integer(),
      weighted: fc.boolean(),
      weightPrior: fc.constantFrom(...WEIGHT_PRIORS),
      weightConcentration: fc.constantFrom(1e-3, 0.3, 5),
    });
    await fc.assert(
      fc.asyncProperty(scene, async ({ d, seed, weighted, ...options }) => {
        const rows = clusters(50, d, 3, seed);
        const model = await new BayesianGaussianMixture({
          ...options,
          covariance,
          seed,
          restarts: 1,
          maxIterations: 60,
        }).fit(rows, weighted ? { weights: rows.map((_, i) => (i % 4) / 2) } : {});
        for (let t = 1; t < model.history.length; t++) {
          expect(model.history[t]).toBeGreaterThanOrEqual(model.history[t - 1] - 1e-10);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('a translation by 100 shifts the means only (fact 33)', async () => {
    const rows = clusters(80, 2, 3, 'translation');
    const estimator = new BayesianGaussianMixture({ components: 5, covariance, seed: 2 });
    const model = await estimator.fit(rows);
    const moved = await estimator.fit(rows.map((row) => row.map((x) => x + 100)));
    for (let k = 0; k < 5; k++) {
      expect(moved.weights[k]).toBeCloseTo(model.weights[k], 7);
      expect(moved.means.get(k, 0) - 100).toBeCloseTo(model.means.get(k, 0), 7);
      expect(moved.covariances[k].get(1, 1)).toBeCloseTo(model.covariances[k].get(1, 1), 7);
    }
    expect(moved.history.at(-1)).toBeCloseTo(model.history.at(-1) as number, 9);
  });

  test('saved and loaded, it is the same to the bit', async () => {
    const model = await new BayesianGaussianMixture({ components: 3, covariance, seed: 2 }).fit(
      clusters(40, 2, 2, 'save'),
    );
    const again = BayesianGaussianMixtureModel.fromJSON(JSON.stringify(model));
    expect(again.logDensity([[1, 2]])).toEqual(model.logDensity([[1, 2]]));
    expect(again.counts).toEqual(model.counts);
  });
});

test.each(WEIGHT_PRIORS)('%s: superfluous components keep next to no rows', async (weightPrior) => {
  const stream = RandomStream.of(3, 'three');
  const rows = Array.from({ length: 300 }, (_, i) => [8 * (i % 3) + stream.normal(), stream.normal()]);
  const model = await new BayesianGaussianMixture({ components: 12, weightPrior, seed: 1 }).fit(rows);
  expect(model.effectiveComponents).toBe(3);
  expect(model.converged).toBe(true);
  const plain = model.toGaussianMixture();
  expect(plain.weights).toEqual(model.weights);
  expect(plain.meanLogDensity(rows)).toBeCloseTo(model.logDensity(rows).reduce((a, b) => a + b) / 300, 1);
  expect(model.counts.reduce((a, b) => a + b)).toBeCloseTo(300, 9);
});
