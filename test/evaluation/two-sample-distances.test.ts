import { describe, expect, it } from 'vitest';
import { type Progress, RandomStream, Samples, type SamplesLike } from '../../src/core/index.js';
import { Pacer } from '../../src/core/progress.js';
import { dealBins, drawLabelings } from '../../src/evaluation/bins.js';
import { ENERGY_DISTANCE_OPTIONS, energiesByPairs, energiesBySorting } from '../../src/evaluation/energy-distance.js';
import { energyDistance, maximumMeanDiscrepancy, slicedWassersteinDistance } from '../../src/evaluation/index.js';
import { MAXIMUM_MEAN_DISCREPANCY_OPTIONS } from '../../src/evaluation/maximum-mean-discrepancy.js';
import { SLICED_WASSERSTEIN_DISTANCE_OPTIONS } from '../../src/evaluation/sliced-wasserstein-distance.js';
import { readPair } from '../../src/evaluation/two-samples.js';
import { forcePlainLoops } from '../../src/simd/index.js';
import { contrastByPairs, deviation, distance, expectUniform, mean, normalRows, stream } from './samples.js';

const gaussian = (h: number) => (a: readonly number[], b: readonly number[]) =>
  Math.exp(-0.5 * (distance(a, b) / h) ** 2);

/** W_p^p of two samples of a line by walking through the quantile functions on a fine common grid of levels. */
function transportByLevels(x: readonly number[], y: readonly number[], order: number): number {
  const [a, b] = [[...x].sort((p, q) => p - q), [...y].sort((p, q) => p - q)];
  const levels = x.length * y.length;
  let sum = 0;
  for (let l = 0; l < levels; l++) sum += Math.abs(a[Math.floor(l / y.length)] - b[Math.floor(l / x.length)]) ** order;
  return sum / levels;
}

describe('maximumMeanDiscrepancy', () => {
  it.each([
    [7, 9, 1],
    [60, 45, 3],
    [300, 450, 2],
  ])('of %i and %i rows of %i columns is the sum over all pairs', async (n, m, d) => {
    const [x, y] = [normalRows(stream('x', n), n, d), normalRows(stream('y', m), m, d, 0.5)];
    for (const bandwidth of [0.7, [0.3, 2]]) {
      const scales = [bandwidth].flat();
      const expected = mean(scales.map((h) => contrastByPairs(x, y, gaussian(h))));
      const result = await maximumMeanDiscrepancy(x, y, { bandwidth, permutations: 0, seed: 1 });
      expect(result.squared).toBeCloseTo(expected, 12);
      expect(result.distance).toBeCloseTo(Math.sqrt(Math.max(expected, 0)), 10);
      expect(result.pValue).toBe(1);
      result.bandwidths.forEach((h, i) => {
        expect(h).toBeCloseTo(scales[i], 14);
      });
    }
  });

  it('is the same with plain loops', async () => {
    const [x, y] = [normalRows(stream('plain'), 150, 4), normalRows(stream('loops'), 170, 4, 1)];
    const compiled = await maximumMeanDiscrepancy(x, y, { seed: 1 });
    forcePlainLoops(true);
    try {
      const plain = await maximumMeanDiscrepancy(x, y, { seed: 1 });
      expect(plain.squared).toBeCloseTo(compiled.squared, 13);
      expect(plain.pValue).toBe(compiled.pValue);
    } finally {
      forcePlainLoops(false);
    }
  });

  it('approaches the closed form for two normals', async () => {
    // E k(x, y) for x ~ N(0, I), y ~ N(s, I): (h^2 / (h^2 + 2))^(d/2) exp(-|s|^2 / (2 (h^2 + 2))).
    const [d, h, s] = [2, 1.3, 1];
    const same = (h * h) / (h * h + 2);
    const truth = 2 * same - 2 * same * Math.exp((-s * s) / (2 * (h * h + 2)));
    const values: number[] = [];
    const errors: number[] = [];
    for (let r = 0; r < 100; r++) {
      const [x, y] = [normalRows(stream('mmd x', r), 60, d), normalRows(stream('mmd y', r), 50, d, s)];
      const { squared, standardError } = await maximumMeanDiscrepancy(x, y, { bandwidth: h, permutations: 0, seed: r });
      values.push(squared);
      errors.push(standardError);
    }
    // 4 standard errors of the mean: once in 16,000.
    expect(Math.abs(mean(values) - truth)).toBeLessThan((4 * deviation(values)) / 10);
    // The deviation of 100 values has a relative error of 7 %.
    expect(mean(errors) / deviation(values)).toBeGreaterThan(0.8);
    expect(mean(errors) / deviation(values)).toBeLessThan(1.3);
  });

  it('takes the median distance of a few rows by sorting all of them', async () => {
    const [x, y] = [normalRows(stream('median x'), 40, 2), normalRows(stream('median y'), 31, 2)];
    const all = [...x, ...y];
    const distances = all.flatMap((a, i) => all.slice(0, i).map((b) => distance(a, b))).sort((a, b) => a - b);
    const { bandwidths } = await maximumMeanDiscrepancy(x, y, { permutations: 0, seed: 1 });
    expect(bandwidths[0]).toBeCloseTo(distances[distances.length >> 1], 12);
  });

  it('knows duplicates: the median of positive distances, and nothing to find where all rows are equal', async () => {
    const mostly = [[0], [0], [0], [0], [0], [4]];
    const { bandwidths } = await maximumMeanDiscrepancy(mostly, [[0], [0], [0]], { seed: 1 });
    expect(bandwidths).toEqual([4]);
    const equal = Array.from({ length: 20 }, () => [1e8, -3]);
    expect(await maximumMeanDiscrepancy(equal, equal, { seed: 1 })).toMatchObject({ pValue: 1, distance: 0 });
  });
});

