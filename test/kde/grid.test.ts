import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { Samples } from '../../src/core/samples.js';
import { type GridDensity, KernelDensity, type KernelDensityModel } from '../../src/kde/index.js';
import { kernelNames } from '../../src/kernels/index.js';

const stream = RandomStream.of(1, 'grid');
const normal = (n: number, d: number): number[][] =>
  Array.from({ length: n }, () => Array.from({ length: d }, () => stream.normal()));

/** The middles of all cells, in the order of the densities. */
function middles({ lower, upper, cells }: GridDensity): number[][] {
  let points: number[][] = [[]];
  cells.forEach((count, j) => {
    const width = (upper[j] - lower[j]) / count;
    points = points.flatMap((x) => Array.from({ length: count }, (_, c) => [...x, lower[j] + (c + 0.5) * width]));
  });
  return points;
}

function farthest(model: KernelDensityModel, grid: GridDensity): number {
  const exact = model.logDensity(middles(grid)).map(Math.exp);
  expect(exact.length).toBe(grid.density.length);
  return exact.reduce((most, f, i) => Math.max(most, Math.abs(f - grid.density[i])), 0);
}

describe.each([1, 2, 3])('in %i dimensions', (d) => {
  test('the error is within what is stated, and small', async () => {
    const rows = normal(500, d);
    const weights = rows.map((_, i) => 1 + (i % 3));
    for (const h of d === 3 ? [0.5] : [0.05, 0.5, 30]) {
      const bandwidth = Array.from({ length: d }, (_, j) => h * (1 + j));
      const model = await new KernelDensity({ bandwidth }).fit(rows, { weights });
      const grid = model.densityOnGrid({ cells: [200, 40, 10][d - 1] });
      const peak = bandwidth.reduce((product, b) => product / (b * Math.sqrt(2 * Math.PI)), 1);
      expect(grid.error).toBeGreaterThan(0);
      expect(grid.error).toBeLessThan([0, 1.1e-6, 4e-5, 6e-5][d] * peak);
      expect(farthest(model, grid)).toBeLessThan(grid.error);
    }
  });

  test('one row alone, the worst case, wherever it lies between the nodes', async () => {
    for (let i = 0; i < 8; i++) {
      const model = await new KernelDensity({ bandwidth: 1 }).fit(normal(1, d));
      const grid = model.densityOnGrid({ cells: [97, 31, 11][d - 1] });
      expect(farthest(model, grid)).toBeLessThan(grid.error);
    }
  });
});

test.each([
  [1, 20_000, 0.02, 1e-5],
  [2, 20_000, 0.1, 1e-3],
  [3, 20_000, 0.25, 1e-2],
])(
  'in %i dimensions the error of many rows follows their density, not the peak of one',
  async (d, n, bandwidth, most) => {
    const model = await new KernelDensity({ bandwidth, relativeTolerance: 1e-10 }).fit(normal(n, d));
    const lower = new Array(d).fill(-2);
    const grid = model.densityOnGrid({ lower, upper: lower.map((x) => -x), cells: [200, 20, 8][d - 1] });
    const highest = grid.density.reduce((a, b) => Math.max(a, b), 0);
    expect(grid.error).toBeGreaterThan(0);
    expect(grid.error).toBeLessThan(most * highest);
    expect(farthest(model, grid)).toBeLessThan(grid.error);
  },
);

test('item 19: mass is conserved', async () => {
  const model = await new KernelDensity().fit(normal(300, 2));
  const grid = model.densityOnGrid({ lower: [-8, -8], upper: [8, 8], cells: [300, 200] });
  const cell = (16 / 300) * (16 / 200);
  expect(grid.density.reduce((sum, f) => sum + f * cell, 0)).toBeCloseTo(1, 6);
});

test('item 19: on 1,024 cells, within 1e-6 of the peak; one impulse too', async () => {
  const model = await new KernelDensity().fit(normal(2000, 1));
  const grid = model.densityOnGrid({ cells: 1024 });
  expect(farthest(model, grid)).toBeLessThan(1e-7);
  const impulse = await new KernelDensity({ bandwidth: 1 }).fit([[0.123]]);
  expect(farthest(impulse, impulse.densityOnGrid({ cells: 512 }))).toBeLessThan(1e-6);
});

test('rows beyond the grid count where they reach, and no further', async () => {
  const model = await new KernelDensity({ bandwidth: 1 }).fit([[-1e9], [-0.5], [3.5], [1e9]]);
  const grid = model.densityOnGrid({ lower: [0], upper: [3], cells: 64 });
  expect(farthest(model, grid)).toBeLessThan(grid.error);
});

test.each(kernelNames.filter((name) => name !== 'gaussian'))('%s is evaluated cell by cell', async (kernel) => {
  const model = await new KernelDensity({ kernel }).fit(normal(50, 2));
  const grid = model.densityOnGrid({ cells: [12, 7] });
  expect(grid.error).toBe(0);
  expect(farthest(model, grid)).toBe(0);
});

test('so are matrices, bounds and bandwidths too small for nodes; the grid stays within bounds', async () => {
  const rows = normal(60, 2).map(([x, y]) => [Math.abs(x), y]);
  const full = await new KernelDensity({ bandwidthShape: 'full' }).fit(rows);
  expect(farthest(full, full.densityOnGrid({ cells: 15 }))).toBe(0);
  for (const by of ['reflection', 'transformation'] as const) {
    const bounded = await new KernelDensity({ bounds: [{ lower: 0, by }, null] }).fit(rows);
    const grid = bounded.densityOnGrid({ cells: 15 });
    expect(grid.lower[0]).toBe(0);
    expect(farthest(bounded, grid)).toBe(0);
  }
  const narrow = await new KernelDensity({ bandwidth: 1e-9 }).fit(rows);
  expect(farthest(narrow, narrow.densityOnGrid({ cells: 15 }))).toBe(0);
});

test('by default it spans the rows and three standard deviations', async () => {
  const model = await new KernelDensity({ bandwidth: 2 }).fit([[0], [10]]);
  const { lower, upper, cells } = model.densityOnGrid();
  expect([lower[0], upper[0], cells]).toEqual([-6, 16, [512]]);
});

test('what is refused', async () => {
  const model = await new KernelDensity().fit(Samples.column([1, 2, 4]));
  expect(() => model.densityOnGrid({ lower: [3], upper: [3] })).toThrow('column 0 must be finite, with lower < upper');
  expect(() => model.densityOnGrid({ lower: [0], upper: [Number.POSITIVE_INFINITY] })).toThrow('must be finite');
  expect(() => model.densityOnGrid({ cells: 0 })).toThrow('option "cells" must be an integer >= 1');
  expect(() => model.densityOnGrid({ cells: [1, 2] })).toThrow('option "cells" must be');
  expect(() => model.densityOnGrid({ cels: 3 } as never)).toThrow('did you mean "cells"?');
  const four = await new KernelDensity().fit(normal(9, 4));
  expect(() => four.densityOnGrid()).toThrow(
    'the density must be of 1 to 3 columns, but got 4. Take marginal(columns) first',
  );
});
