/**
 * Regression on a mixture: against the moments of conditionals found by quadrature, and against the closed form.
 */
import { describe, expect, test } from 'vitest';
import { type CovarianceType, GaussianMixtureModel } from '../../src/gmm/index.js';
import { faultOf } from '../core/faults.js';
import { integrate, mapped, modelOf, randomMixture } from './mixtures.js';
import { density } from './naive.js';

describe('regression', () => {
  test('one Gaussian: the line, and its residual variance', () => {
    const [rho, s1, s2] = [-0.8, 2, 5];
    const covariances = [
      [
        [s1 * s1, rho * s1 * s2],
        [rho * s1 * s2, s2 * s2],
      ],
    ];
    const model = GaussianMixtureModel.fromParameters({ weights: [1], means: [[3, 7]], covariances });
    const { means, variances, columns } = model.regress([[1], [3], [40]], { given: [0] });
    expect(columns).toEqual([1]);
    [1, 3, 40].forEach((x, i) => {
      expect(means.get(i, 0)).toBeCloseTo(7 + ((rho * s2) / s1) * (x - 3), 12);
      expect(variances.get(i, 0)).toBeCloseTo(s2 * s2 * (1 - rho * rho), 12);
    });
  });

  test('moments of the conditional density by quadrature', () => {
    const mixture = randomMixture(2, 3, 'regression');
    const { means, variances } = modelOf(mixture).regress([[-2], [0.5], [3]], { given: [1] });
    [-2, 0.5, 3].forEach((y, i) => {
      const at = (x: number) => density([x, y], mixture);
      const total = integrate(at, 30, 0.02);
      const mean = integrate((x) => x * at(x), 30, 0.02) / total;
      const variance = integrate((x) => (x - mean) ** 2 * at(x), 30, 0.02) / total;
      expect(means.get(i, 0)).toBeCloseTo(mean, 10);
      expect(variances.get(i, 0)).toBeCloseTo(variance, 10);
    });
  });

  test.each<CovarianceType>(['spherical', 'tied-diagonal', 'tied', 'full'])(
    '%s: the moments of conditional mixtures, row by row',
    (type) => {
      const mixture = randomMixture(4, 3, 'rows', type);
      const model = modelOf(mixture, type);
      const rows = model
        .sample(20, { seed: 1 })
        .toArray()
        .map((row) => [row[3], row[1]]);
      const { columns, means, variances } = model.regress(rows, { given: [3, 1] });
      expect(columns).toEqual([0, 2]);
      rows.forEach(([x3, x1], i) => {
        const conditional = model.conditional({ given: { 3: x3, 1: x1 } });
        for (let j = 0; j < 2; j++) {
          const mean = conditional.weights.reduce((sum, w, k) => sum + w * conditional.means.get(k, j), 0);
          const second = conditional.weights.reduce(
            (sum, w, k) => sum + w * (conditional.covariances[k].get(j, j) + (conditional.means.get(k, j) - mean) ** 2),
            0,
          );
          expect(means.get(i, j)).toBeCloseTo(mean, 11);
          expect(variances.get(i, j)).toBeCloseTo(second, 11);
        }
      });
    },
  );

  test('follows scale and offset of the data', () => {
    const mixture = randomMixture(3, 3, 'units');
    const plain = modelOf(mixture).regress([[0.5, 1]], { given: [0, 2] });
    for (const [scale, offset, digits] of [
      [1e-6, 0, 9],
      [1e6, 0, 9],
      [1, 1e8, 5],
    ]) {
      const model = modelOf(mapped(mixture, scale, offset));
      const other = model.regress([[0.5 * scale + offset, scale + offset]], { given: [0, 2] });
      expect((other.means.get(0, 0) - offset) / scale).toBeCloseTo(plain.means.get(0, 0), digits);
      expect(other.variances.get(0, 0) / scale / scale).toBeCloseTo(plain.variances.get(0, 0), digits);
    }
  });

  test('each row by itself, to the bit', () => {
    const model = modelOf(randomMixture(3, 3, 'bits'));
    const rows = Array.from({ length: 600 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
    const whole = model.regress(rows, { given: [2, 0] });
    const part = model.regress(rows.slice(500, 510), { given: [2, 0] });
    expect(part.means.data).toEqual(whole.means.data.slice(500, 510));
    expect(part.variances.data).toEqual(whole.variances.data.slice(500, 510));
  });

  test('far rows: no NaN', () => {
    const model = modelOf(randomMixture(3, 3, 'far'));
    for (const far of [1e10, 1e155, 1e200, 1e300, Number.MAX_VALUE]) {
      const { means, variances } = model.regress(
        [
          [far, 0],
          [-far, far],
          [far, -far],
          [far, far],
        ],
        { given: [0, 2] },
      );
      expect([...means.data, ...variances.data].some(Number.isNaN)).toBe(false);
      expect(variances.data.every((v) => v >= 0)).toBe(true);
    }
  });

  test('arguments that will not do', () => {
    const model = modelOf(randomMixture(3, 2, 'arguments'));
    const call = (rows: unknown, options: unknown) =>
      faultOf(() => model.regress(rows as never, options as never)).message;
    const owner = 'GaussianMixtureModel.regress: ';
    expect(call([[1]], { given: [0, 1] })).toBe(`${owner}rows must have 2 columns, as option "given" has, but got 1.`);
    expect(call([[1, 2, 3]], { given: [0, 1, 2] })).toBe(
      `${owner}option "given" must leave a column: at most 2 of 3, but got 3.`,
    );
    expect(call([[1]], { given: [3] })).toBe(
      `${owner}option "given" must be an array of different columns from 0 to 2, but got [3].`,
    );
    expect(call([[1]], {})).toContain('option "given" must be an array of different columns');
    expect(call([[Number.NaN]], { given: [0] })).toBe(`${owner}row 0, column 0 must be finite, but got NaN.`);
  });
});
