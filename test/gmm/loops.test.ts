/**
 * The loops over blocks of rows, each against the formula written out.
 */
import { describe, expect, test } from 'vitest';
import { GaussianMixtureModel } from '../../src/gmm/index.js';
import { arbitraryStart, clusters, density, responsibility } from './naive.js';

describe.each([1, 2, 3, 4, 7, 24])('d = %i', (d) => {
  // 1,100 rows make two full blocks and a part.
  const rows = clusters(1100, d, 3, `loops ${d}`);
  for (const covariance of ['full', 'diagonal'] as const) {
    const start = arbitraryStart(rows, 4, covariance);
    const model = GaussianMixtureModel.fromParameters({ ...start, covariance });

    test(`${covariance}: log-densities are those of the formula`, () => {
      const values = model.logDensity(rows);
      rows.forEach((row, i) => {
        expect(values[i]).toBeCloseTo(Math.log(density(row, start)), 10);
      });
    });

    test(`${covariance}: responsibilities are those of the formula, and predict takes the largest`, () => {
      const shares = model.responsibilities(rows);
      const labels = model.predict(rows);
      rows.forEach((row, i) => {
        const expected = responsibility(row, start);
        const found = Array.from(shares.row(i));
        expected.forEach((share, k) => {
          expect(found[k]).toBeCloseTo(share, 12);
        });
        expect(found.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 14);
        expect(labels[i]).toBe(found.indexOf(Math.max(...found)));
      });
    });

    test(`${covariance}: each row's result depends on that row alone`, () => {
      const whole = model.logDensity(rows);
      expect(model.logDensity(rows.slice(700, 703))).toEqual(whole.slice(700, 703));
      expect(model.logDensity([...rows].reverse())).toEqual(whole.slice().reverse());
      expect(model.responsibilities([rows[600]]).row(0)).toEqual(model.responsibilities(rows).row(600));
    });
  }
});