describe('energyDistance', () => {
  it.each([
    [7, 9, 1],
    [60, 45, 3],
    [300, 450, 2],
  ])('of %i and %i rows of %i columns is the sum over all pairs', async (n, m, d) => {
    const [x, y] = [normalRows(stream('x', n), n, d), normalRows(stream('y', m), m, d, 0.5)];
    const { squared } = await energyDistance(x, y, { permutations: 0, seed: 1 });
    expect(squared).toBeCloseTo(-contrastByPairs(x, y, distance), 12);
  });

  it('of one column is the same by sorting as by pairs, permutations and jackknife included', async () => {
    const x = normalRows(stream('sorting x'), 420, 1);
    // Ties within and across samples.
    const y = [...normalRows(stream('sorting y'), 500, 1), ...x.slice(0, 50), ...x.slice(0, 20)];
    const pool = readPair('test', x, y, 2);
    const bins = dealBins(pool.first, pool.second, stream('bins'));
    const { all } = drawLabelings(bins, 50, stream('labels'));
    const sorted = await energiesBySorting(pool, bins, all, new Pacer('test'));
    const paired = await energiesByPairs(pool, bins, all, new Pacer('test'));
    for (let i = 0; i < all.length; i++) expect(sorted[i]).toBeCloseTo(paired[i], 12);
  });

  it('approaches the closed form for two normals', async () => {
    // E|N(s, 2)| = 2 exp(-s^2 / 4) / sqrt(pi) + s erf(s / 2), and erf(1 / 2) = 0.5204998778130465 (Abramowitz & Stegun 7.1).
    const truth = 2 * ((2 * Math.exp(-0.25)) / Math.sqrt(Math.PI) + 0.5204998778130465) - 4 / Math.sqrt(Math.PI);
    const values: number[] = [];
    const errors: number[] = [];
    for (let r = 0; r < 200; r++) {
      const [x, y] = [normalRows(stream('energy x', r), 300, 1), normalRows(stream('energy y', r), 200, 1, 1)];
      const { squared, standardError } = await energyDistance(x, y, { permutations: 0, seed: r });
      values.push(squared);
      errors.push(standardError);
    }
    expect(Math.abs(mean(values) - truth)).toBeLessThan((4 * deviation(values)) / Math.sqrt(200));
    expect(mean(errors) / deviation(values)).toBeGreaterThan(0.8);
    expect(mean(errors) / deviation(values)).toBeLessThan(1.25);
  });

  it('where the distributions agree is 0 on average, its standard error sqrt 2 too large', async () => {
    const results = await Promise.all(
      Array.from({ length: 300 }, (_, r) =>
        energyDistance(normalRows(stream('a', r), 60, 1), normalRows(stream('b', r), 80, 1), { permutations: 0 }),
      ),
    );
    const values = results.map(({ squared }) => squared);
    expect(Math.abs(mean(values))).toBeLessThan((4 * deviation(values)) / Math.sqrt(300));
    const ratio = Math.sqrt(mean(results.map(({ standardError }) => standardError ** 2))) / deviation(values);
    expect(ratio).toBeGreaterThan(1.1);
    expect(ratio).toBeLessThan(1.8);
  });

  it('follows scale and offset of the data', async () => {
    const [x, y] = [normalRows(stream('scale x'), 80, 2), normalRows(stream('scale y'), 90, 2, 1)];
    const plain = await energyDistance(x, y, { seed: 1 });
    for (const [scale, offset, digits] of [
      [1e-6, 0, 12],
      [2 ** 1000, 0, 12],
      [2 ** -1060, 0, 3],
      [1, 1e8, 6],
    ]) {
      const move = (rows: number[][]) => rows.map((row) => row.map((value) => value * scale + offset));
      const moved = await energyDistance(move(x), move(y), { seed: 1 });
      expect(moved.squared / scale).toBeCloseTo(plain.squared, digits);
      expect(moved.pValue).toBe(plain.pValue);
    }
  });
});

