import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { Samples } from '../../src/core/samples.js';
import { KernelDensity, type KernelDensityModel, type KernelDensityOptions } from '../../src/kde/index.js';
import { kernelNames } from '../../src/kernels/index.js';
import { integrate } from '../kernels/quadrature.js';

const fit = (rows: number[][], options: KernelDensityOptions, weights?: number[]) =>
  new KernelDensity(options).fit(rows, weights && { weights });

const stream = RandomStream.of(1, 'probability');
const values = Array.from({ length: 40 }, (_, i) => stream.normal() + (i % 2) * 4);
const weights = values.map((_, i) => 1 + (i % 3));
const rows = values.map((x) => [x]);

const density = (model: KernelDensityModel) => (x: number) => Math.exp(model.logDensity([[x]])[0]);

describe.each(kernelNames)('%s', (kernel) => {
  test('item 10: the distribution function is the integral of the density, from kink to kink', async () => {
    const model = await fit(rows, { kernel, bandwidth: 0.7 }, weights);
    const f = density(model);
    const kinks = values.flatMap((x) => [x - 0.7, x, x + 0.7]).sort((a, b) => a - b);
    for (let i = 1; i < kinks.length; i += 5) {
      const [a, b] = [kinks[i - 1] + 1e-9, kinks[i] - 1e-9];
      if (b <= a) continue;
      const mass = integrate(f, a, b, 20);
      expect(Math.abs(model.intervalProbability(a, b) - mass)).toBeLessThan(2e-8);
      const [low, high] = model.cdf([[a], [b]]);
      expect(Math.abs(high - low - mass)).toBeLessThan(3e-8);
    }
    expect(model.cdf([[-1e9], [1e9]])).toEqual(Float64Array.of(model.cdf([[-1e9]])[0], 1));
  });

  test('the tree keeps its tolerance: large data against plain sums', async () => {
    const many = Array.from({ length: 3000 }, () => [stream.normal()]);
    const loose = await fit(many, { kernel, bandwidth: 0.3, relativeTolerance: 1e-3 });
    const exact = await fit(many, { kernel, bandwidth: 0.3, relativeTolerance: 0, leafSize: 4096 });
    for (const x of [-4, -2, -0.3, 0, 1, 3.5]) {
      const [a, b] = [loose.cdf([[x]])[0], exact.cdf([[x]])[0]];
      if (a !== b) expect(Math.abs(a / b - 1)).toBeLessThan(1e-3);
      const [c, d] = [loose, exact].map((model) => model.intervalProbability(x, x + 0.4));
      if (c !== d) expect(Math.abs(c / d - 1)).toBeLessThan(1e-3);
    }
  });

  test('quantiles invert the distribution function, whatever the scale', async () => {
    for (const [scale, shift] of [
      [1, 0],
      [1e-150, 0],
      [1e8, -1e9],
    ]) {
      const moved = values.map((x) => [scale * x + shift]);
      const model = await fit(moved, { kernel, bandwidth: 0.7 * scale });
      const p = [1e-9, 0.001, 0.25, 0.5, 0.75, 0.999];
      const x = model.quantile(p);
      model.cdf(Samples.column(x)).forEach((q, i) => {
        expect(Math.abs(q / p[i] - 1)).toBeLessThan(3e-8 + (1e-14 * Math.abs(shift)) / scale);
      });
      for (let i = 1; i < p.length; i++) expect(x[i]).toBeGreaterThan(x[i - 1]);
    }
  });

  test('the ends of the support are the quantiles of 0 and 1', async () => {
    const model = await fit([[0], [5]], { kernel, bandwidth: 2 });
    const isCompact = kernel !== 'gaussian' && kernel !== 'exponential';
    const ends = isCompact ? [-2, 7] : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    expect(Array.from(model.quantile([0, 1]))).toEqual(ends);
  });
});

