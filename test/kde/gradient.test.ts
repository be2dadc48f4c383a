import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { KernelDensity, type KernelDensityModel, type KernelDensityOptions } from '../../src/kde/index.js';
import { kernelNames } from '../../src/kernels/index.js';

const fit = (rows: number[][], options: KernelDensityOptions, weights?: number[]) =>
  new KernelDensity(options).fit(rows, weights && { weights });

const stream = RandomStream.of(1, 'gradient');
const rows = Array.from({ length: 80 }, () => [stream.normal(), 1 + 2 * stream.uniform(), 6 * stream.uniform()]);
const weights = rows.map((_, i) => 1 + (i % 4));

/** Differences of the log-density over a thousandth of a unit, of fourth order. */
function differences(model: KernelDensityModel, x: number[]): number[] {
  return x.map((_, j) => {
    const at = (step: number): number => model.logDensity([x.map((v, k) => (k === j ? v + step * 1e-3 : v))])[0];
    return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / 12e-3;
  });
}

function expectGradient(model: KernelDensityModel, queries: number[][], tolerance: number): void {
  const gradient = model.logDensityGradient(queries);
  queries.forEach((x, i) => {
    const expected = differences(model, x);
    for (let j = 0; j < x.length; j++) {
      expect(Math.abs(gradient.get(i, j) - expected[j])).toBeLessThan(tolerance * Math.max(1, Math.abs(expected[j])));
    }
  });
}

const queries = [
  [0.1, 2, 3],
  [-1.2, 1.3, 0.5],
  [1, 2.4, 5],
];

test.each(kernelNames)('is what differences of the log-density say (%s)', async (kernel) => {
  const model = await fit(rows, { kernel, bandwidth: [3, 2.5, 4], relativeTolerance: 1e-13 }, weights);
  // A tophat is level but where a step crosses an edge.
  if (kernel === 'tophat') expect(model.logDensityGradient(queries).data.every((g) => g === 0)).toBe(true);
  // Rows that come into reach during a difference bend it where the kernel has a kink at its edge.
  else expectGradient(model, queries, ['epanechnikov', 'linear', 'cosine'].includes(kernel) ? 2e-3 : 1e-6);
});

test('with a matrix, and in every kind of bound', async () => {
  const bandwidth = [
    [0.5, 0.2, 0.1],
    [0.2, 0.3, 0],
    [0.1, 0, 0.9],
  ];
  const bounds = [
    null,
    { lower: 1, upper: 3, by: 'transformation' as const },
    { lower: 0, upper: 6, by: 'wrapping' as const },
  ];
  const options = { relativeTolerance: 1e-13 };
  expectGradient(await fit(rows, { ...options, bandwidth }, weights), [...queries, [9, -8, 7]], 1e-6);
  expectGradient(await fit(rows, { ...options, bandwidth, bounds }, weights), queries, 1e-6);
  const reflected = bounds.map((column) => column && { ...column, by: 'reflection' as const });
  expectGradient(await fit(rows, { ...options, bounds: reflected }), queries, 1e-6);
});

test('far out in the tail, and zero where there is no density', async () => {
  const model = await fit([[0], [1]], { bandwidth: 0.1 });
  // Closest row 1: -(100 - 1) / 0.01.
  expect(model.logDensityGradient([[100]]).get(0, 0)).toBeCloseTo(-9900, 5);
  const compact = await fit([[0], [1]], { bandwidth: 0.1, kernel: 'biweight' });
  expect(compact.logDensityGradient([[100]]).get(0, 0)).toBe(0);
});

