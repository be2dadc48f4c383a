import { describe, expect, test } from 'vitest';
import { ModelError } from '../../src/core/errors.js';
import { Samples } from '../../src/core/samples.js';
import { type CovarianceType, GaussianMixture, GaussianMixtureModel } from '../../src/gmm/index.js';
import { expectFault, faultOf, HOSTILE } from '../core/faults.js';
import { expectCounts, expectDistribution, expectMean, normalCdf } from '../core/statistics.js';
import { arbitraryStart, clusters, invert } from './naive.js';

const identity = [
  [1, 0],
  [0, 1],
];
const pair = GaussianMixtureModel.fromParameters({
  weights: [0.3, 0.7],
  means: [
    [-2, 0],
    [3, 1],
  ],
  covariances: [
    identity,
    [
      [2, -0.9],
      [-0.9, 0.5],
    ],
  ],
});

describe('degrees of freedom (fact 24)', () => {
  test.each<[CovarianceType, number]>([
    ['tied-spherical', 12],
    ['spherical', 13],
    ['tied-diagonal', 16],
    ['diagonal', 21],
    ['tied', 26],
    ['full', 41],
  ])('%s, d = 5, K = 2: %i', async (covariance, expected) => {
    const rows = clusters(60, 5, 2, 'df');
    const model = await new GaussianMixture({ components: 2, covariance, seed: 1 }).fit(rows);
    expect(model.degreesOfFreedom).toBe(expected);
    const equal = await new GaussianMixture({ components: 2, covariance, equalWeights: true, seed: 1 }).fit(rows);
    expect(equal.degreesOfFreedom).toBe(expected - 1);
    const sum = model.logDensity(rows).reduce((a, b) => a + b);
    expect(model.bic(rows)).toBeCloseTo(-2 * sum + expected * Math.log(60), 8);
    expect(model.aic(rows)).toBeCloseTo(-2 * sum + 2 * expected, 8);
    expect(model.meanLogDensity(rows)).toBeCloseTo(sum / 60, 12);
  });
});

describe('far rows (fact 29)', () => {
  test.each([1e3, 1e10, 1e100, 1e153, 1e155, 1e300, Number.MAX_VALUE])('at %d: no NaN, rows sum to 1', (far) => {
    for (const row of [
      [far, 0],
      [0, -far],
      [far, far],
      [-far, far],
    ]) {
      const [logDensity] = pair.logDensity([row]);
      expect(Number.isNaN(logDensity)).toBe(false);
      if (far >= 1e155) expect(logDensity).toBe(Number.NEGATIVE_INFINITY);
      else expect(Number.isFinite(logDensity)).toBe(true);
      const shares = pair.responsibilities([row]).row(0);
      expect(shares[0] + shares[1]).toBe(1);
      // Far away the wider axis wins: here the second component's, along (2, -0.9).
      expect(pair.predict([row])[0]).toBe(shares[0] > shares[1] ? 0 : 1);
    }
  });

  test('far along an axis the wider component takes the row, in every magnitude', () => {
    const model = GaussianMixtureModel.fromParameters({
      weights: [0.999, 0.001],
      means: [[0], [0]],
      covariances: [[[1]], [[2]]],
    });
    for (const far of [1e2, 1e50, 1e150, 1e160, 1e300])
      expect(model.predict([[far], [-far]])).toEqual(Uint32Array.of(1, 1));
  });

  test('a component of weight 0 takes nothing', () => {
    const model = GaussianMixtureModel.fromParameters({
      weights: [1, 0],
      means: [[0], [5]],
      covariances: [[[1]], [[1]]],
    });
    expect(model.responsibilities([[5], [1e200]]).toArray()).toEqual([
      [1, 0],
      [1, 0],
    ]);
    expect(model.logDensity([[5]])[0]).toBeCloseTo(-12.5 - 0.5 * Math.log(2 * Math.PI), 14);
  });
});

describe('densities', () => {
  test('one standard normal', () => {
    const model = GaussianMixtureModel.fromParameters({ weights: [1], means: [[0]], covariances: [[[1]]] });
    expect(model.logDensity([[0], [1], [40]])).toEqual(
      Float64Array.of(-0.9189385332046727, -1.4189385332046727, -800.9189385332047),
    );
  });

  test('integrate to 1 in two dimensions', () => {
    // The trapezium rule converges faster than any power for such integrands; the box holds all but 1e-20.
    const step = 0.1;
    const rows: number[][] = [];
    for (let x = -14; x <= 18; x += step) for (let y = -12; y <= 12; y += step) rows.push([x, y]);
    const sum = pair.logDensity(rows).reduce((total, value) => total + Math.exp(value), 0);
    expect(sum * step * step).toBeCloseTo(1, 10);
  });
});

