/**
 * Maximum posterior fits against the prior's densities written out, mclust's published rules, and perturbation.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { COVARIANCE_TYPES, type CovarianceType } from '../../src/gmm/covariance-type.js';
import { GaussianMixture, type GaussianMixtureModel, type PriorOptions } from '../../src/gmm/index.js';
import { clusters, density, invert, type Mixture } from './naive.js';

type FullPrior = Required<Omit<PriorOptions, 'mean' | 'scale'>> & { mean: number[]; scale: number[][] };

const faithful = readFileSync(new URL('../../data/faithful.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').map(Number));

function mixtureOf(model: GaussianMixtureModel): Mixture {
  return {
    weights: Array.from(model.weights),
    means: model.means.toArray(),
    covariances: model.covariances.map((matrix) => matrix.toArray()),
  };
}

/** log density of the prior, but for constants, term by term as in the definition of the distributions. */
function logPriorDensity({ weights, means, covariances }: Mixture, prior: FullPrior, type: CovarianceType): number {
  const { weightConcentration, mean, meanPrecision, degreesOfFreedom: nu, scale } = prior;
  const d = mean.length;
  let sum = 0;
  for (const weight of weights) if (weightConcentration !== 1) sum += (weightConcentration - 1) * Math.log(weight);
  means.forEach((mu, k) => {
    const { inverse, determinant } = invert(covariances[k]);
    // mu_k ~ N(mean, Sigma_k / kappa).
    let form = 0;
    inverse.forEach((row, i) => {
      row.forEach((entry, j) => {
        form += (mu[i] - mean[i]) * entry * (mu[j] - mean[j]);
      });
    });
    sum -= 0.5 * Math.log(determinant) + 0.5 * meanPrecision * form;
    if (type.startsWith('tied') && k > 0) return;
    if (type.endsWith('spherical')) {
      // v ~ inverse gamma(nu / 2, mean of Lambda's diagonal / 2).
      const [v, lambda] = [covariances[k][0][0], scale.reduce((trace, row, j) => trace + row[j], 0) / d];
      sum += -(nu / 2 + 1) * Math.log(v) - lambda / 2 / v;
    } else if (type.endsWith('diagonal')) {
      for (let j = 0; j < d; j++) {
        sum += -(nu / 2 + 1) * Math.log(covariances[k][j][j]) - scale[j][j] / 2 / covariances[k][j][j];
      }
    } else {
      let trace = 0;
      scale.forEach((row, i) => {
        row.forEach((entry, j) => {
          trace += entry * inverse[j][i];
        });
      });
      sum += -((nu + d + 1) / 2) * Math.log(determinant) - trace / 2;
    }
  });
  return sum;
}

function logLikelihood(rows: number[][], mixture: Mixture): number {
  return rows.reduce((sum, row) => sum + Math.log(density(row, mixture)), 0);
}

/** Moves parameters a little, within the type. */
function perturbed(mixture: Mixture, type: CovarianceType, stream: RandomStream, size: number): Mixture {
  const weights = mixture.weights.map((weight) => weight * Math.exp(size * stream.normal()));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const d = mixture.means[0].length;
  const moves = mixture.weights.map(() =>
    Array.from({ length: d }, () => Array.from({ length: d }, () => stream.normal())),
  );
  const covariances = mixture.covariances.map((matrix, k) => {
    const move = moves[type.startsWith('tied') ? 0 : k];
    return matrix.map((row, i) =>
      row.map((entry, j) => {
        if (type.endsWith('spherical')) return entry * (1 + size * move[0][0]);
        if (type.endsWith('diagonal')) return entry * (1 + size * move[i][i]);
        const unit = Math.sqrt(matrix[i][i] * matrix[j][j]);
        return entry + 0.3 * size * unit * (move[i][j] + move[j][i]);
      }),
    );
  });
  return {
    weights: weights.map((weight) => weight / total),
    means: mixture.means.map((mean, k) =>
      mean.map((x, j) => x + size * Math.sqrt(mixture.covariances[k][j][j]) * stream.normal()),
    ),
    covariances,
  };
}

