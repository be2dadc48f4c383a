import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Samples } from '../../src/core/samples.js';
import { KernelDensity, type KernelDensityOptions } from '../../src/kde/index.js';
import { kernelNamed, kernelNames } from '../../src/kernels/index.js';

const text = readFileSync(new URL('../../data/faithful.csv', import.meta.url), 'utf8');
const faithful = text
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').map(Number));

async function bandwidthOf(rows: number[][], options: KernelDensityOptions, weights?: number[]) {
  return (await new KernelDensity(options).fit(rows, weights && { weights })).bandwidth;
}

test('items 3, 6 and 14: SciPy`s gaussian_kde on small data', async () => {
  const cases: [number[], number[] | undefined, number, number][] = [
    [[-7, -5, 1, 4, 5], undefined, 3.8895758320626306, 4.119931452888009],
    [[0, 1, 2, 3, 4, 5, 6, 7, 8], undefined, 1.7647456896218199, 1.869260707835559],
    // Weighted: Kish's number of rows is 2.818..., and the variance is the unbiased one of reliability weights.
    [[0.2, 13.5, 21, 75, 99], [1, 2, 4, 8, 16], 33.519707594703604, 35.50487342929499],
  ];
  for (const [data, weights, scott, silverman] of cases) {
    const rows = data.map((x) => [x]);
    expect((await bandwidthOf(rows, {}, weights))[0] / scott).toBeCloseTo(1, 13);
    expect((await bandwidthOf(rows, { bandwidth: 'silverman' }, weights))[0] / silverman).toBeCloseTo(1, 13);
  }
});

test('item 13: Old Faithful, one column and two', async () => {
  const eruptions = faithful.map(([x]) => [x]);
  expect((await bandwidthOf(eruptions, { bandwidth: 'scott' }))[0]).toBeCloseTo(0.3719744827377146, 13);
  expect((await bandwidthOf(eruptions, { bandwidth: 'silverman' }))[0]).toBeCloseTo(0.39400424037758713, 13);
  // In two dimensions the two rules are one: n^(-1/6) standard deviations.
  for (const bandwidth of ['scott', 'silverman'] as const) {
    const [first, second] = await bandwidthOf(faithful, { bandwidth });
    expect(first).toBeCloseTo(0.4483998362478719, 13);
    expect(second).toBeCloseTo(5.340930057005554, 12);
  }
});

test.each(kernelNames)('rules give each kernel the same smoothing, in standard deviations (%s)', async (kernel) => {
  const [gaussian] = await bandwidthOf(faithful, {});
  const [h] = await bandwidthOf(faithful, { kernel });
  expect((h * Math.sqrt(kernelNamed(kernel).variance(2))) / gaussian).toBeCloseTo(1, 13);
});

test.each(['scott', 'silverman', 'cross-validation'] as const)(
  'item 16: %s refuses data that determine nothing, and says what to do',
  async (bandwidth) => {
    const estimator = new KernelDensity({ bandwidth });
    await expect(estimator.fit([[1, 2]])).rejects.toMatchObject({
      code: 'degenerate-data',
      message:
        'KernelDensity.fit: there must be at least two rows to choose a bandwidth from, but got 1. ' +
        'Give the bandwidth as a number, or as one number per column.',
    });
    await expect(
      estimator.fit([
        [1, 5],
        [2, 5],
        [3, 5],
      ]),
    ).rejects.toMatchObject({
      code: 'degenerate-data',
      message:
        'KernelDensity.fit: column 1 must not be constant, but got 5. ' +
        'Give the bandwidth as a number, or as one number per column.',
    });
    // 0.1 has no exact mean in binary: the constant is seen all the same.
    await expect(estimator.fit(new Array(10).fill([0.1]))).rejects.toMatchObject({ code: 'degenerate-data' });
    // Weight leaves one row.
    await expect(estimator.fit([[1], [2]], { weights: [1, 0] })).rejects.toMatchObject({ code: 'degenerate-data' });
    await expect(estimator.fit([[1], [2]], { weights: [1e20, 1] })).rejects.toThrow(
      'KernelDensity.fit: the weights must not all but lie on one row to choose a bandwidth. ' +
        'Give the bandwidth as a number, or as one number per column.',
    );
    await expect(estimator.fit([[-1.7e308], [1.7e308]])).rejects.toMatchObject({ code: 'degenerate-data' });
  },
);

test('item 16: ties and few rows are no obstacle to rules, nor anything to a number', async () => {
  const tied = [377, 347, 347, 347, 347, 347].map((x) => [x]);
  for (const bandwidth of ['scott', 'silverman', 'cross-validation'] as const) {
    const [h] = await bandwidthOf(tied, { bandwidth });
    expect(h).toBeGreaterThan(0);
    expect(h).toBeLessThan(40);
  }
  for (const rows of [
    [[3, 4]],
    new Array(100).fill([3, 4]),
    [
      [3, 4],
      [3, 5],
    ],
  ]) {
    const model = await new KernelDensity({ bandwidth: 0.5, leafSize: 2 }).fit(rows);
    expect(model.logDensity([[3, 4]])[0]).toBeGreaterThan(-3);
    expect(model.sample(10, { seed: 1 }).rows).toBe(10);
  }
  // n <= d, and rows along a line: no covariance to invert here.
  const line = await new KernelDensity().fit([
    [1, 2, 3],
    [2, 4, 6],
  ]);
  expect(Number.isFinite(line.logDensity([[1, 1, 1]])[0])).toBe(true);
});

test('the model says which rule chose its bandwidth', async () => {
  const rows = Samples.column([1, 2, 4]);
  expect((await new KernelDensity().fit(rows)).bandwidthRule).toBe('scott');
  expect((await new KernelDensity({ bandwidth: 'silverman' }).fit(rows)).bandwidthRule).toBe('silverman');
  const given = await new KernelDensity({ bandwidth: 2 }).fit(rows);
  expect(given.bandwidthRule).toBe('given');
  expect(given.history).toEqual([]);
});