describe('slicedWassersteinDistance', () => {
  it.each([1, 2, 3, 1.5])('of one column and order %d is the difference of quantile functions', async (order) => {
    for (const [n, m] of [
      [12, 12],
      [12, 18],
      [7, 30],
    ]) {
      const [x, y] = [normalRows(stream('sw x', n), n, 1), normalRows(stream('sw y', m), m, 1, 1)];
      const expected = transportByLevels(x.flat(), y.flat(), order) ** (1 / order);
      const result = await slicedWassersteinDistance(x, y, { order, permutations: 0, seed: 1 });
      expect(result.distance).toBeCloseTo(expected, 12);
      expect(result.directions).toBe(1);
    }
  });

  it('of a shift in one column is the shift', async () => {
    const x = normalRows(stream('shift'), 500, 1);
    const y = x.map(([value]) => [value - 3.25]);
    for (const order of [1, 2, 4]) {
      const { distance: found } = await slicedWassersteinDistance(x, y, { order, permutations: 0, seed: 1 });
      expect(found).toBeCloseTo(3.25, 12);
    }
  });

  it('of a shift s in d columns is s E|u_1|, or s / sqrt d for order 2, within its standard error', async () => {
    const x = normalRows(stream('shifts'), 10, 3);
    const y = x.map(([a, b, c]) => [a + 2, b, c]);
    // On the sphere in 3 dimensions |u_1| is uniform: mean 1/2, mean square 1/3.
    for (const [order, truth] of [
      [1, 1],
      [2, 2 / Math.sqrt(3)],
    ]) {
      const options = { order, directions: 2000, permutations: 0, seed: 3 };
      const { distance: found } = await slicedWassersteinDistance(x, y, options);
      // |u_1| has variance 1/12, u_1^2 has 4/45: 4 deviations of the mean of 2,000.
      const spread = order === 1 ? 2 / Math.sqrt(12) : (truth / 2) * 3 * Math.sqrt(4 / 45);
      expect(Math.abs(found - truth)).toBeLessThan((4 * spread) / Math.sqrt(2000));
    }
  });

  it('is the mean over its directions of distances by definition', async () => {
    // Along any direction rows on a line lie by the same factor closer together.
    const x = normalRows(stream('line x'), 20, 1).map(([t]) => [t, 0]);
    const y = normalRows(stream('line y'), 30, 1).map(([t]) => [2 * t, 0]);
    const flat = transportByLevels(
      x.map(([t]) => t),
      y.map(([t]) => t),
      2,
    );
    const { distance: found, directions } = await slicedWassersteinDistance(x, y, {
      directions: 3000,
      permutations: 0,
      seed: 2,
    });
    expect(directions).toBe(3000);
    // u_1^2 on the circle: mean 1/2, variance 1/8.
    expect(Math.abs(found ** 2 / flat - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 8 / 3000));
  });

  it('has a standard error that is the spread over samples', async () => {
    const results = await Promise.all(
      Array.from({ length: 150 }, (_, r) => {
        const [x, y] = [normalRows(stream('se x', r), 150, 1), normalRows(stream('se y', r), 200, 1, 1.5)];
        return slicedWassersteinDistance(x, y, { permutations: 0, seed: r });
      }),
    );
    const ratio = mean(results.map((result) => result.standardError)) / deviation(results.map((r) => r.distance));
    expect(ratio).toBeGreaterThan(0.75);
    expect(ratio).toBeLessThan(1.3);
  });
});

