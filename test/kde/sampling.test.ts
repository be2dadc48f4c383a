import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { KernelDensity } from '../../src/kde/index.js';
import { kernelNamed, kernelNames } from '../../src/kernels/index.js';
import { integrate, radialMoment, radialProfile } from '../kernels/quadrature.js';

const count = 20_000;

describe.each(kernelNames)('item 18: samples of %s', (kernel) => {
  const rows = [
    [-3, 10],
    [0, 11],
    [0.5, 14],
    [4, 10],
  ];
  const weights = [1, 4, 2, 1];
  const bandwidth = [0.5, 2];

  test('have the weighted mean, and the covariance of the rows plus that of the kernel', async () => {
    const model = await new KernelDensity({ kernel, bandwidth }).fit(rows, { weights });
    const samples = model.sample(count, { seed: 1 });
    const share = weights.map((weight) => weight / 8);
    const mean = [0, 1].map((j) => rows.reduce((sum, row, i) => sum + share[i] * row[j], 0));
    for (const [j, k] of [
      [0, 0],
      [1, 1],
      [0, 1],
    ]) {
      const own = rows.reduce((sum, row, i) => sum + share[i] * (row[j] - mean[j]) * (row[k] - mean[k]), 0);
      const expected = own + (j === k ? bandwidth[j] ** 2 * kernelNamed(kernel).variance(2) : 0);
      const products = Array.from({ length: count }, (_, i) => {
        return (samples.get(i, j) - mean[j]) * (samples.get(i, k) - mean[k]);
      });
      const found = products.reduce((sum, x) => sum + x, 0) / count;
      const spread = Math.sqrt(products.reduce((sum, x) => sum + (x - found) ** 2, 0)) / count;
      expect(Math.abs(found - expected)).toBeLessThan(4.5 * spread);
      if (j !== k) continue;
      const average = Array.from({ length: count }, (_, i) => samples.get(i, j)).reduce((sum, x) => sum + x, 0) / count;
      expect(Math.abs(average - mean[j])).toBeLessThan(4.5 * Math.sqrt(expected / count));
    }
  });

  test('follow the distribution function, in one dimension', async () => {
    const data = [-1, 0, 0.2, 3];
    const model = await new KernelDensity({ kernel, bandwidth: 0.8 }).fit(data.map((x) => [x]));
    const drawn = model.sample(count, { seed: 2 }).data.slice().sort();
    // F(x) = mean of the kernel's own distribution function, by quadrature.
    const mass = radialMoment(kernel, 1, 0);
    const cdf = (u: number): number => {
      const part = integrate(radialProfile[kernel], 0, Math.min(Math.abs(u), 40), 200) / mass;
      return 0.5 + Math.sign(u) * Math.min(0.5, part);
    };
    let distance = 0;
    for (let i = 0; i < count; i += 200) {
      const expected = data.reduce((sum, x) => sum + cdf((drawn[i] - x) / 0.8), 0) / data.length;
      distance = Math.max(distance, Math.abs((i + 0.5) / count - expected));
    }
    // Kolmogorov's 0.1% point.
    expect(distance).toBeLessThan(1.95 / Math.sqrt(count));
  });

  test('of a compact kernel lie within the bandwidth of a row, and have a density', async () => {
    const model = await new KernelDensity({ kernel, bandwidth }).fit(rows);
    const samples = model.sample(500, { seed: 3 });
    for (const value of model.logDensity(samples)) expect(value).toBeGreaterThan(Number.NEGATIVE_INFINITY);
    if (!kernelNamed(kernel).isCompact) return;
    for (let i = 0; i < 500; i++) {
      const [x, y] = samples.row(i);
      const nearest = Math.min(...rows.map((row) => Math.hypot((x - row[0]) / 0.5, (y - row[1]) / 2)));
      expect(nearest).toBeLessThanOrEqual(1 + 1e-12);
    }
  });
});

test('sk#21224: every kernel can be sampled, any number of rows, seed by seed', async () => {
  for (const kernel of kernelNames) {
    const model = await new KernelDensity({ kernel, bandwidth: 1 }).fit([[1, 2, 3]]);
    for (const n of [0, 1, 7]) expect(model.sample(n, { seed: 0 }).rows).toBe(n);
    expect(model.sample(5, { seed: 0 })).toEqual(model.sample(5, { seed: 0 }));
    expect(model.sample(5, { seed: 0 })).not.toEqual(model.sample(5, { seed: 1 }));
    expect(model.sample(5)).not.toEqual(model.sample(5));
    // More draws go on where fewer stopped.
    expect(model.sample(9, { seed: 0 }).data.slice(0, 15)).toEqual(model.sample(5, { seed: 0 }).data);
  }
});

test('rows are picked by weight', async () => {
  const weights = [1, 0, 5, 2];
  const model = await new KernelDensity({ kernel: 'tophat', bandwidth: 0.1 }).fit([[0], [1], [2], [3]], { weights });
  const found = [0, 0, 0, 0];
  for (const x of model.sample(count, { seed: 4 }).data) found[Math.round(x)]++;
  expect(found[1]).toBe(0);
  for (const [i, weight] of weights.entries()) {
    const p = weight / 8;
    expect(Math.abs(found[i] / count - p)).toBeLessThanOrEqual(4.5 * Math.sqrt((p * (1 - p)) / count));
  }
});

test('samples fit their own model: the mean log-density of samples is that of the integral', async () => {
  const stream = RandomStream.of(5);
  const rows = Array.from({ length: 30 }, () => [stream.normal()]);
  const model = await new KernelDensity({ bandwidth: 0.5 }).fit(rows);
  const logs = model.logDensity(model.sample(count, { seed: 5 }));
  const entropy = integrate(
    (x) => {
      const log = model.logDensity([[x]])[0];
      return Math.exp(log) * log;
    },
    -9,
    9,
    500,
  );
  const mean = logs.reduce((sum, x) => sum + x, 0) / count;
  const spread = Math.sqrt(logs.reduce((sum, x) => sum + (x - mean) ** 2, 0)) / count;
  expect(Math.abs(mean - entropy)).toBeLessThan(4.5 * spread);
});
