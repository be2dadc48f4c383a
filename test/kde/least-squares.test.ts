/**
 * Least-squares cross-validation of every kernel: the integral of f^2 is taken here by quadrature of the density itself.
 */
import { describe, expect, test } from 'vitest';
import { Pacer } from '../../src/core/progress.js';
import { RandomStream } from '../../src/core/random.js';
import { KernelDensity, KernelDensityModel, type KernelDensityOptions } from '../../src/kde/index.js';
import { SelfConvolution } from '../../src/kde/self-convolution.js';
import { type KernelName, kernelNamed, kernelNames } from '../../src/kernels/index.js';
import { integrate, radialMoment, radialProfile } from '../kernels/quadrature.js';
import { directLogDensity } from './direct.js';

const fit = (rows: number[][], options: KernelDensityOptions, weights?: number[]) =>
  new KernelDensity(options).fit(rows, weights && { weights });

const pacer = new Pacer('test');
const others = kernelNames.filter((name) => name !== 'gaussian');

describe('a kernel folded with itself', () => {
  const at = async (kernel: KernelName, d: number) => {
    const folded = await SelfConvolution.of(kernelNamed(kernel), d, pacer);
    return (r: number): number => Math.exp(folded.logPeak) * folded.profile(r * r);
  };

  test.each(others)('%s: the integral of K^2 at 0, 1 in all, never rising', async (kernel) => {
    for (const d of [1, 2, 3, 6]) {
      const value = await at(kernel, d);
      const profile = radialProfile[kernel];
      const reach = kernel === 'exponential' ? 60 : 1;
      const area = radialMoment(kernel, d, 0) / integrate((r) => r ** (d - 1) * profile(r), 0, reach, 20_000);
      const squared = area * integrate((r) => r ** (d - 1) * profile(r) ** 2, 0, reach, 20_000);
      expect(value(0) / (squared / radialMoment(kernel, d, 0) ** 2)).toBeCloseTo(1, 7);
      expect(area * integrate((r) => r ** (d - 1) * value(r), 0, 2 * reach, 20_000)).toBeCloseTo(1, 6);
      for (let r = 0; r < 2 * reach; r += 0.01) expect(value(r + 0.01)).toBeLessThan(value(r) + 1e-10 * value(0));
      if (kernel !== 'exponential') expect(value(2)).toBe(0);
    }
  });

  test('in closed form: two intervals, two discs, two balls, epanechnikov, and Matern`s polynomials', async () => {
    const cases: [KernelName, number, (r: number) => number][] = [
      ['tophat', 1, (r) => 0.25 * (2 - r)],
      ['tophat', 2, (r) => (2 * Math.acos(r / 2) - (r / 2) * Math.sqrt(4 - r * r)) / Math.PI ** 2],
      ['tophat', 3, (r) => ((Math.PI / 12) * (4 + r) * (2 - r) ** 2) / ((4 * Math.PI) / 3) ** 2],
      ['epanechnikov', 1, (r) => (3 / 160) * (2 - r) ** 3 * (r * r + 6 * r + 4)],
      ['exponential', 1, (r) => 0.25 * (1 + r) * Math.exp(-r)],
      ['exponential', 3, (r) => ((1 + r + (r * r) / 3) * Math.exp(-r)) / (64 * Math.PI)],
    ];
    for (const [kernel, d, expected] of cases) {
      const value = await at(kernel, d);
      for (const r of [0, 0.003, 0.1, 0.5, 1, 1.5, 1.97]) {
        expect(Math.abs(value(r) - expected(r))).toBeLessThan(1e-8 * expected(0));
      }
    }
  });

  test('in the plane, by the sum over a fine grid', async () => {
    const n = 600;
    for (const kernel of ['linear', 'cosine', 'triweight'] as const) {
      const value = await at(kernel, 2);
      const k = radialProfile[kernel];
      for (const r of [0.2, 0.9, 1.4]) {
        let sum = 0;
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            const [x, y] = [(2 * i + 1) / n - 1, (2 * j + 1) / n - 1];
            sum += k(Math.hypot(x, y)) * k(Math.hypot(x - r, y));
          }
        }
        const expected = (sum * (2 / n) ** 2) / radialMoment(kernel, 2, 0) ** 2;
        expect(Math.abs(value(r) - expected)).toBeLessThan(1e-5 * value(0));
      }
    }
  });
});

