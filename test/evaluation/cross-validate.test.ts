import { describe, expect, it } from 'vitest';
import { ModelError, type Progress, RandomStream } from '../../src/core/index.js';
import { CROSS_VALIDATE_OPTIONS } from '../../src/evaluation/cross-validate.js';
import { crossValidate } from '../../src/evaluation/index.js';
import { UnitNormal } from './normal.js';

const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);
const stream = RandomStream.of(0, 'cross-validate');
const rows = Array.from({ length: 23 }, () => [10 + stream.normal()]);
const x = rows.map(([value]) => value);

describe('crossValidate', () => {
  it('leaving one out, is the closed form: a residual grows by n / (n - 1)', async () => {
    // Without x_i the mean is (n m - x_i) / (n - 1), so x_i lies n (x_i - m) / (n - 1) from it.
    const n = x.length;
    const m = x.reduce((sum, value) => sum + value, 0) / n;
    const expected = x.map((value) => -HALF_LOG_2PI - 0.5 * ((n * (value - m)) / (n - 1)) ** 2);
    const result = await crossValidate(new UnitNormal(), rows, { folds: n });
    for (let i = 0; i < n; i++) expect(result.logDensity[i]).toBeCloseTo(expected[i], 12);
    const mean = expected.reduce((sum, value) => sum + value, 0) / n;
    const squares = expected.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    expect(result.mean).toBeCloseTo(mean, 12);
    expect(result.standardError).toBeCloseTo(Math.sqrt(squares / (n * (n - 1))), 12);
    expect(result).toMatchObject({ rows: n, outsideSupport: 0, densityKind: 'exact' });
    expect(result.folds.every((fold) => fold.standardError === Number.POSITIVE_INFINITY)).toBe(true);
  });

  it('leaving one out with weights, is the closed form: a residual grows by W / (W - w)', async () => {
    const weights = x.map((_, i) => 1 + (i % 4));
    const total = weights.reduce((sum, w) => sum + w, 0);
    const m = x.reduce((sum, value, i) => sum + weights[i] * value, 0) / total;
    const expected = x.map((value, i) => -HALF_LOG_2PI - 0.5 * ((total * (value - m)) / (total - weights[i])) ** 2);
    const result = await crossValidate(new UnitNormal(), rows, { folds: x.length, weights });
    for (let i = 0; i < x.length; i++) expect(result.logDensity[i]).toBeCloseTo(expected[i], 12);
    const mean = expected.reduce((sum, value, i) => sum + (weights[i] / total) * value, 0);
    expect(result.mean).toBeCloseTo(mean, 12);
  });

  it('holds each row out once, in folds whose sizes differ by one at most, and fits to the rest', async () => {
    const estimator = new UnitNormal();
    const { folds } = await crossValidate(estimator, rows, { folds: 4, seed: 1 });
    expect(folds.map((fold) => fold.rows).sort()).toEqual([5, 6, 6, 6]);
    expect(folds.flatMap((fold) => Array.from(fold.testIndices)).sort((a, b) => a - b)).toEqual([...rows.keys()]);
    for (const [f, { testIndices }] of folds.entries()) {
      const rest = rows.filter((_, i) => !testIndices.includes(i));
      expect(estimator.calls[f].rows.toArray()).toEqual(rest);
    }
  });

  it('pools folds by rows, and each fold judges its own', async () => {
    const { mean, folds, logDensity } = await crossValidate(new UnitNormal(), rows, { folds: 4, seed: 1 });
    const pooled = folds.reduce((sum, fold) => sum + fold.mean * fold.rows, 0) / rows.length;
    expect(mean).toBeCloseTo(pooled, 12);
    for (const fold of folds) {
      const own = Array.from(fold.testIndices, (i) => logDensity[i]);
      expect(fold.mean).toBeCloseTo(own.reduce((sum, value) => sum + value, 0) / own.length, 12);
    }
  });

  it('has the same folds for the same seed and others for another', async () => {
    const indices = async (seed: number) =>
      (await crossValidate(new UnitNormal(), rows, { seed })).folds.map((fold) => Array.from(fold.testIndices));
    expect(await indices(0)).toEqual(await indices(0));
    expect(await indices(0)).not.toEqual(await indices(1));
    expect(await indices(0)).toHaveLength(5);
  });

  it('returns the models when asked to', async () => {
    const bare = await crossValidate(new UnitNormal(), rows, { folds: 3, seed: 0 });
    const { folds } = await crossValidate(new UnitNormal(), rows, { folds: 3, seed: 0, keepModels: true });
    expect(bare.folds.every((fold) => !('model' in fold))).toBe(true);
    for (const { model, testIndices } of folds) {
      const rest = x.filter((_, i) => !testIndices.includes(i));
      expect(model?.mean[0]).toBeCloseTo(rest.reduce((sum, value) => sum + value, 0) / rest.length, 12);
    }
  });

  it('treats weight 0 as absence, but still evaluates the row', async () => {
    const weights = x.map((_, i) => (i < 18 ? 1 : 0));
    const result = await crossValidate(new UnitNormal(), rows, { folds: 6, seed: 4, weights });
    const without = await crossValidate(new UnitNormal(), rows.slice(0, 18), { folds: 6, seed: 4 });
    expect(result.mean).toBeCloseTo(without.mean, 12);
    expect(result.rows).toBe(18);
    for (let i = 0; i < 18; i++) expect(result.logDensity[i]).toBeCloseTo(without.logDensity[i], 12);
    expect(result.logDensity.every(Number.isFinite)).toBe(true);
    expect(result.folds.every((fold) => fold.rows === 3)).toBe(true);
  });

  it('passes on only the fit options that were given', async () => {
    const estimator = new UnitNormal();
    await crossValidate(estimator, rows, { seed: 0 });
    expect(estimator.calls.every(({ options }) => Object.keys(options ?? {}).length === 0)).toBe(true);
  });

  it('reports progress of the folds and of the fits within', async () => {
    const seen: Progress[] = [];
    await crossValidate(new UnitNormal(), rows, { folds: 2, onProgress: (progress) => seen.push(progress) });
    expect(seen.map(({ phase, completed, total }) => [phase, completed, total])).toEqual([
      ['fold 1 of 2, averaging', 1, 1],
      ['cross-validation', 1, 2],
      ['fold 2 of 2, averaging', 1, 1],
      ['cross-validation', 2, 2],
    ]);
  });

  it('ends with the reason of its signal', async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('enough'));
    await expect(crossValidate(new UnitNormal(), rows, { signal: controller.signal, onProgress })).rejects.toThrow(
      'enough',
    );
    const aborted = AbortSignal.abort(new Error('at once'));
    await expect(crossValidate(new UnitNormal(), rows, { signal: aborted })).rejects.toThrow('at once');
  });

  it('copies rows and weights at the start', async () => {
    const given = rows.map((row) => [...row]);
    const weights = new Float64Array(rows.length).fill(2);
    const running = crossValidate(new UnitNormal(), given, { weights, seed: 0 });
    for (const row of given) row[0] = 0;
    weights.fill(0);
    const expected = await crossValidate(new UnitNormal(), rows, { seed: 0 });
    expect((await running).mean).toBeCloseTo(expected.mean, 12);
  });

  it.each([
    [{ folds: 1 }, 'crossValidate: option "folds" must be an integer >= 2, but got 1.'],
    [{ folds: 24 }, 'crossValidate: option "folds" must be at most the number of rows, 23, but got 24.'],
    [{ weights: [1] }, 'crossValidate: weights must hold one number per row, 23, but got 1.'],
    [
      { weights: x.map((_, i) => (i < 3 ? 1 : 0)) },
      'crossValidate: option "folds" must be at most the number of rows of positive weight, 3, but got 5.',
    ],
    [{ fold: 3 }, 'did you mean "folds"?'],
  ])('refuses %o', async (options, message) => {
    const error = await crossValidate(new UnitNormal(), rows, options as object).catch((reason) => reason);
    expect(error).toBeInstanceOf(ModelError);
    expect(error.message).toContain(message);
  });

  it('refuses every value one step outside its option table', async () => {
    for (const [name, spec] of Object.entries(CROSS_VALIDATE_OPTIONS)) {
      for (const value of spec.rule.outside) {
        const error = await crossValidate(new UnitNormal(), rows, { [name]: value }).catch((reason) => reason);
        expect(error.message).toContain(`crossValidate: option "${name}" must be ${spec.rule.words}`);
      }
    }
  });

  it('lets the errors of the estimator through', async () => {
    await expect(crossValidate(new UnitNormal(), [[1], [2]], { folds: 2 })).rejects.toThrow('UnitNormal.fit: two rows');
  });
});