test('item 3: SciPy`s integral of five points', async () => {
  const model = await fit([[-7], [-5], [1], [4], [5]], {});
  expect(model.cdf([[0]])[0]).toBeCloseTo(0.5028959220556506, 12);
});

test('tails keep all their digits: Phi(-30), and its mirror image above', async () => {
  const model = await fit([[0], [0]], { bandwidth: 1 });
  // mpmath: ncdf(-30).
  expect(model.cdf([[-30]])[0] / 4.906713927148187e-198).toBeCloseTo(1, 7);
  expect(model.intervalProbability(30, Number.POSITIVE_INFINITY) / 4.906713927148187e-198).toBeCloseTo(1, 7);
  expect(model.quantile([4.906713927148187e-198])[0]).toBeCloseTo(-30, 8);
});

test('a gap between two rows: the median is its left end', async () => {
  const model = await fit([[0], [10]], { kernel: 'tophat', bandwidth: 1 });
  expect(model.quantile([0.5])[0]).toBeCloseTo(1, 9);
  expect(model.quantile([0.5 + 1e-9])[0]).toBeCloseTo(9, 7);
});

describe('with bounds', () => {
  const shares = Array.from({ length: 50 }, () => [stream.beta(0.7, 2)]);

  test.each(['reflection', 'transformation', 'wrapping'] as const)('the integral of the density (%s)', async (by) => {
    for (const bandwidth of [0.1, 0.6]) {
      const model = await fit(shares, { bandwidth, bounds: [{ lower: 0, upper: 1, by }] });
      const f = density(model);
      for (const [a, b] of [
        [0.1, 0.3],
        [0.5, 0.95],
      ]) {
        const mass = integrate(f, a, b, 400);
        expect(model.intervalProbability(a, b) / mass).toBeCloseTo(1, 7);
      }
      expect(model.intervalProbability(-3, 7)).toBeCloseTo(1, 8);
      expect(Array.from(model.cdf([[-0.5], [0], [1], [2]]))).toEqual([
        0,
        0,
        expect.closeTo(1, 8),
        expect.closeTo(1, 8),
      ]);
      const x = model.quantile([0.1, 0.5, 0.9]);
      model.cdf(Samples.column(x)).forEach((p, i) => {
        expect(p).toBeCloseTo([0.1, 0.5, 0.9][i], 7);
      });
      expect(Array.from(model.quantile([0, 1]))).toEqual([0, 1]);
    }
  });
});