test('the tolerance holds: loose against exact', async () => {
  const many = Array.from({ length: 4000 }, () => [stream.normal(), stream.normal()]);
  const at = Array.from({ length: 30 }, () => [3 * stream.normal(), 3 * stream.normal()]);
  for (const relativeTolerance of [1e-2, 1e-5]) {
    const loose = (await fit(many, { bandwidth: 0.2, relativeTolerance })).logDensityGradient(at).data;
    const exact = (await fit(many, { bandwidth: 0.2, relativeTolerance: 0 })).logDensityGradient(at).data;
    for (const [i, g] of loose.entries()) {
      // Mass and pull both miss by the tolerance; a pull is the distance to the rows, in bandwidths.
      const reach = 1 + Math.abs(exact[i]) * 0.2;
      expect(Math.abs(g - exact[i])).toBeLessThan((2 * relativeTolerance * reach) / 0.2);
    }
  }
});

describe('modes', () => {
  test('of two clusters: zeros of the gradient, the higher one first', async () => {
    const two = Array.from({ length: 200 }, (_, i) => [stream.normal() + (i % 3 === 0 ? 8 : 0), stream.normal()]);
    for (const kernel of ['gaussian', 'epanechnikov', 'biweight', 'triweight', 'cosine'] as const) {
      const h = kernel === 'gaussian' ? 1 : 3;
      const model = await fit(two, { kernel, bandwidth: h });
      const { points, logDensity } = model.modes();
      expect(points.rows).toBe(2);
      expect(logDensity).toEqual(model.logDensity(points));
      expect(logDensity[0]).toBeGreaterThan(logDensity[1]);
      expect(Math.abs(points.get(0, 0))).toBeLessThan(1);
      expect(Math.abs(points.get(1, 0) - 8)).toBeLessThan(1);
      for (const g of model.logDensityGradient(points).data) expect(Math.abs(g)).toBeLessThan(1e-6);
    }
  });

  test('of one column: those of a fine grid', async () => {
    const one = Array.from({ length: 100 }, () => [stream.normal()]);
    const model = await fit(one, { bandwidth: 0.15 });
    const grid = Array.from({ length: 8001 }, (_, i) => [-4 + i / 1000]);
    const f = model.logDensity(grid);
    const peaks = grid.filter((_, i) => f[i] > f[i - 1] && f[i] > f[i + 1]).map(([x]) => x);
    const found = Array.from(model.modes().points.data).sort((a, b) => a - b);
    expect(found.length).toBe(peaks.length);
    for (const [i, x] of peaks.entries()) expect(Math.abs(found[i] - x)).toBeLessThan(1e-3);
  });

  test('in bounds: on an edge, across the seam, and of the density over x where it is transformed', async () => {
    const positive = Array.from({ length: 300 }, () => [stream.exponential()]);
    const edge = await fit(positive, { bandwidth: 0.5, bounds: [{ lower: 0, by: 'reflection' }] });
    expect(edge.modes().points.get(0, 0)).toBeLessThan(0.2);
    const turn = 2 * Math.PI;
    const angles = Array.from({ length: 200 }, () => [(0.3 * stream.normal() + turn) % turn]);
    const circle = await fit(angles, { bandwidth: 0.3, bounds: [{ lower: 0, upper: turn, by: 'wrapping' }] });
    const { points } = circle.modes();
    expect(points.rows).toBe(1);
    expect(Math.cos(points.get(0, 0))).toBeGreaterThan(0.98);
    for (const kernel of ['gaussian', 'biweight'] as const) {
      const log = await fit(positive, { kernel, bandwidth: 1.5, bounds: [{ lower: 0, by: 'transformation' }] });
      const top = log.modes().points.get(0, 0);
      expect(Math.abs(log.logDensityGradient([[top]]).get(0, 0))).toBeLessThan(1e-4);
      const grid = Array.from({ length: 3000 }, (_, i) => [0.001 * (i + 1)]);
      const f = log.logDensity(grid);
      expect(Math.abs(top - grid[f.indexOf(Math.max(...f))][0])).toBeLessThan(2e-3);
    }
  });

  test('kernels with cusps and steps have none to speak of', async () => {
    for (const kernel of ['tophat', 'exponential', 'linear'] as const) {
      const model = await fit([[0], [1]], { kernel });
      expect(() => model.modes()).toThrow('KernelDensityModel.modes: modes need a smooth kernel, but');
    }
  });
});