describe('samples (fact 33)', () => {
  const draws = pair.sampleWithComponents(20_000, { seed: 7 });

  test('components come with their weights, shuffled', () => {
    const counts = [0, 0];
    for (const k of draws.components) counts[k]++;
    expectCounts(counts, pair.weights);
    // In shuffled order the next label differs with probability 2 * 0.3 * 0.7.
    let changes = 0;
    for (let i = 1; i < draws.components.length; i++)
      changes += Number(draws.components[i] !== draws.components[i - 1]);
    expectCounts([changes, 19_999 - changes], [0.42, 0.58]);
  });

  test('each component has its mean and covariance', () => {
    for (const k of [0, 1]) {
      const own = Array.from(draws.components.keys()).filter((i) => draws.components[i] === k);
      const rows = own.map((i) => draws.samples.row(i));
      const [mean, covariance] = [pair.means.row(k), pair.covariances[k].toArray()];
      // Whitened by the inverse of a Cholesky factor written out: two independent standard normals.
      const [a, b, c] = [Math.sqrt(covariance[0][0]), covariance[0][1] / Math.sqrt(covariance[0][0]), covariance[1][1]];
      const first = Float64Array.from(rows, (row) => (row[0] - mean[0]) / a);
      const second = Float64Array.from(rows, (row, i) => (row[1] - mean[1] - b * first[i]) / Math.sqrt(c - b * b));
      expectDistribution(first, normalCdf);
      expectDistribution(second, normalCdf);
      expectMean(
        first.map((z, i) => z * second[i]),
        0,
        1,
      );
    }
  });

  test('any number of rows, exactly', () => {
    for (let count = 0; count < 100; count++) {
      const samples = pair.sample(count, { seed: 1 });
      expect([samples.rows, samples.columns]).toEqual([count, 2]);
    }
  });

  test('same seed, same bits; the first rows do not depend on how many follow', () => {
    expect(pair.sample(20_000, { seed: 7 }).data).toEqual(draws.samples.data);
    expect(pair.sample(10, { seed: 7 }).data).toEqual(draws.samples.data.slice(0, 20));
    expect(pair.sample(10, { seed: 8 }).data).not.toEqual(draws.samples.data.slice(0, 20));
    expect(pair.sample(10).data).not.toEqual(pair.sample(10).data);
  });
});

describe('immutable', () => {
  test('what it hands out are copies', () => {
    const before = JSON.stringify(pair);
    pair.weights[0] = 9;
    pair.means.data[0] = 9;
    pair.covariances[0].data[0] = 9;
    (pair.toState().tensors.means.data as Float64Array)[0] = 9;
    expect(JSON.stringify(pair)).toBe(before);
    expect(Object.isFrozen(pair.history)).toBe(true);
    expect(Object.isFrozen(pair.warnings)).toBe(true);
  });

  test('what it was built from is not kept', () => {
    const covariance = new Samples(Float64Array.of(1), 1, 1);
    const means = new Samples(Float64Array.of(0), 1, 1);
    const model = GaussianMixtureModel.fromParameters({ weights: [1], means, covariances: [covariance] });
    covariance.data[0] = 5;
    means.data[0] = 5;
    expect([model.means.data[0], model.covariances[0].data[0]]).toEqual([0, 1]);
  });
});

describe('covariances times their inverse', () => {
  test('are the identity, for every type of a fit', async () => {
    const rows = clusters(80, 3, 2, 'inverse');
    for (const covariance of ['tied-spherical', 'spherical', 'tied-diagonal', 'diagonal', 'tied', 'full'] as const) {
      const model = await new GaussianMixture({ components: 2, covariance, seed: 1 }).fit(rows);
      for (const matrix of model.covariances) {
        expect(matrix.rows).toBe(3);
        const { inverse, determinant } = invert(matrix.toArray());
        expect(determinant).toBeGreaterThan(0);
        expect(inverse[0][1]).toBeCloseTo(inverse[1][0], 12);
      }
    }
  });
});