function normalRows(seed: number, n: number, d: number): number[][] {
  const stream = RandomStream.of(seed, 'rows');
  return Array.from({ length: n }, () => Array.from({ length: d }, () => stream.normal()));
}

/** The criterion, with int f^2 handed in. */
function criterion(
  kernel: KernelName,
  rows: number[][],
  weights: number[],
  bandwidth: number[],
  square: number,
): { value: number; meanLogDensity: number } {
  const total = weights.reduce((sum, w) => sum + w, 0);
  let [value, meanLogDensity] = [square, 0];
  for (const [i, x] of rows.entries()) {
    const log = directLogDensity({ kernel, rows, weights, bandwidth }, x, 1, i);
    value -= 2 * (weights[i] / total) * Math.exp(log);
    meanLogDensity += (weights[i] / total) * log;
  }
  return { value, meanLogDensity };
}

/** The sum of f^2 over the middles of a fine grid, times a cell. */
function squareInPlane(f: (x: number[]) => number, from: number[], to: number[], n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const at = [i, j].map((k, axis) => from[axis] + ((k + 0.5) / n) * (to[axis] - from[axis]));
      sum += f(at) ** 2;
    }
  }
  return (sum * (to[0] - from[0]) * (to[1] - from[1])) / n ** 2;
}

/** Some steps of a search, first, middle and last. */
function someOf<T>(history: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, i) => history[Math.floor((i * (history.length - 1)) / (count - 1))]);
}

describe.each(others)('%s', (kernel) => {
  const lscv: KernelDensityOptions = { kernel, bandwidth: 'least-squares-cross-validation', leafSize: 4 };

  test('on a line, steps are the criterion by quadrature, and no bandwidth is better', async () => {
    const rows = normalRows(1, 30, 1);
    const weights = rows.map((_, i) => 1 + (i % 3));
    const model = await fit(rows, lscv, weights);
    const [scott] = (await fit(rows, { kernel }, weights)).bandwidth;
    const of = (h: number): { value: number; meanLogDensity: number } => {
      const f = (x: number): number => Math.exp(directLogDensity({ kernel, rows, weights, bandwidth: [h] }, [x]));
      const reach = kernel === 'exponential' ? 40 * h : h;
      const ends = [
        rows.reduce((a, [x]) => Math.min(a, x), 9) - reach,
        rows.reduce((a, [x]) => Math.max(a, x), -9) + reach,
      ];
      return criterion(
        kernel,
        rows,
        weights,
        [h],
        integrate((x) => f(x) ** 2, ends[0], ends[1], 2000),
      );
    };
    // The quadrature meets steps, cusps and kinks of thirty kernels.
    const rough = kernel === 'tophat' || kernel === 'exponential' ? 3e-3 : 2e-4;
    for (const { factor, squaredError, meanLogDensity } of someOf(model.history, 7)) {
      if (factor < 0.05) continue;
      const expected = of(scott * factor);
      expect(Math.abs((squaredError ?? 0) - expected.value)).toBeLessThan(rough);
      if (meanLogDensity === Number.NEGATIVE_INFINITY) expect(expected.meanLogDensity).toBe(meanLogDensity);
      else expect(meanLogDensity).toBeCloseTo(expected.meanLogDensity, 9);
    }
    const reached = of(model.bandwidth[0]).value;
    for (let x = -2; x < 1.5; x += 0.25) expect(of(scott * Math.exp(x)).value).toBeGreaterThan(reached - 2 * rough);
    expect(KernelDensityModel.fromJSON(JSON.stringify(model)).history).toEqual(model.history);
  });

  test('in the plane, with one bandwidth for each column', async () => {
    const rows = normalRows(2, 14, 2).map(([x, y]) => [x, 3 * y]);
    const weights = rows.map((_, i) => 1 + (i % 2));
    const model = await fit(rows, { ...lscv, bandwidthSearch: 'per-column' }, weights);
    const scott = (await fit(rows, { kernel }, weights)).bandwidth;
    const [step] = model.history.filter(({ factors }) => factors?.every((factor) => factor > 0.5)).slice(-1);
    const bandwidth = (step.factors ?? []).map((factor, j) => factor * scott[j]);
    const f = (x: number[]): number => Math.exp(directLogDensity({ kernel, rows, weights, bandwidth }, x));
    const reach = kernel === 'exponential' ? 9 : 1;
    const [from, to] = [-1, 1].map((side) => [0, 1].map((j) => side * ((j === 0 ? 3 : 8) + reach * bandwidth[j])));
    const expected = criterion(kernel, rows, weights, bandwidth, squareInPlane(f, from, to, 160));
    expect(Math.abs((step.squaredError ?? 0) / expected.value - 1)).toBeLessThan(kernel === 'tophat' ? 0.02 : 3e-3);
  });

  test('columns that fold: images count, in the integral too', async () => {
    const stream = RandomStream.of(3, 'shares');
    const rows = Array.from({ length: 24 }, () => [stream.uniform() ** 2]);
    for (const by of ['reflection', 'wrapping'] as const) {
      const model = await fit(rows, { ...lscv, bounds: [{ lower: 0, upper: 1, by }] });
      const scott = (await fit(rows, { kernel, bounds: [{ lower: 0, upper: 1, by }] })).bandwidth;
      const { factor, squaredError = 0 } = model.history[model.history.length - 1];
      const h = [factor * scott[0]];
      const exact = await fit(rows, { kernel, bandwidth: h, bounds: [{ lower: 0, upper: 1, by }] });
      const square = integrate((x) => Math.exp(2 * exact.logDensity([[x]])[0]), 0, 1, 4000);
      let left = 0;
      for (const [i, x] of rows.entries()) {
        const rest = await fit(
          rows.filter((_, k) => k !== i),
          { kernel, bandwidth: h, bounds: [{ lower: 0, upper: 1, by }] },
        );
        left += Math.exp(rest.logDensity([x])[0]) / rows.length;
      }
      expect(Math.abs(squaredError - (square - 2 * left))).toBeLessThan(0.01);
    }
  });
});

