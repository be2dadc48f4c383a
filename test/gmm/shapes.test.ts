/**
 * Ellipses, Mahalanobis distances, log-responsibilities, outliers and draws of one component.
 */
import { describe, expect, test } from 'vitest';
import { GaussianMixtureModel, type MissingRule } from '../../src/gmm/index.js';
import { expectFault, faultOf } from '../core/faults.js';
import { mapped, modelOf, randomMixture } from './mixtures.js';
import { gaussian, invert, responsibility } from './naive.js';

describe('ellipses', () => {
  test('of known axes', () => {
    const turned = (angle: number, long: number, short: number) => {
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      const xy = (long - short) * c * s;
      return [
        [long * c * c + short * s * s, xy],
        [xy, long * s * s + short * c * c],
      ];
    };
    for (const angle of [-1.2, -0.3, 0, 0.7, 1.5, Math.PI / 2]) {
      const model = GaussianMixtureModel.fromParameters({
        weights: [1],
        means: [[3, 4]],
        covariances: [turned(angle, 9, 4)],
      });
      const [ellipse] = model.ellipses({ level: 1 - Math.exp(-0.5) });
      expect(ellipse.centre).toEqual([3, 4]);
      // At this level the radius is one standard deviation.
      expect(ellipse.semiAxes[0]).toBeCloseTo(3, 13);
      expect(ellipse.semiAxes[1]).toBeCloseTo(2, 13);
      expect(ellipse.angle).toBeCloseTo(angle, 13);
      expect(ellipse.weight).toBe(1);
    }
  });

  test('hold their level of draws, on any pair of columns and in any units', () => {
    const mixture = randomMixture(3, 2, 'ellipses');
    for (const [scale, offset] of [
      [1, 0],
      [1e-6, 0],
      [1e6, 0],
      [1, 1e8],
    ]) {
      const model = modelOf(mapped(mixture, scale, offset));
      const ellipses = model.ellipses({ level: 0.8, columns: [2, 0] });
      ellipses.forEach(({ centre, semiAxes, angle }, k) => {
        const draws = model.sampleComponent(k, 4000, { seed: 5 });
        let inside = 0;
        for (let i = 0; i < draws.rows; i++) {
          const [x, y] = [draws.get(i, 2) - centre[0], draws.get(i, 0) - centre[1]];
          const along = (x * Math.cos(angle) + y * Math.sin(angle)) / semiAxes[0];
          const across = (y * Math.cos(angle) - x * Math.sin(angle)) / semiAxes[1];
          if (along * along + across * across <= 1) inside++;
        }
        expect(Math.abs(inside / 4000 - 0.8)).toBeLessThan(4 * Math.sqrt(0.16 / 4000));
      });
    }
  });

  test('arguments that will not do', () => {
    const model = modelOf(randomMixture(2, 1, 'arguments'));
    for (const level of [0, 1, -1, Number.NaN, '0.5'])
      expect(faultOf(() => model.ellipses({ level } as never)).code).toBe('invalid-option');
    for (const columns of [[0], [0, 0], [0, 2], [0, 1, 0]])
      expect(faultOf(() => model.ellipses({ columns } as never)).code).toBe('invalid-option');
    expectFault(
      () => model.marginal([0]).ellipses(),
      'shape-mismatch',
      'GaussianMixtureModel.ellipses: the mixture must have at least 2 columns, but got 1.',
    );
  });
});

