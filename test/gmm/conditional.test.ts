/**
 * Marginals and conditionals: against closed forms, quadrature and brute force.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CovarianceType, GaussianMixtureModel } from '../../src/gmm/index.js';
import { expectFault, faultOf, HOSTILE } from '../core/faults.js';
import { integrate, mapped, modelOf, randomMixture } from './mixtures.js';
import { density, gaussian } from './naive.js';

const TYPES: CovarianceType[] = ['tied-spherical', 'spherical', 'tied-diagonal', 'diagonal', 'tied', 'full'];

describe('marginals', () => {
  test('are what quadrature over the other column gives', () => {
    const mixture = randomMixture(2, 3, 'marginal');
    for (const column of [0, 1]) {
      const marginal = modelOf(mixture).marginal([column]);
      for (const x of [-3, 0.2, 4]) {
        const row = (y: number) => (column === 0 ? [x, y] : [y, x]);
        const expected = integrate((y) => density(row(y), mixture), 25, 0.05);
        expect(Math.exp(marginal.logDensity([[x]])[0])).toBeCloseTo(expected, 12);
      }
    }
  });

  test('keep the order asked for, the type and the weights', () => {
    for (const type of TYPES) {
      const model = modelOf(randomMixture(4, 3, 'order', type), type);
      const marginal = model.marginal([3, 1]);
      expect(marginal.weights).toEqual(model.weights);
      expect(marginal.covariance).toBe(type);
      expect(marginal.means.row(2)).toEqual(Float64Array.of(model.means.get(2, 3), model.means.get(2, 1)));
      expect(marginal.covariances[1].get(0, 1)).toBe(model.covariances[1].get(3, 1));
      // A state holds exactly what the type asks for.
      expect(GaussianMixtureModel.fromJSON(marginal.toJSON()).weights).toEqual(model.weights);
    }
  });

  test('of all columns in another order have the same density', () => {
    const model = modelOf(randomMixture(3, 2, 'permuted'));
    expect(model.marginal([2, 0, 1]).logDensity([[3, 1, 2]])[0]).toBeCloseTo(model.logDensity([[1, 2, 3]])[0], 12);
  });

  test.each([[[]], [[0, 0]], [[3]], [[-1]], [[0.5]], ['0'], [undefined], [{}]])('refuse %j', (columns) => {
    const model = modelOf(randomMixture(3, 2, 'refused'));
    expect(faultOf(() => model.marginal(columns as never)).message).toMatch(
      /^GaussianMixtureModel.marginal: columns must be an array of different columns from 0 to 2, but got /,
    );
  });
});

describe('conditionals', () => {
  test('of the bivariate normal: the closed form (fact 33)', () => {
    const [mu1, mu2, s1, s2, rho] = [1, -2, 2, 3, 0.6];
    const covariances = [
      [
        [s1 * s1, rho * s1 * s2],
        [rho * s1 * s2, s2 * s2],
      ],
    ];
    const model = GaussianMixtureModel.fromParameters({ weights: [1], means: [[mu1, mu2]], covariances });
    for (const x2 of [-7, 0, 5]) {
      const conditional = model.conditional({ given: { 1: x2 } });
      expect(conditional.means.get(0, 0)).toBeCloseTo(mu1 + ((rho * s1) / s2) * (x2 - mu2), 13);
      expect(conditional.covariances[0].get(0, 0)).toBeCloseTo(s1 * s1 * (1 - rho * rho), 13);
    }
  });

  test.each(TYPES)('%s: p(x_a | x_b) p(x_b) = p(x), of the same type', (type) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 3 }), (seed, q) => {
        const mixture = randomMixture(4, 3, seed, type);
        const model = modelOf(mixture, type);
        const x = mixture.means[0].map((m, j) => m + Math.sin(seed + j));
        const columns = [2, 0, 3].slice(0, q);
        const conditional = model.conditional({ given: Object.fromEntries(columns.map((j) => [j, x[j]])) });
        const rest = x.filter((_, j) => !columns.includes(j));
        const joint =
          conditional.logDensity([rest])[0] + model.marginal(columns).logDensity([columns.map((j) => x[j])])[0];
        expect(joint).toBeCloseTo(Math.log(density(x, mixture)), 9);
        expect(conditional.covariance).toBe(type);
        expect(GaussianMixtureModel.fromJSON(conditional.toJSON()).dimension).toBe(4 - q);
      }),
      { numRuns: 20 },
    );
  });

  test('weights are the responsibilities of the given columns', () => {
    const mixture = randomMixture(2, 3, 'weights');
    const terms = mixture.weights.map(
      (w, k) => w * gaussian([0.4], [mixture.means[k][1]], [[mixture.covariances[k][1][1]]]),
    );
    const total = terms.reduce((a, b) => a + b);
    const { weights } = modelOf(mixture).conditional({ given: { 1: 0.4 } });
    terms.forEach((term, k) => {
      expect(weights[k]).toBeCloseTo(term / total, 13);
    });
  });

  test.each([1e3, 1e10, 1e155, 1e200, 1e300, -1e300])('far off, at %d, weights are finite (gmr issue 28)', (far) => {
    const model = modelOf(randomMixture(3, 4, 'far'));
    const conditional = model.conditional({ given: { 0: far } });
    expect([...conditional.weights].every((w) => w >= 0)).toBe(true);
    expect(conditional.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 14);
    expect(conditional.means.data.every(Number.isFinite)).toBe(true);
    expect(conditional.sample(5, { seed: 1 }).data.every(Number.isFinite)).toBe(true);
  });

  test('means that overflow are refused', () => {
    const covariances = [
      [
        [1, 1e5],
        [1e5, 2e10],
      ],
    ];
    const model = GaussianMixtureModel.fromParameters({ weights: [1], means: [[0, 0]], covariances });
    expect(faultOf(() => model.conditional({ given: { 0: 1e308 } })).code).toBe('invalid-data');
  });

  test('follow scale and offset of the data', () => {
    const mixture = randomMixture(3, 3, 'units');
    const plain = modelOf(mixture).conditional({ given: { 1: 0.5 } });
    for (const [scale, offset, digits] of [
      [1e-6, 0, 9],
      [1e6, 0, 9],
      [1, 1e8, 5],
    ]) {
      const other = modelOf(mapped(mixture, scale, offset)).conditional({ given: { 1: 0.5 * scale + offset } });
      for (let k = 0; k < 3; k++) {
        expect(other.weights[k]).toBeCloseTo(plain.weights[k], digits);
        expect((other.means.get(k, 0) - offset) / scale).toBeCloseTo(plain.means.get(k, 0), digits);
        expect(other.covariances[k].get(0, 1) / scale / scale).toBeCloseTo(plain.covariances[k].get(0, 1), digits);
      }
    }
  });

  test('nearly collinear columns keep positive variances', () => {
    const r = 1 - 1e-13;
    const covariances = [
      [
        [1, r, 0],
        [r, 1, 0],
        [0, 0, 1],
      ],
    ];
    const model = GaussianMixtureModel.fromParameters({ weights: [1], means: [[0, 0, 0]], covariances });
    const variance = model.conditional({ given: { 1: 0.3 } }).covariances[0].get(0, 0);
    // 1 - r^2, which the subtraction itself would know to two digits.
    expect(variance / ((1 - r) * (1 + r))).toBeCloseTo(1, 2);
  });

  test('arguments that will not do', () => {
    const model = modelOf(randomMixture(2, 2, 'arguments'));
    const owner = 'GaussianMixtureModel.conditional';
    const call = (argument: unknown) => () => model.conditional(argument as never);
    expectFault(
      call({ given: { 2: 0 } }),
      'invalid-option',
      `${owner}: option "given" must name columns from 0 to 1, but got "2".`,
    );
    expectFault(
      call({ given: { '01': 0 } }),
      'invalid-option',
      `${owner}: option "given" must name columns from 0 to 1, but got "01".`,
    );
    expectFault(
      call({ given: {} }),
      'invalid-option',
      `${owner}: option "given" must name at least one of 2 columns and leave one, but got 0.`,
    );
    expectFault(
      call({ given: { 0: 0, 1: 0 } }),
      'invalid-option',
      `${owner}: option "given" must name at least one of 2 columns and leave one, but got 2.`,
    );
    expectFault(
      call({ given: { 0: Number.NaN } }),
      'invalid-data',
      `${owner}: value of column 0 must be a finite number, but got NaN.`,
    );
    for (const argument of [undefined, null, 3, [1], { given: [1, 2] }, { given: 3 }, { givn: {} }])
      expect(faultOf(call(argument)).code).toBe('invalid-option');
    for (const hostile of Object.values(HOSTILE)) expect(faultOf(call({ given: hostile() })).code).toMatch(/^invalid/);
  });
});