const TESTS = [
  ['maximumMeanDiscrepancy', maximumMeanDiscrepancy, MAXIMUM_MEAN_DISCREPANCY_OPTIONS],
  ['energyDistance', energyDistance, ENERGY_DISTANCE_OPTIONS],
  ['slicedWassersteinDistance', slicedWassersteinDistance, SLICED_WASSERSTEIN_DISTANCE_OPTIONS],
] as const;

describe.each(TESTS)('the permutation test of %s', (owner, measure, table) => {
  const quick = owner === 'slicedWassersteinDistance' ? { directions: 5 } : {};

  it.each([
    [1, 30, 40, 200],
    [2, 30, 25, 200],
    // Bins of two and three rows.
    [1, 230, 260, 80],
  ])('has uniform p-values where distributions agree (%i columns, %i and %i rows)', async (d, n, m, repeats) => {
    const pValues: number[] = [];
    for (let r = 0; r < repeats; r++) {
      const [x, y] = [normalRows(stream(owner, 'x', d, n, r), n, d), normalRows(stream(owner, 'y', d, n, r), m, d)];
      pValues.push((await measure(x, y, { permutations: 39, seed: r, ...quick })).pValue);
    }
    expectUniform(pValues, 39);
  });

  it('sees a difference, sorted rows or not', async () => {
    const x = normalRows(stream(owner, 'power x'), 250, 2).sort(([a], [b]) => a - b);
    const y = normalRows(stream(owner, 'power y'), 300, 2, 0.6);
    expect((await measure(x, y, { permutations: 199, seed: 1, ...quick })).pValue).toBe(1 / 200);
  });

  it('is the same for the same seed, and does not touch its rows', async () => {
    const x = Samples.from(normalRows(stream('seed x'), 300, 2));
    const y = Samples.from(normalRows(stream('seed y'), 200, 2, 0.1));
    const before = x.data.slice();
    const options = { permutations: 99, seed: 7, ...quick };
    const results = await Promise.all([measure(x, y, options), measure(x, y, options)]);
    expect(results[0]).toEqual(results[1]);
    expect(x.data).toEqual(before);
  });

  it('reports progress and ends with the reason of its signal', async () => {
    const rows = normalRows(stream('abort'), 3000, 2);
    const seen: Progress[] = [];
    const controller = new AbortController();
    const onProgress = (progress: Progress) => {
      seen.push(progress);
      controller.abort(new Error('enough'));
    };
    await expect(measure(rows, rows, { signal: controller.signal, onProgress })).rejects.toThrow('enough');
    expect(seen.length).toBe(1);
    await expect(measure(rows, rows, { signal: AbortSignal.abort(new Error('at once')) })).rejects.toThrow('at once');
  });

  it('refuses what is no data, and options outside their table', async () => {
    const call = (x: unknown, y: unknown, options?: object) => measure(x as SamplesLike, y as SamplesLike, options);
    const pair = [[1], [2]];
    await expect(call([[1]], pair)).rejects.toThrow(`${owner}: first must hold at least 2 rows, but got 1.`);
    await expect(call(pair, [[1], [Number.NaN]])).rejects.toThrow(
      `${owner}: second, row 1, column 0 must be finite, but got NaN.`,
    );
    await expect(
      call(pair, [
        [1, 2],
        [1, 3],
      ]),
    ).rejects.toThrow(`${owner}: second must have as many columns as first, 1, but got 2.`);
    for (const [name, { rule }] of Object.entries(table)) {
      for (const value of rule.outside) {
        await expect(call(pair, pair, { [name]: value })).rejects.toThrow(`option "${name}" must be ${rule.words}`);
      }
    }
    await expect(call(pair, pair, { permutation: 3 })).rejects.toThrow('did you mean "permutations"?');
  });

  it('answers with numbers for the smallest and the strangest data', async () => {
    const strange = [
      [
        [[0], [1]],
        [[2], [3]],
      ],
      [
        [
          [0, 1],
          [0, 1],
        ],
        [
          [0, 1],
          [0, 1],
          [0, 1],
        ],
      ],
      [
        [[1e300], [-1e300]],
        [[0], [1.7e308]],
      ],
      [
        [[5e-324], [0]],
        [[0], [1e-320]],
      ],
    ];
    for (const [x, y] of strange) {
      const result = await measure(x, y, { seed: RandomStream.of(1, 'x').uniform() });
      for (const value of Object.values(result).flat()) expect(value).not.toBeNaN();
    }
  });
});