describe('boxes', () => {
  const plane = Array.from({ length: 300 }, () => [stream.normal(), 3 * stream.normal()]);

  test('gaussian with one bandwidth per column: the sum of products', async () => {
    const model = await fit(plane, { bandwidth: [0.4, 1] });
    const [a, b] = [await fit([[0]], { bandwidth: 0.4 }), await fit([[0]], { bandwidth: 1 })];
    for (const [lower, upper] of [
      [
        [-1, -2],
        [0.5, 9],
      ],
      [
        [Number.NEGATIVE_INFINITY, -1],
        [-3.5, Number.POSITIVE_INFINITY],
      ],
      [
        [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
        [Number.POSITIVE_INFINITY, 0],
      ],
    ] as [number[], number[]][]) {
      const expected = plane.reduce((sum, [x, y]) => {
        return (
          sum + a.intervalProbability(lower[0] - x, upper[0] - x) * b.intervalProbability(lower[1] - y, upper[1] - y)
        );
      }, 0);
      const { probability, standardError } = model.boxProbability(lower, upper);
      expect(probability / (expected / 300)).toBeCloseTo(1, 7);
      expect(standardError).toBe(0);
    }
    const all = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    expect(
      model.boxProbability(
        all.map((x) => -x),
        all,
      ).probability,
    ).toBe(1);
  });

  test('in a folded and a transformed column', async () => {
    const positive = plane.map(([x, y]) => [Math.exp(x), Math.abs(y)]);
    const bounds = [
      { lower: 0, by: 'transformation' as const },
      { lower: 0, by: 'reflection' as const },
    ];
    const model = await fit(positive, { bandwidth: [0.4, 1], bounds });
    const mass = integrate((x) => integrate((y) => Math.exp(model.logDensity([[x, y]])[0]), 0, 2, 16), 0.5, 2, 16);
    expect(model.boxProbability([0.5, 0], [2, 2]).probability).toBeCloseTo(mass, 6);
  });

  test('for other kernels and matrices: a share of draws, within its error of the integral', async () => {
    for (const options of [{ kernel: 'epanechnikov', bandwidth: 2 }, { bandwidthShape: 'full' }] as const) {
      const model = await fit(plane, options);
      const mass = integrate((x) => integrate((y) => Math.exp(model.logDensity([[x, y]])[0]), -1, 3, 30), -1, 0.7, 30);
      const { probability, standardError } = model.boxProbability([-1, -1], [0.7, 3]);
      expect(standardError).toBeGreaterThan(0);
      expect(standardError).toBeLessThan(0.003);
      expect(Math.abs(probability - mass)).toBeLessThan(4.5 * standardError + 1e-3);
      expect(model.boxProbability([-1, -1], [0.7, 3])).toEqual({ probability, standardError });
    }
  });
});

test('what is refused', async () => {
  const one = await fit(rows, {});
  const two = await fit(
    [
      [1, 2],
      [3, 5],
    ],
    {},
  );
  expect(() => two.cdf([[1]])).toThrow(
    'KernelDensityModel.cdf: the density must be of one column, but got 2. Take marginal([column]) first, or use boxProbability.',
  );
  expect(() => two.quantile([0.5])).toThrow('KernelDensityModel.quantile: the density must be of one column');
  expect(() => two.intervalProbability(0, 1)).toThrow('KernelDensityModel.intervalProbability: the density');
  expect(() => one.quantile([0.5, 1.5])).toThrow('probability 1 must be a number from 0 to 1, but got 1.5.');
  expect(() => one.quantile(0.5 as never)).toThrow('probabilities must be an array of numbers, but got 0.5.');
  expect(() => one.intervalProbability(1, 0)).toThrow('lower, column 0 must be <= upper, 0, but got 1.');
  expect(() => one.intervalProbability(Number.NaN, 0)).toThrow('lower, column 0 must be a number, but got NaN.');
  expect(() => two.boxProbability([1], [1, 2])).toThrow('lower must hold one number per column, 2, but got 1.');
  expect(() => two.boxProbability(1 as never, [1, 2])).toThrow('lower must be an array of numbers');
});

test('cells of many rows are the plain sum of normal distribution functions, within what is asked, in all tails', async () => {
  const many = Array.from({ length: 20_000 }, (_, i) => [stream.normal() + (i % 5 === 0 ? 6 : 0)]);
  const given = many.map((_, i) => 1 + (i % 3));
  const exact = await fit(many, { bandwidth: 0.2, relativeTolerance: 0, leafSize: 32_768 }, given);
  for (const relativeTolerance of [1e-3, 1e-8]) {
    const model = await fit(many, { bandwidth: 0.2, relativeTolerance }, given);
    for (const x of [-9, -4.5, -1, 0.3, 3, 7, 11]) {
      const [p, truth] = [model.cdf([[x]])[0], exact.cdf([[x]])[0]];
      expect(Math.abs(p / truth - 1)).toBeLessThan(relativeTolerance + 1e-12);
      const [upper, other] = [model, exact].map((m) => m.intervalProbability(x, Number.POSITIVE_INFINITY));
      expect(Math.abs(upper / other - 1)).toBeLessThan(relativeTolerance + 1e-12);
      const [narrow, same] = [model, exact].map((m) => m.intervalProbability(x, x + 1e-3));
      expect(Math.abs(narrow / same - 1)).toBeLessThan(relativeTolerance + 1e-12);
    }
  }
});
