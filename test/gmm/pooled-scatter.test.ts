/**
 * The scatter of shared matrices as a difference, against the sum taken row by row.
 */
import { describe, expect, test } from 'vitest';
import { Pacer } from '../../src/core/progress.js';
import { RandomStream } from '../../src/core/random.js';
import { expectation, totalScatter, type WeightedRows } from '../../src/gmm/expectation.js';
import type { WhitenedMixture } from '../../src/gmm/log-joint.js';

const pacer = new Pacer('test');

/** Rows about 0 in three clusters `apart` from each other, and the mixture of unit spheres at their centres. */
function setting(d: number, apart: number, diagonal: boolean, weighted: boolean): [WeightedRows, WhitenedMixture] {
  const stream = RandomStream.of(d, 'pooled');
  const n = 700;
  const means = Float64Array.from({ length: 3 * d }, (_, at) => apart * (Math.floor(at / d) - 1) * (at % 2 ? 1 : 0.5));
  const data = Float64Array.from(
    { length: n * d },
    (_, at) => means[(Math.floor(at / d) % 3) * d + (at % d)] + stream.normal(),
  );
  const weights = weighted ? Float64Array.from({ length: n }, () => stream.uniform()) : undefined;
  const total = weights ? weights.reduce((sum, weight) => sum + weight, 0) : n;
  const factors = new Float64Array(diagonal ? 3 * d : (d * (d + 1)) / 2);
  if (diagonal) factors.fill(1);
  else for (let i = 0; i < d; i++) factors[(i * (i + 3)) / 2] = 1;
  const form = diagonal ? 'diagonal' : 'tied';
  return [
    { data, rows: n, columns: d, weights, total },
    { components: 3, dimension: d, form, means, factors, constants: new Float64Array(3) },
  ];
}

describe.each([2, 3, 5, 9])('d = %i', (d) => {
  test.each([true, false])('is that of rows (diagonal: %s)', async (diagonal) => {
    for (const weighted of [false, true]) {
      const [rows, mixture] = setting(d, 2, diagonal, weighted);
      const truth = await expectation(rows, mixture, pacer);
      const pooled = await expectation(rows, mixture, pacer, 'responsibilities', await totalScatter(rows, pacer));
      expect([truth.pooled, pooled.pooled]).toEqual([false, true]);
      expect([...pooled.mass]).toEqual([...truth.mass]);
      // Without products, sums about the middle of the means take their place.
      for (const [at, entry] of pooled.shift.entries()) {
        expect(Math.abs(entry - truth.shift[at])).toBeLessThan(1e-13 * rows.total * 4);
      }
      const size = pooled.scatter.length;
      expect(size).toBe(diagonal ? d : (d * (d + 1)) / 2);
      for (let at = 0; at < size; at++) {
        const sum = [0, 1, 2].reduce((total, k) => total + truth.scatter[k * size + at], 0);
        // Entries are sums over rows of products of about 1.
        expect(Math.abs(pooled.scatter[at] - sum)).toBeLessThan(1e-13 * rows.total * 4);
      }
    }
  });

  test('is taken row by row where means explain nearly all', async () => {
    const [rows, mixture] = setting(d, 100, false, false);
    const truth = await expectation(rows, mixture, pacer);
    const statistics = await expectation(rows, mixture, pacer, 'responsibilities', await totalScatter(rows, pacer));
    expect(statistics).toEqual(truth);
  });
});
