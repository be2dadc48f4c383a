/**
 * The loops over blocks of rows, each against the formula written out.
 */
import { describe, expect, test } from 'vitest';
import { Pacer } from '../../src/core/progress.js';
import { RandomStream } from '../../src/core/random.js';
import { Samples } from '../../src/core/samples.js';
import { GaussianMixtureModel } from '../../src/gmm/index.js';
import { lexicographicOrder, permuteRows } from '../../src/gmm/row-order.js';
import { arbitraryStart, clusters, density, responsibility } from './naive.js';

describe.each([1, 2, 3, 4, 7])('d = %i', (d) => {
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

describe('lexicographic order', () => {
  const pacer = new Pacer('test');
  test('is that of Array.sort, equal rows in the order of arrival', async () => {
    for (const count of [0, 1, 2, 3, 17, 64, 1000]) {
      const stream = RandomStream.of(count, 'order');
      const rows = Array.from({ length: count }, () => [stream.integer(5), stream.integer(3), stream.integer(4)]);
      const samples = count === 0 ? new Samples(new Float64Array(0), 0, 3) : Samples.from(rows);
      const expected = rows.map((_, i) => i);
      expected.sort((a, b) => rows[a][0] - rows[b][0] || rows[a][1] - rows[b][1] || rows[a][2] - rows[b][2] || a - b);
      expect(Array.from(await lexicographicOrder(samples, pacer))).toEqual(expected);
    }
  });

  test('rows are put in order in place', async () => {
    for (const count of [1, 2, 5, 100]) {
      const order = RandomStream.of(count, 'permute').permutation(count);
      const data = Float64Array.from({ length: 2 * count }, (_, i) => i);
      const expected = Array.from(order, (from) => [2 * from, 2 * from + 1]).flat();
      await permuteRows(data, 2, order, pacer);
      expect(Array.from(data)).toEqual(expected);
    }
  });
});

test('numbers of all signs and sizes are ordered as they compare', async () => {
  const stream = RandomStream.of(7, 'signs');
  const special = [
    0,
    5e-324,
    -5e-324,
    1,
    -1,
    Number.MAX_VALUE,
    -Number.MAX_VALUE,
    2 ** -1022,
    -(2 ** 52),
    1 + 2 ** -52,
  ];
  const rows = Array.from({ length: 20_000 }, (_, i) => [
    i % 3 === 0 ? special[stream.integer(special.length)] : stream.normal() * 10 ** (stream.integer(600) - 300),
    stream.integer(3),
  ]);
  const expected = rows.map((_, i) => i).sort((a, b) => rows[a][0] - rows[b][0] || rows[a][1] - rows[b][1] || a - b);
  expect(Array.from(await lexicographicOrder(Samples.from(rows), new Pacer('test')))).toEqual(expected);
});