describe('fromParameters', () => {
  const good = { weights: [0.5, 0.5], means: [[0], [1]], covariances: [[[1]], [[1]]] };
  const owner = 'GaussianMixtureModel.fromParameters';

  test('takes matrices of any form, and their rounding', () => {
    const start = arbitraryStart(clusters(9, 2, 1, 1), 3, 'full');
    const rounded = start.weights.map((weight) => weight * (1 + 1e-13));
    const model = GaussianMixtureModel.fromParameters({
      weights: Float64Array.from(rounded),
      means: Samples.from(start.means),
      covariances: start.covariances.map((matrix) => Samples.from(matrix)),
    });
    expect(model.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 15);
    expect([model.converged, model.iterations, model.history, model.warnings]).toEqual([true, 0, [], []]);
  });

  test.each<[string, object, string, string]>([
    ['weights off the simplex', { weights: [0.5, 0.6] }, 'invalid-data', `weights must sum to 1, but got 1.1.`],
    ['a negative weight', { weights: [-0.5, 1.5] }, 'invalid-data', 'weight 0 must be >= 0, but got -0.5.'],
    [
      'a weight too few',
      { weights: [1] },
      'shape-mismatch',
      'weights must hold 2 numbers, one per row of means, but got 1.',
    ],
    [
      'a NaN mean',
      { means: [[0], [Number.NaN]] },
      'invalid-data',
      'means, row 1, column 0 must be finite, but got NaN.',
    ],
    ['a zero variance', { covariances: [[[1]], [[0]]] }, 'invalid-data', 'covariance 1 must be positive definite.'],
    [
      'a matrix of another size',
      { covariances: [[[1]], identity] },
      'shape-mismatch',
      'covariance 1 must be 1 x 1, but got [2, 2].',
    ],
    [
      'a matrix too few',
      { covariances: [[[1]]] },
      'shape-mismatch',
      'covariances must be an array of 2 matrices, one per row of means, but got an array of 1 entry.',
    ],
    [
      'another type',
      { covariance: 'tied', covariances: [[[1]], [[2]]] },
      'invalid-data',
      "covariance 1 must equal covariance 0, as the type is 'tied'.",
    ],
    [
      'an unknown type',
      { covariance: 'round' },
      'invalid-option',
      'covariance must be one of tied-spherical, spherical, tied-diagonal, diagonal, tied, full, but got "round".',
    ],
  ])('refuses %s', (_, change, code, message) => {
    const description = { ...good, ...change } as never;
    expectFault(() => GaussianMixtureModel.fromParameters(description), code as never, `${owner}: ${message}`);
  });

  test('refuses asymmetry and indefinite matrices', () => {
    const skew = (b: number, c: number) => ({
      weights: [1],
      means: [[0, 0]],
      covariances: [
        [
          [1, b],
          [c, 1],
        ],
      ],
    });
    const expected = 'covariance 0 must be symmetric, but got [0.2, 0.1].';
    expect(faultOf(() => GaussianMixtureModel.fromParameters(skew(0.1, 0.2))).message).toContain(expected);
    const indefinite = faultOf(() => GaussianMixtureModel.fromParameters(skew(1.1, 1.1)));
    expect(indefinite.message).toContain('covariance 0 must be positive definite');
    for (const hostile of Object.values(HOSTILE)) {
      expect(faultOf(() => GaussianMixtureModel.fromParameters(hostile())).code).toBe('invalid-data');
      for (const part of ['weights', 'means', 'covariances']) {
        const description = { ...good, [part]: hostile() };
        expect(faultOf(() => GaussianMixtureModel.fromParameters(description)).code).toMatch(/^(invalid|shape)/);
      }
    }
    for (const nothing of [undefined, null, 3, 'x', {}]) {
      expect(faultOf(() => GaussianMixtureModel.fromParameters(nothing as never))).toBeInstanceOf(ModelError);
    }
  });
});

test('rows of another width are refused by every method', () => {
  for (const method of ['logDensity', 'meanLogDensity', 'responsibilities', 'predict', 'bic', 'aic'] as const) {
    expectFault(
      () => pair[method]([[1, 2, 3]]),
      'shape-mismatch',
      `GaussianMixtureModel.${method}: rows must have 2 columns, as in fit, but got 3.`,
    );
  }
});