describe('a matrix and mirrors', () => {
  const stream = RandomStream.of(4, 'slanted');
  const rows = Array.from({ length: 25 }, () => {
    const x = stream.uniform();
    return [x, 0.7 * x + 0.3 * Math.abs(stream.normal())];
  });
  const options: KernelDensityOptions = { bandwidth: 'least-squares-cross-validation', bandwidthShape: 'full' };

  test.each([
    [[{ lower: 0, upper: 1, by: 'reflection' }, null]],
    [
      [
        { lower: 0, upper: 1, by: 'reflection' },
        { lower: 0, by: 'reflection' },
      ],
    ],
    [
      [
        { lower: 0, upper: 1, by: 'wrapping' },
        { lower: 0, by: 'reflection' },
      ],
    ],
  ] as const)('slanted gaussians meet their mirror images as they are (%j)', async (bounds) => {
    const model = await fit(rows, { ...options, bounds });
    const scott = (await fit(rows, { bandwidthShape: 'full', bounds })).bandwidthMatrix;
    const steps = model.history.filter(({ factor }) => factor > 0.6 && factor < 2.5);
    expect(steps.length).toBeGreaterThan(3);
    for (const { factor, squaredError = 0 } of someOf(steps, 3)) {
      const bandwidth = scott.toArray().map((line) => line.map((entry) => entry * factor ** 2));
      const exact = await fit(rows, { bandwidth, bounds });
      const f = (x: number[]): number => Math.exp(exact.logDensity([x])[0]);
      const square = squareInPlane(f, [0, bounds[1] ? 0 : -3], [1, 6], 120);
      let left = 0;
      for (const [i, x] of rows.entries()) {
        const rest = await fit(
          rows.filter((_, k) => k !== i),
          { bandwidth, bounds },
        );
        left += Math.exp(rest.logDensity([x])[0]) / rows.length;
      }
      expect(Math.abs(squaredError / (square - 2 * left) - 1)).toBeLessThan(1e-4);
    }
  });

  test('other kernels meet in shapes without a name: refused with advice', async () => {
    const bounds = [{ lower: 0, by: 'reflection' as const }, null];
    await expect(fit(rows, { ...options, bounds, kernel: 'biweight' })).rejects.toThrow(
      'KernelDensity.fit: for "least-squares-cross-validation" of bandwidthShape "full" with reflection option "kernel" ' +
        'must be "gaussian", but got "biweight". Or use "cross-validation", or bandwidthShape "diagonal".',
    );
    // A matrix alone, and wrapping, turn no kernel.
    const turning = [{ lower: 0, upper: 1, by: 'wrapping' as const }, null];
    expect((await fit(rows, { ...options, bounds: turning, kernel: 'biweight' })).bandwidth[0]).toBeGreaterThan(0);
    expect((await fit(rows, { ...options, kernel: 'biweight' })).bandwidth[0]).toBeGreaterThan(0);
  });
});
