/**
 * Data that leave some mixture undetermined: each ends in a finite, reported result or in an error that says what to do
 * (research facts 31 and 32).
 */
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { COVARIANCE_TYPES } from '../../src/gmm/covariance-type.js';
import { GaussianMixture, GaussianMixtureModel } from '../../src/gmm/index.js';
import { DIVERGENT_ROWS, DIVERGENT_START } from './divergent-start.js';

const TYPES = COVARIANCE_TYPES;
const STARTS = ['k-means++', 'k-means', 'splitting', 'random'] as const;

const fivePoints = [0, 1].flatMap((value) => Array.from({ length: 5 }, () => [value, value, value, value, value]));
const lattice = [0, 1, 2].flatMap((x) => [0, 1, 2].flatMap((y) => Array.from({ length: 5 }, () => [x, y])));

function expectFinite(model: GaussianMixtureModel, rows: number[][]): void {
  const numbers = [
    ...model.weights,
    ...model.means.data,
    ...model.covariances.flatMap((matrix) => [...matrix.data]),
    ...model.history,
    ...model.logDensity(rows),
    ...model.responsibilities(rows).data,
    ...model.sample(10, { seed: 1 }).data,
  ];
  expect(numbers.every(Number.isFinite)).toBe(true);
  expect(model.weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
}

describe.each(TYPES)('%s', (covariance) => {
  test.each(STARTS)('five ones and five zeros, ten components, %s: finite, and told', async (initialization) => {
    const model = await new GaussianMixture({ components: 10, covariance, initialization, seed: 1 }).fit(fivePoints);
    expectFinite(model, fivePoints);
    expect(model.warnings.join()).toMatch(/^components 0, 1, .* have collapsed/);
  });

  test.each(STARTS)('the same without regularization, %s: an error that says what to do', async (initialization) => {
    const estimator = new GaussianMixture({ components: 10, covariance, initialization, regularization: 0, seed: 1 });
    await expect(estimator.fit(fivePoints)).rejects.toMatchObject({
      code: expect.stringMatching(/^(degenerate-data|not-positive-definite)$/),
      message: expect.stringContaining('raise "regularization"'),
    });
  });

  test.each(STARTS)('a lattice of nine points, six components, %s: finite', async (initialization) => {
    const model = await new GaussianMixture({ components: 6, covariance, initialization, seed: 1 }).fit(lattice);
    expectFinite(model, lattice);
    // Every component that is narrower than a thousandth of the lattice's spacing is named.
    const narrow = model.covariances.filter((matrix) => Math.min(matrix.get(0, 0), matrix.get(1, 1)) < 1e-6).length;
    expect(narrow > 0).toBe(model.warnings.some((warning) => warning.includes('collapsed')));
  });

  test('two points, two components: variances are the floor, not rounding', async () => {
    const rows = [[9999], [0]];
    const model = await new GaussianMixture({ components: 2, covariance, seed: 1 }).fit(rows);
    // scikit-learn in single precision finds 112, and 60 for tied. The variance of the column is (9999 / 2)^2.
    for (const matrix of model.covariances) expect(matrix.get(0, 0)).toBeCloseTo(1e-6 * (9999 / 2) ** 2, 9);
    expectFinite(model, rows);
  });

  test('fewer rows than components are refused', async () => {
    const estimator = new GaussianMixture({ components: 3, covariance });
    const message =
      'GaussianMixture.fit: rows must hold at least 3 rows of positive weight, one per component, but got 2. Lower "components".';
    await expect(estimator.fit([[1], [2]])).rejects.toMatchObject({ code: 'invalid-data', message });
    const weights = [1, 1, 0, 0];
    await expect(estimator.fit([[1], [2], [3], [4]], { weights })).rejects.toMatchObject({ message });
  });

  test('equal rows are refused', async () => {
    for (const rows of [[[1, 2]], Array.from({ length: 5 }, () => [0.1, 0.2])]) {
      await expect(new GaussianMixture({ covariance }).fit(rows)).rejects.toMatchObject({ code: 'degenerate-data' });
    }
  });
});

describe('columns', () => {
  const rows = Array.from({ length: 30 }, (_, i) => [Math.sin(i), 7.7, Math.cos(i * i)]);

  test('a constant column is refused by its number', async () => {
    for (const covariance of ['diagonal', 'tied', 'full'] as const) {
      await expect(new GaussianMixture({ covariance }).fit(rows)).rejects.toMatchObject({
        code: 'degenerate-data',
        message:
          'GaussianMixture.fit: column 1 must hold more than one value. A Gaussian needs a variance: leave the column out, or set "covariance" to "spherical".',
      });
    }
  });

  test('spherical takes a constant column', async () => {
    const model = await new GaussianMixture({ covariance: 'spherical', components: 2, seed: 1 }).fit(rows);
    expectFinite(model, rows);
    expect(model.means.get(0, 1)).toBeCloseTo(7.7, 12);
  });

  const collinear = rows.map(([x, , z]) => [x, z, 2 * x - z + 1]);

  test('collinear columns need a ridge, and say so', async () => {
    for (const covariance of ['tied', 'full'] as const) {
      const estimator = new GaussianMixture({ covariance, components: 2, regularization: 0, seed: 1 });
      await expect(estimator.fit(collinear)).rejects.toMatchObject({
        code: 'degenerate-data',
        message: expect.stringContaining('some column is a linear function of the others'),
      });
      const model = await new GaussianMixture({ covariance, components: 2, seed: 1 }).fit(collinear);
      expectFinite(model, collinear);
      expect(model.warnings.join()).toContain('leave collinear columns out');
    }
  });

  test('as many rows as columns or fewer: the same', async () => {
    const few = [
      [1, 2, 3],
      [4, 1, 7],
      [5, 5, 1],
    ];
    await expect(new GaussianMixture({ regularization: 0 }).fit(few)).rejects.toMatchObject({
      code: 'degenerate-data',
    });
    expectFinite(await new GaussianMixture().fit(few), few);
  });

  test('a spread whose square no double holds is refused by its column', async () => {
    for (const size of [1e-170, 1e200, 1e308]) {
      const far = rows.map(([x, , z]) => [x, z * size]);
      await expect(new GaussianMixture().fit(far)).rejects.toMatchObject({
        code: 'invalid-data',
        message: expect.stringMatching(/standard deviation of column 1 must lie between .* Change the units/),
      });
    }
  });
});

describe('components that collapse in the course of EM', () => {
  // Thirty rows in a cloud and eight that are one: a component that finds them has no finite maximum.
  const cloud = Array.from({ length: 30 }, (_, i) => [Math.sin(i * 1.7) * 3, Math.cos(i * i * 0.3) * 2]);
  const spiked = [...cloud, ...Array.from({ length: 8 }, () => [10, 10])];
  const onSpike = {
    means: [
      [0, 0],
      [9.5, 9.5],
    ],
  };

  test('without a ridge a component is seeded anew, some times, then the fit gives up', async () => {
    const estimator = new GaussianMixture({ components: 2, initialization: onSpike, regularization: 0 });
    const outcome = await estimator.fit(spiked).catch((error: Error) => error);
    if (outcome instanceof Error) {
      expect(outcome).toMatchObject({ code: 'not-positive-definite' });
      expect(outcome.message).toMatch(/component \d must stay positive definite, but it collapsed in iteration \d+\./);
      expect(outcome.message).toContain('Lower "components" or raise "regularization" (now 0).');
    } else {
      expectFinite(outcome, spiked);
      expect(outcome.warnings.join()).toContain('was seeded anew by splitting component');
    }
  });

  test('with the ridge the fit is finite, and the component named', async () => {
    const model = await new GaussianMixture({ components: 2, initialization: onSpike }).fit(spiked);
    expectFinite(model, spiked);
    expect(model.warnings).toHaveLength(1);
    expect(model.warnings[0]).toMatch(/^component 1 has collapsed: rows coincide or are collinear there/);
    expect(model.weights[1]).toBeCloseTo(8 / 38, 6);
  });

  test('a start without collapse is kept before a likelier one with it', async () => {
    // All points of a line but a few: one start out of several finds them.
    const model = await new GaussianMixture({ components: 2, seed: 1, restarts: 10 }).fit([
      ...cloud,
      [10, 10],
      [10, 10],
    ]);
    expectFinite(model, cloud);
  });

  test('a shared covariance has no spike: the likeliest is kept, held up by the ridge or not', async () => {
    // One row alone has an entry in the last column: in a component of its own it leaves the others a constant. Two single
    // starts out of ten find that.
    const d = 4;
    const stream = RandomStream.of(1, 'one entry');
    const rows = Array.from({ length: 200 }, () =>
      Array.from({ length: d }, (_, j) => (j < d - 1 ? stream.normal() : 0)),
    );
    rows[0][d - 1] = 1;
    const rest = rows.slice(1);
    const mean = rest[0].map((_, j) => rest.reduce((sum, row) => sum + row[j], 0) / rest.length);
    // The variance of the last column is 199 / 200^2: its ridge, 1e-6 of that.
    const ridge = 1e-6 * (199 / 200 ** 2);
    const entry = (a: number, b: number) =>
      a < d - 1 && b < d - 1
        ? rest.reduce((sum, row) => sum + (row[a] - mean[a]) * (row[b] - mean[b]), 0) / rows.length
        : Number(a === b) * ridge;
    const covariance = mean.map((_, a) => mean.map((_, b) => entry(a, b)));
    const apart = GaussianMixtureModel.fromParameters({
      weights: [199 / 200, 1 / 200],
      means: [mean, rows[0]],
      covariances: [covariance, covariance],
    });
    for (const seed of [1, 2, 3]) {
      const options = { components: 2, covariance: 'tied', restarts: 10, seed } as const;
      const model = await new GaussianMixture(options).fit(rows);
      expect(model.meanLogDensity(rows)).toBeGreaterThan(apart.meanLogDensity(rows) - 1e-3);
      expect(model.collapsed).toEqual([0, 1]);
    }
  });

  test('an empty component comes back by splitting another', async () => {
    const initialization = {
      means: [
        [0, 0],
        [1e4, 1e4],
      ],
      weights: [0.5, 0.5],
      covariances: [
        [
          [4, 0],
          [0, 4],
        ],
        [
          [1, 0],
          [0, 1],
        ],
      ],
    };
    const model = await new GaussianMixture({ components: 2, initialization }).fit(cloud);
    expectFinite(model, cloud);
    expect(model.warnings[0]).toBe(
      'component 1 collapsed in iteration 1 and was seeded anew by splitting component 0.',
    );
    expect(model.weights[1]).toBeGreaterThan(0.05);
  });

  test('a start that gives the rows no density is refused', async () => {
    const initialization = {
      means: [[1e200, 0]],
      covariances: [
        [
          [1, 0],
          [0, 1],
        ],
      ],
    };
    await expect(new GaussianMixture({ initialization }).fit(cloud)).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining('initialization must give the rows a density above 0'),
    });
  });
});

describe('fact 32: a start that is known to diverge (scikit-learn issue 18216)', () => {
  for (const maxIterations of [1, 5, 6, 20]) {
    for (const regularization of [0, 1e-6]) {
      test(`${maxIterations} iterations, regularization ${regularization}`, async () => {
        const estimator = new GaussianMixture({
          components: 6,
          covariance: 'spherical',
          initialization: DIVERGENT_START,
          maxIterations,
          regularization,
        });
        const model = await estimator.fit(DIVERGENT_ROWS);
        expectFinite(model, DIVERGENT_ROWS);
        if (maxIterations === 1) expect(model.converged).toBe(false);
      });
    }
  }
});
