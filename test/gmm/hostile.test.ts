/**
 * Everything that a mixture is asked for, of mixtures and rows at the ends of double precision: numbers or infinities,
 * never NaN, and no error but a ModelError.
 */
import { describe, expect, test } from 'vitest';
import { ModelError } from '../../src/core/errors.js';
import { GaussianMixtureModel } from '../../src/gmm/index.js';
import { HOSTILE } from '../core/faults.js';
import { mapped, modelOf, randomMixture } from './mixtures.js';

const plain = randomMixture(3, 3, 'hostile');
const MIXTURES: Record<string, GaussianMixtureModel> = {
  plain: modelOf(plain),
  'in units of 1e-150': modelOf(mapped(plain, 1e-150, 0)),
  'in units of 1e150': modelOf(mapped(plain, 1e150, 0)),
  'at an offset of 1e8': modelOf(mapped(plain, 1, 1e8)),
  'with a component of no weight': modelOf({ ...plain, weights: [1, 0, 0] }),
  'of equal components': modelOf({
    weights: [0.5, 0.5],
    means: [plain.means[0], plain.means[0]],
    covariances: [plain.covariances[0], plain.covariances[0]],
  }),
  'of one component': modelOf({ weights: [1], means: [plain.means[0]], covariances: [plain.covariances[0]] }),
  'nearly collinear': modelOf({
    weights: [1],
    means: [[0, 0, 0]],
    covariances: [
      [
        [1, 1 - 1e-14, 0],
        [1 - 1e-14, 1, 0],
        [0, 0, 1e-30],
      ],
    ],
  }),
};
const FAR = [0, 1, 1e8, -1e100, 1e155, -1e300, Number.MAX_VALUE, 5e-324];

describe.each(Object.entries(MIXTURES))('%s', (_, model) => {
  const rows = FAR.flatMap((x) => [
    [x, 0, 1],
    [x, -x, x],
    [0, x, -x],
  ]);
  const gaps = FAR.flatMap((x) => [
    [x, Number.NaN, 1],
    [Number.NaN, x, Number.NaN],
    [Number.NaN, Number.NaN, Number.NaN],
  ]);
  const missing = { missing: 'marginalize' } as const;

  test('no NaN in anything about rows', () => {
    const numbers = [
      model.logDensity(rows),
      model.logDensity(gaps, missing),
      model.responsibilities(rows).data,
      model.responsibilities(gaps, missing).data,
      model.logResponsibilities(rows).data,
      model.logResponsibilities(gaps, missing).data,
      model.mahalanobis(rows).data,
      model.tailProbabilities(rows, { seed: 1, count: 50 }),
      model.regress(
        rows.map(([x]) => [x]),
        { given: [1] },
      ).variances.data,
      model.regress(
        rows.map(([x, y]) => [x, y]),
        { given: [2, 0] },
      ).means.data,
      model.impute(gaps).data,
      model.impute(gaps, { draws: true, seed: 1 }).data,
      Float64Array.of(model.outlierThreshold({ seed: 1, count: 50 }), model.outlierThreshold({ reference: rows })),
    ];
    for (const [i, part] of numbers.entries()) expect(part.some(Number.isNaN), `part ${i}`).toBe(false);
    for (const shares of [model.responsibilities(rows), model.responsibilities(gaps, missing)]) {
      for (let i = 0; i < shares.rows; i++) expect(shares.row(i).reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    }
  });

  test('no NaN in anything about the mixture', () => {
    const { lower, upper } = model.entropyBounds();
    expect(lower).toBeLessThanOrEqual(upper);
    for (const { semiAxes, angle } of model.ellipses()) {
      for (const number of [...semiAxes, angle]) expect(Number.isFinite(number)).toBe(true);
    }
    expect(model.klDivergence(model, { count: 20, seed: 1 }).divergence).toBe(0);
    const merged = model.mergeComponents({ components: 1 });
    expect(merged.covariances[0].data.every(Number.isFinite)).toBe(true);
    expect(model.marginal([2, 0]).sample(3, { seed: 1 }).data.every(Number.isFinite)).toBe(true);
  });

  test('conditioning far off gives a mixture or a ModelError', () => {
    for (const x of FAR) {
      let conditional: GaussianMixtureModel;
      try {
        conditional = model.conditional({ given: { 1: x } });
      } catch (error) {
        expect(error).toBeInstanceOf(ModelError);
        continue;
      }
      expect(conditional.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
      expect(conditional.means.data.every(Number.isFinite)).toBe(true);
      expect(GaussianMixtureModel.fromJSON(conditional.toJSON()).dimension).toBe(2);
    }
  });
});

describe('arguments that misbehave when they are read', () => {
  const model = MIXTURES.plain;
  const calls: Record<string, (hostile: never) => unknown> = {
    marginal: (hostile) => model.marginal(hostile),
    conditional: (hostile) => model.conditional(hostile),
    regress: (hostile) => model.regress([[1]], hostile),
    'regress rows': (hostile) => model.regress(hostile, { given: [0] }),
    'regress given': (hostile) => model.regress([[1]], { given: hostile }),
    impute: (hostile) => model.impute(hostile),
    ellipses: (hostile) => model.ellipses(hostile),
    'ellipses columns': (hostile) => model.ellipses({ columns: hostile }),
    klDivergence: (hostile) => model.klDivergence(hostile),
    mergeComponents: (hostile) => model.mergeComponents(hostile),
    'mergeComponents groups': (hostile) => model.mergeComponents({ groups: hostile }),
    outlierThreshold: (hostile) => model.outlierThreshold(hostile),
    'outlierThreshold reference': (hostile) => model.outlierThreshold({ reference: hostile }),
    mahalanobis: (hostile) => model.mahalanobis(hostile),
    clusterings: (hostile) => model.clusterings(hostile),
    sampleComponent: (hostile) => model.sampleComponent(hostile, 1),
    'logDensity options': (hostile) => model.logDensity([[1, 2, 3]], hostile),
  };
  test.each(Object.entries(calls))('%s: a ModelError', (_, call) => {
    for (const [what, make] of Object.entries(HOSTILE)) {
      let thrown: unknown;
      try {
        call(make());
      } catch (error) {
        thrown = error;
      }
      expect(thrown, what).toBeInstanceOf(ModelError);
    }
  });
});