describe.each(COVARIANCE_TYPES)('%s', (covariance) => {
  const prior: FullPrior = {
    weightConcentration: 2.5,
    mean: [1, -2],
    meanPrecision: 0.7,
    degreesOfFreedom: 5,
    scale: [
      [0.8, 0.3],
      [0.3, 1.7],
    ],
  };
  const rows = clusters(60, 2, 3, 'prior');

  test('the fit is a maximum of likelihood times prior, and history says how high', async () => {
    const options = { components: 3, covariance, prior, regularization: 0, seed: 1, tolerance: 1e-13 } as const;
    const model = await new GaussianMixture(options).fit(rows);
    expect(model.objective).toBe('log-posterior');
    const objective = (mixture: Mixture) => logLikelihood(rows, mixture) + logPriorDensity(mixture, prior, covariance);
    const mixture = mixtureOf(model);
    const best = objective(mixture);
    const stream = RandomStream.of(1, 'perturb');
    for (let trial = 0; trial < 200; trial++) {
      expect(objective(perturbed(mixture, covariance, stream, trial % 2 ? 1e-2 : 1e-3))).toBeLessThan(best + 1e-9);
    }
    // The difference of two entries of history has no constants in it.
    const start = await new GaussianMixture({ ...options, maxIterations: 0, restarts: 1 }).fit(rows);
    const single = await new GaussianMixture({ ...options, restarts: 1 }).fit(rows);
    const rise = (single.history.at(-1) as number) - (start.history[0] as number);
    const expected = objective(mixtureOf(single)) - objective(mixtureOf(start));
    expect(rise * rows.length).toBeCloseTo(expected, 7);
  });

  test('without rows to speak of, the fit is the mode of the prior, where its logarithm counts as 0', async () => {
    const weights = [1e-9, 1e-9, 1e-9];
    const model = await new GaussianMixture({ components: 2, covariance, prior, regularization: 0, seed: 1 }).fit(
      [
        [0, 0],
        [1, 5],
        [3, 1],
      ],
      { weights },
    );
    const mixture = mixtureOf(model);
    const stream = RandomStream.of(2, 'perturb');
    const best = logPriorDensity(mixture, prior, covariance);
    for (let trial = 0; trial < 200; trial++) {
      const other = perturbed(mixture, covariance, stream, trial % 2 ? 0.3 : 1e-2);
      expect(logPriorDensity(other, prior, covariance)).toBeLessThan(best + 1e-9);
    }
    expect(model.history.at(-1)).toBeCloseTo(
      model.meanLogDensity([
        [0, 0],
        [1, 5],
        [3, 1],
      ]),
      3,
    );
  });

  test('the objective never falls, whatever the weights', async () => {
    const scene = fc.record({
      d: fc.integer({ min: 1, max: 5 }),
      components: fc.integer({ min: 1, max: 6 }),
      seed: fc.integer(),
      weighted: fc.boolean(),
      equalWeights: fc.boolean(),
      regularization: fc.constantFrom(0, 1e-6),
      acceleration: fc.constantFrom('none' as const, 'squared-steps' as const),
    });
    await fc.assert(
      fc.asyncProperty(scene, async ({ d, components, seed, weighted, ...options }) => {
        const data = clusters(40, d, 3, seed);
        const model = await new GaussianMixture({
          ...options,
          components,
          covariance,
          prior: 'conjugate',
          seed,
          restarts: 1,
          maxIterations: 40,
        }).fit(data, weighted ? { weights: data.map((_, i) => (i % 5) / 2) } : {});
        for (let t = 1; t < model.history.length; t++) {
          expect(model.history[t]).toBeGreaterThanOrEqual(model.history[t - 1] - 1e-10);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('points that coincide keep their variance: nothing collapses', async () => {
    const lattice = [0, 1, 2].flatMap((x) => [0, 1, 2].map((y) => [x, y]));
    const fivePoints = [0, 1].flatMap((value) => Array.from({ length: 5 }, () => [value, value, value, value, value]));
    const duplicates = Array.from({ length: 40 }, (_, i) => [i % 2, (i % 4) ** 2]);
    for (const [data, components] of [
      [lattice, 6],
      [fivePoints, 10],
      [duplicates, 6],
    ] as const) {
      const model = await new GaussianMixture({ components, covariance, prior: 'conjugate', seed: 1 }).fit(data);
      expect(model.logDensity(data).every(Number.isFinite)).toBe(true);
      expect(model.converged).toBe(true);
      // scikit-learn's components sit on its ridge of 1e-6 here.
      if (data === lattice) for (const matrix of model.covariances) expect(matrix.get(0, 0)).toBeGreaterThan(0.005);
      for (const k of model.collapsed) expect(model.warnings.join()).toContain(String(k));
    }
  });

  test('units and offset change nothing but the units', async () => {
    const estimator = new GaussianMixture({ components: 3, covariance, prior: 'conjugate', seed: 5 });
    const model = await estimator.fit(rows);
    for (const [scale, offset] of [
      [1e-6, 0],
      [1e6, 0],
      [1, 1e8],
    ]) {
      const moved = rows.map((row) => row.map((x) => scale * x + offset));
      const other = await estimator.fit(moved);
      const digits = offset === 0 ? 8 : 4;
      model.covariances.forEach((matrix, k) => {
        expect(other.weights[k]).toBeCloseTo(model.weights[k], digits);
        expect(other.covariances[k].get(0, 0) / scale ** 2 / matrix.get(0, 0)).toBeCloseTo(1, digits);
      });
      expect((other.history.at(-1) as number) + 2 * Math.log(scale)).toBeCloseTo(
        model.history.at(-1) as number,
        digits,
      );
    }
  });

  test('whole weights equal repetition', async () => {
    const estimator = new GaussianMixture({ components: 3, covariance, prior: 'conjugate', seed: 6 });
    const weights = rows.map((_, i) => (i * 7) % 4);
    const repeated = rows.flatMap((row, i) => Array.from({ length: weights[i] }, () => row));
    const [a, b] = [await estimator.fit(rows, { weights }), await estimator.fit(repeated)];
    expect(a.rows).toBe(repeated.length);
    for (let k = 0; k < 3; k++) expect(a.covariances[k].get(1, 1)).toBeCloseTo(b.covariances[k].get(1, 1), 6);
  });
});

/** mclust 6.0.0: Mclust(faithful, G = 3, modelNames = 'VVV', prior = priorControl(), control = emControl(tol = 1e-12)). */
test('faithful, full, K = 3: the fit of mclust under its default prior', async () => {
  const n = faithful.length;
  const mean = [0, 1].map((j) => faithful.reduce((sum, row) => sum + row[j], 0) / n);
  // R divides by n - 1; K^(2 / d) = 3.
  const scale = [0, 1].map((i) =>
    [0, 1].map((j) => faithful.reduce((sum, row) => sum + (row[i] - mean[i]) * (row[j] - mean[j]), 0) / (n - 1) / 3),
  );
  const expected = [
    { weight: 0.56272707, mean: [4.317724, 78.87694], covariance: [0.1569119, 1.0947374, 28.413552] },
    { weight: 0.35595646, mean: [2.036734, 54.482279], covariance: [0.06837274, 0.4501682, 31.7518463] },
    { weight: 0.08131648, mean: [4.096275, 87.525306], covariance: [0.1458686, 1.1431411, 13.653152] },
  ];
  // From mclust's own parameters, rounded: there are higher maxima elsewhere.
  const model = await new GaussianMixture({
    components: 3,
    prior: { scale },
    regularization: 0,
    tolerance: 1e-13,
    initialization: { means: expected.map(({ mean: centre }) => centre.map((x, j) => x * (1 + 0.002 * j))) },
  }).fit(faithful);
  expected.forEach((component, k) => {
    expect(model.weights[k]).toBeCloseTo(component.weight, 4);
    expect(model.means.get(k, 0)).toBeCloseTo(component.mean[0], 4);
    expect(model.means.get(k, 1) / component.mean[1]).toBeCloseTo(1, 5);
    [model.covariances[k].get(0, 0), model.covariances[k].get(0, 1), model.covariances[k].get(1, 1)].forEach(
      (entry, i) => {
        expect(entry / component.covariance[i]).toBeCloseTo(1, 3);
      },
    );
  });
  expect(model.meanLogDensity(faithful) * n).toBeCloseTo(-1128.134993, 3);
});

describe('what cannot be', () => {
  const rows = clusters(30, 2, 2, 'refused');
  test.each<[PriorOptions, string]>([
    [{ mean: [0] }, 'prior.mean must have 2 columns, as the rows, but got 1.'],
    [{ scale: [[1]] }, 'prior.scale must have 2 columns, as the rows, but got 1.'],
    [{ degreesOfFreedom: 1 }, 'prior.degreesOfFreedom must be > 1, one less than the columns of the rows, but got 1.'],
  ])('%j does not fit the rows', async (prior, message) => {
    await expect(new GaussianMixture({ prior }).fit(rows)).rejects.toThrow(message);
  });

  test.each<[object, string]>([
    [{ meanPrecision: 0 }, 'prior.meanPrecision must be a finite number > 0, but got 0.'],
    [{ weightConcentration: 0.5 }, 'prior.weightConcentration must be a finite number >= 1, but got 0.5.'],
    [{ scale: [[1, 2]] }, 'prior.scale must be symmetric and positive definite'],
    [
      {
        scale: [
          [1, 2],
          [2, 1],
        ],
      },
      'prior.scale must be symmetric and positive definite.',
    ],
    [{ shrinkage: 1 }, 'unknown option "shrinkage"'],
  ])('%j is refused', (prior, message) => {
    expect(() => new GaussianMixture({ prior: prior as PriorOptions })).toThrow(message);
  });

  test('a constant column stays refused: a prior that follows the data has no scale for it', async () => {
    const constant = rows.map(([x]) => [x, 3]);
    await expect(new GaussianMixture({ prior: 'conjugate' }).fit(constant)).rejects.toThrow('column 1 must hold more');
  });
});