describe('Mahalanobis distances', () => {
  test('are those of the formula', () => {
    const mixture = randomMixture(4, 3, 'distances');
    const rows = modelOf(mixture).sample(30, { seed: 1 });
    const distances = modelOf(mixture).mahalanobis(rows);
    rows.toArray().forEach((row, i) => {
      mixture.means.forEach((mean, k) => {
        const { inverse } = invert(mixture.covariances[k]);
        const delta = row.map((x, j) => x - mean[j]);
        const form = inverse.reduce(
          (sum, line, a) => sum + delta[a] * line.reduce((s, entry, b) => s + entry * delta[b], 0),
          0,
        );
        expect(distances.get(i, k)).toBeCloseTo(Math.sqrt(form), 9);
      });
    });
  });

  test('at the mean they are 0, and beyond the squares of doubles still finite', () => {
    const model = GaussianMixtureModel.fromParameters({
      weights: [1],
      means: [[0, 0]],
      covariances: [
        [
          [4, 0],
          [0, 1],
        ],
      ],
    });
    const distances = model.mahalanobis([
      [0, 0],
      [1e200, 0],
      [3e-200, 0],
      [2e300, 1e300],
    ]);
    expect(distances.data).toEqual(Float64Array.of(0, 5e199, 1.5e-200, Math.SQRT2 * 1e300));
    const apart = GaussianMixtureModel.fromParameters({ weights: [1], means: [[-1.5e308]], covariances: [[[16]]] });
    expect(apart.mahalanobis([[1.5e308]]).get(0, 0)).toBeCloseTo(0.75e308, -294);
    const narrow = GaussianMixtureModel.fromParameters({ weights: [1], means: [[0]], covariances: [[[1e-20]]] });
    expect(narrow.mahalanobis([[1.5e308]]).get(0, 0)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('log-responsibilities', () => {
  const mixture = randomMixture(2, 3, 'log responsibilities');
  const model = modelOf(mixture);

  test('are the logarithms of responsibilities', () => {
    for (const row of [
      [0, 0],
      [1, -2],
      [3, 3],
    ]) {
      const found = model.logResponsibilities([row]).row(0);
      responsibility(row, mixture).forEach((share, k) => {
        expect(found[k]).toBeCloseTo(Math.log(share), 10);
      });
    }
  });

  test('go on where responsibilities underflow', () => {
    const pair = GaussianMixtureModel.fromParameters({
      weights: [0.5, 0.5],
      means: [[0], [100]],
      covariances: [[[1]], [[1]]],
    });
    expect(pair.responsibilities([[0]]).get(0, 1)).toBe(0);
    expect(pair.logResponsibilities([[0]]).get(0, 1)).toBe(-5000);
  });

  test.each([1e155, 1e300])('at %d: no NaN', (far) => {
    const row = [...model.logResponsibilities([[far, -far]]).row(0)];
    expect(row.filter((x) => x === 0)).toHaveLength(1);
    expect(row.filter((x) => x === Number.NEGATIVE_INFINITY)).toHaveLength(2);
  });
});

describe('outliers', () => {
  const normal = GaussianMixtureModel.fromParameters({ weights: [1], means: [[0]], covariances: [[[1]]] });

  test('tail probabilities of a normal are 2 Phi(-|x|)', () => {
    const tail = normal.tailProbabilities([[0], [1], [-1.959963984540054], [2.5758293035489004], [10]], {
      count: 100_000,
      seed: 1,
    });
    [1, 0.3173105078629141, 0.05, 0.01].forEach((expected, i) => {
      expect(Math.abs(tail[i] - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected) + 1e-5) / 100_000));
    });
    expect(tail[4]).toBe(1 / 100_001);
  });

  test('the threshold leaves its share below: log phi at the quantile', () => {
    const threshold = normal.outlierThreshold({ quantile: 0.05, count: 200_000, seed: 2 });
    expect(threshold).toBeCloseTo(-0.5 * Math.log(2 * Math.PI) - 0.5 * 1.959963984540054 ** 2, 1);
    expect(normal.outlierThreshold({ seed: 2 })).toBe(
      normal.outlierThreshold({ quantile: 0.01, count: 10_000, seed: 2 }),
    );
  });

  test('against rows at hand', () => {
    const reference = [[0], [1], [2], [3], [4]];
    expect([...normal.tailProbabilities([[0.5], [2], [9]], { reference })]).toEqual([5 / 6, 4 / 6, 1 / 6]);
    // Linear between the order statistics, as R and NumPy have it.
    expect(normal.outlierThreshold({ reference, quantile: 0.25 })).toBeCloseTo(normal.logDensity([[3]])[0], 14);
    expect(normal.outlierThreshold({ reference, quantile: 0.125 })).toBeCloseTo(
      (normal.logDensity([[3]])[0] + normal.logDensity([[4]])[0]) / 2,
      13,
    );
  });

  test('far references and rows give no NaN', () => {
    const reference = [[1e200], [1e300], [0]];
    expect([...normal.tailProbabilities([[1e200], [0]], { reference })]).toEqual([0.75, 1]);
    expect(normal.outlierThreshold({ reference, quantile: 0.7 })).toBe(Number.NEGATIVE_INFINITY);
  });

  test('arguments that will not do', () => {
    for (const quantile of [0, 1, Number.NaN])
      expect(faultOf(() => normal.outlierThreshold({ quantile })).code).toBe('invalid-option');
    expect(faultOf(() => normal.outlierThreshold({ reference: [[1, 2]] })).message).toBe(
      'GaussianMixtureModel.outlierThreshold: rows must have 1 column, as in fit, but got 2.',
    );
    expect(faultOf(() => normal.tailProbabilities([[Number.NaN]])).code).toBe('invalid-data');
  });
});

describe('draws of one component', () => {
  const mixture = randomMixture(2, 3, 'component');
  const model = modelOf(mixture);

  test('have its moments', () => {
    const draws = model.sampleComponent(1, 20_000, { seed: 4 });
    for (let j = 0; j < 2; j++) {
      const column = Array.from({ length: draws.rows }, (_, i) => draws.get(i, j));
      const mean = column.reduce((a, b) => a + b) / draws.rows;
      const variance = column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.rows;
      const expected = mixture.covariances[1][j][j];
      expect(Math.abs(mean - mixture.means[1][j])).toBeLessThan(4 * Math.sqrt(expected / 20_000));
      expect(Math.abs(variance / expected - 1)).toBeLessThan(4 * Math.sqrt(2 / 20_000));
    }
    expect(gaussian([...draws.row(0)], mixture.means[1], mixture.covariances[1])).toBeGreaterThan(0);
  });

  test('same seed, same bits; components draw apart', () => {
    expect(model.sampleComponent(0, 5, { seed: 1 }).data).toEqual(model.sampleComponent(0, 5, { seed: 1 }).data);
    expect(model.sampleComponent(0, 0).rows).toBe(0);
    expectFault(
      () => model.sampleComponent(3, 1),
      'invalid-option',
      'GaussianMixtureModel.sampleComponent: component must be an integer from 0 to 2, but got 3.',
    );
    expect(faultOf(() => model.sampleComponent(0, -1)).code).toBe('invalid-option');
  });
});

test('an unknown rule for missing values is refused by every method', () => {
  const model = modelOf(randomMixture(2, 2, 'rules'));
  const methods = [
    'logDensity',
    'meanLogDensity',
    'responsibilities',
    'logResponsibilities',
    'predict',
    'bic',
    'aic',
    'icl',
    'clusterings',
  ] as const;
  for (const method of methods) {
    expect(faultOf(() => model[method]([[1, 2]], { missing: 'drop' as MissingRule })).message).toBe(
      `GaussianMixtureModel.${method}: option "missing" must be one of "refuse" or "marginalize", but got "drop".`,
    );
    expect(faultOf(() => model[method]([[1, Number.NaN]])).message).toBe(
      `GaussianMixtureModel.${method}: row 0, column 1 must be finite, but got NaN.`,
    );
  }
});
