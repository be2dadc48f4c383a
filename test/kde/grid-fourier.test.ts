/**
 * Grids by Fourier transform: no cell is off by more than the error that is stated, nor a kernel from its interpolant by more
 * than its bound.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { Samples } from '../../src/core/samples.js';
import { diagonalBandwidth } from '../../src/kde/bandwidth.js';
import { Density, placementOf } from '../../src/kde/density.js';
import { fourierDensity, type PlaneGrid } from '../../src/kde/grid-fourier.js';
import { KernelDensity } from '../../src/kde/index.js';
import { interpolationErrors, type RadialShape, shapeOf } from '../../src/kde/interpolation-error.js';
import { buildTree } from '../../src/kde/tree.js';
import { type KernelName, kernelNamed } from '../../src/kernels/index.js';
import { directLogDensity } from './direct.js';

const kernels = ['epanechnikov', 'biweight', 'triweight', 'linear', 'cosine', 'exponential'] as const;

function densityOf(
  kernel: KernelName,
  rows: readonly number[][],
  weights: number[] | undefined,
  bandwidth: number[],
): Density {
  const fitted = {
    kernel,
    samples: new Samples(Float64Array.from(rows.flat()), rows.length, 2),
    weights: weights && Float64Array.from(weights),
    bandwidth: diagonalBandwidth(Float64Array.from(bandwidth)),
    bounds: undefined,
    bandwidthRule: 'given' as const,
    history: [],
    warnings: [],
    relativeTolerance: 1e-8,
    leafSize: 32,
  };
  const placement = placementOf(fitted, 'test');
  return new Density(fitted, placement, buildTree(placement, placement.coordinates.scales, 32));
}

const middle = ({ lower, upper, cells }: PlaneGrid, j: number, c: number): number =>
  lower[j] + ((c + 0.5) * (upper[j] - lower[j])) / cells[j];

const scene = fc.record({
  kernel: fc.constantFrom(...kernels),
  n: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 300 })),
  weighted: fc.boolean(),
  bandwidth: fc.tuple(fc.double({ min: 0.5, max: 3, noNaN: true }), fc.double({ min: 0.5, max: 3, noNaN: true })),
  cells: fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 })),
  /** The grid may leave rows out, and reach beyond them. */
  lower: fc.tuple(fc.double({ min: -2, max: 0, noNaN: true }), fc.double({ min: -2, max: 0, noNaN: true })),
  size: fc.tuple(fc.double({ min: 0.5, max: 2, noNaN: true }), fc.double({ min: 0.5, max: 2, noNaN: true })),
  offset: fc.constantFrom(0, 0, 1e4),
  seed: fc.integer(),
});

test('random rows, weights, kernels, bandwidths and grids', async () => {
  let told = 0;
  fc.assert(
    fc.property(scene, ({ kernel, n, weighted, bandwidth, cells, lower, size, offset, seed }) => {
      const stream = RandomStream.of(seed, 'plane');
      const rows = Array.from({ length: n }, () => [offset + stream.normal(), stream.normal()]);
      const weights = weighted ? rows.map(() => 0.1 + stream.uniform()) : undefined;
      // The exponential reaches far: let it be narrow, and grids stay small.
      const h = bandwidth.map((b) => (kernel === 'exponential' ? 0.3 * b : b));
      const from = [offset + lower[0], lower[1]];
      const grid = { lower: from, upper: from.map((x, j) => x + size[j]), cells };
      const found = fourierDensity(densityOf(kernel, rows, weights, h), grid);
      if (found === undefined) return;
      told++;
      expect(found.error).toBeGreaterThan(0);
      for (let i = 0; i < 15; i++) {
        const [a, b] = cells.map((count) => stream.integer(count));
        const x = [middle(grid, 0, a), middle(grid, 1, b)];
        const exact = Math.exp(directLogDensity({ kernel, rows, weights, bandwidth: h }, x));
        expect(Math.abs(found.values[a * cells[1] + b] - exact)).toBeLessThanOrEqual(found.error);
      }
    }),
    { numRuns: 300, seed: 20261123 },
  );
  expect(told).toBeGreaterThan(200);
}, 60_000);

describe.each(kernels)('%s', (kernel) => {
  test('lies no farther from its interpolant than its bound', () => {
    const stream = RandomStream.of(2, kernel);
    const shape = shapeOf(kernelNamed(kernel)) as RadialShape;
    const K = (x: number, y: number): number => kernelNamed(kernel).profile(x * x + y * y);
    for (const steps of [
      [1 / 16, 1 / 16],
      [0.11, 0.05],
    ] as [number, number][]) {
      const [rows, columns] = steps.map((step) => Math.ceil((kernel === 'exponential' ? 3 : 1) / step) + 2);
      const errors = interpolationErrors(shape, steps, rows, columns);
      let tightest = 0;
      for (let i = 0; i < 40_000; i++) {
        const [a, b] =
          i % 4 === 0 ? [stream.integer(2), stream.integer(2)] : [stream.integer(rows), stream.integer(columns)];
        const [t, u] = [stream.uniform(), stream.uniform()];
        const at = (k: number, l: number): number => K((a + k) * steps[0], (b + l) * steps[1]);
        const first = (1 - u) * at(0, 0) + u * at(0, 1);
        const interpolant = (1 - t) * first + t * ((1 - u) * at(1, 0) + u * at(1, 1));
        const error = Math.abs(K((a + t) * steps[0], (b + u) * steps[1]) - interpolant);
        const bound = errors[a * columns + b];
        expect(error).toBeLessThanOrEqual(bound + 1e-15);
        tightest = Math.max(tightest, error / bound || 0);
      }
      // And bounds are no fantasies.
      expect(tightest).toBeGreaterThan(0.5);
    }
  });
});

test('a step, a product, a matrix and bounds are for others', () => {
  const grid = { lower: [-1, -1], upper: [1, 1], cells: [8, 8] };
  expect(fourierDensity(densityOf('tophat', [[0, 0]], undefined, [1, 1]), grid)).toBeUndefined();
  expect(fourierDensity(densityOf('gaussian', [[0, 0]], undefined, [1, 1]), grid)).toBeUndefined();
  // Nodes would be too many.
  expect(fourierDensity(densityOf('linear', [[0, 0]], undefined, [1e-4, 1]), grid)).toBeUndefined();
});

test('very many rows and cells go this way, and say so', async () => {
  const stream = RandomStream.of(9, 'many');
  const rows = Array.from({ length: 70_000 }, () => [stream.normal(), stream.normal()]);
  const model = await new KernelDensity({ kernel: 'exponential', bandwidth: 0.3 }).fit(rows);
  const grid = model.densityOnGrid({ cells: 256 });
  const peak = grid.density.reduce((most, f) => Math.max(most, f), 0);
  expect(grid.error).toBeGreaterThan(0);
  expect(grid.error).toBeLessThan(0.01 * peak);
  const places = Array.from({ length: 50 }, () => stream.integer(256 * 256));
  const at = places.map((i) => [middle(grid, 0, Math.floor(i / 256)), middle(grid, 1, i % 256)]);
  const exact = model.logDensity(at);
  places.forEach((place, i) => {
    expect(Math.abs(grid.density[place] - Math.exp(exact[i]))).toBeLessThan(grid.error);
  });
});
