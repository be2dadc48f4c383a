/**
 * Grids of gaussian densities with matrices and bounds: no cell is off by more than the error that is stated.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { type ColumnBounds, type GridDensity, KernelDensity, type KernelDensityModel } from '../../src/kde/index.js';

const CELLS = [6000, 75, 18];

/** The middle of the cell at a place of the densities. */
function middle({ lower, upper, cells }: GridDensity, at: number): number[] {
  const x: number[] = [];
  for (let j = cells.length - 1, rest = at; j >= 0; j--) {
    x[j] = lower[j] + ((rest % cells[j]) + 0.5) * ((upper[j] - lower[j]) / cells[j]);
    rest = Math.floor(rest / cells[j]);
  }
  return x;
}

/** The greatest error of some cells, picked at random and next to all corners. */
function farthest(model: KernelDensityModel, grid: GridDensity, stream: RandomStream, count: number): number {
  const size = grid.density.length;
  const places = Array.from({ length: count }, () => stream.integer(size));
  places.push(0, size - 1, grid.cells[grid.cells.length - 1] - 1);
  const exact = model.logDensity(places.map((at) => middle(grid, at)));
  return places.reduce((most, at, i) => Math.max(most, Math.abs(Math.exp(exact[i]) - grid.density[at])), 0);
}

const column = fc.constantFrom('free', 'floor', 'ceiling', 'both', 'circle', 'log', 'downward log', 'logit');

/** Bounds of a column, and a row's value within them. */
function shape(kind: string, offset: number, x: number): { bounds: ColumnBounds | null; value: number } {
  const inside = offset + 1 / (1 + Math.exp(-x));
  const [lower, upper] = [offset, offset + 1];
  if (kind === 'floor') return { bounds: { lower, by: 'reflection' }, value: offset + Math.abs(x) };
  if (kind === 'ceiling') return { bounds: { upper, by: 'reflection' }, value: upper - Math.abs(x) };
  if (kind === 'both') return { bounds: { lower, upper, by: 'reflection' }, value: inside };
  if (kind === 'circle') return { bounds: { lower, upper, by: 'wrapping' }, value: inside };
  if (kind === 'log') return { bounds: { lower, by: 'transformation' }, value: offset + Math.exp(x) };
  if (kind === 'downward log') return { bounds: { upper, by: 'transformation' }, value: upper - Math.exp(x) };
  if (kind === 'logit') return { bounds: { lower, upper, by: 'transformation' }, value: inside };
  return { bounds: null, value: offset + x };
}

const scene = fc.record({
  kinds: fc.array(column, { minLength: 1, maxLength: 3 }),
  matrix: fc.boolean(),
  weighted: fc.boolean(),
  rows: fc.integer({ min: 500, max: 1000 }),
  offset: fc.constantFrom(0, 0, 1000),
  logBandwidth: fc.double({ min: Math.log(0.04), max: Math.log(0.3), noNaN: true }),
  seed: fc.integer(),
});

test('random rows, weights, matrices and bounds', async () => {
  let binned = 0;
  await fc.assert(
    fc.asyncProperty(scene, async ({ kinds, matrix, weighted, rows: n, offset, logBandwidth, seed }) => {
      const stream = RandomStream.of(seed, 'grid scene');
      const d = kinds.length;
      const rows = Array.from({ length: n }, () => {
        const common = stream.normal();
        return kinds.map((kind) => shape(kind, offset, 0.6 * common + 0.8 * stream.normal()).value);
      });
      const weights = rows.map(() => (weighted ? stream.uniform() * 3 : 1));
      const bounds = kinds.map((kind) => shape(kind, offset, 0).bounds);
      const h = Array.from({ length: d }, (_, j) => Math.exp(logBandwidth) * (1 + 0.5 * j));
      const correlation = 0.9 * stream.uniform();
      const bandwidth = matrix ? h.map((a, i) => h.map((b, j) => (i === j ? a * a : a * b * correlation))) : h;
      const model = await new KernelDensity({ bandwidth, bounds }).fit(rows, { weights });
      const grid = model.densityOnGrid({ cells: CELLS[d - 1] });
      if (grid.error > 0) binned++;
      expect(farthest(model, grid, stream, 12)).toBeLessThanOrEqual(grid.error + 1e-8 * Math.max(...grid.density));
      expect(grid.density.every((f) => f >= 0 && f < Number.POSITIVE_INFINITY)).toBe(true);
    }),
    { numRuns: 300, seed: 20261123 },
  );
  expect(binned).toBeGreaterThan(150);
}, 60_000);

describe('one row alone, as much as errors can add up', () => {
  const copies = new Array(800).fill(0);
  test.each([0.2, 3])('on a circle, h = %f', async (h) => {
    const rows = copies.map(() => [0.237, 0.4]);
    const bounds = [{ lower: 0, upper: 1, by: 'wrapping' } as const, null];
    const model = await new KernelDensity({ bandwidth: [h, 1], bounds, relativeTolerance: 1e-12 }).fit(rows);
    const grid = model.densityOnGrid({ cells: 90 });
    expect(grid.error).toBeGreaterThan(0);
    expect(farthest(model, grid, RandomStream.of(1, 'circle'), 500)).toBeLessThan(grid.error);
  });

  test.each([2, 3])('with a matrix, in %i dimensions', async (d) => {
    const rows = copies.map(() => [0.3, 1.1, -7.7].slice(0, d));
    const matrix = [
      [1, 0.95, 0.5],
      [0.95, 1, 0.4],
      [0.5, 0.4, 2],
    ];
    const bandwidth = matrix.slice(0, d).map((row) => row.slice(0, d));
    const model = await new KernelDensity({ bandwidth, relativeTolerance: 1e-12 }).fit(rows);
    const grid = model.densityOnGrid({ cells: CELLS[d - 1] });
    expect(grid.error).toBeGreaterThan(0);
    expect(grid.error).toBeLessThan(1e-3 * Math.max(...grid.density));
    expect(farthest(model, grid, RandomStream.of(1, 'matrix'), 500)).toBeLessThan(grid.error);
  });
});

test('columns beside their bounds count nothing, the others what they did', async () => {
  const stream = RandomStream.of(3, 'beyond');
  const rows = Array.from({ length: 1200 }, () => [Math.abs(stream.normal()), stream.normal()]);
  const model = await new KernelDensity({ bandwidth: 0.3, bounds: [{ lower: 0, by: 'reflection' }, null] }).fit(rows);
  const grid = model.densityOnGrid({ lower: [-1, -1], upper: [1, 1], cells: [80, 60] });
  expect(grid.error).toBeGreaterThan(0);
  expect(grid.density.subarray(0, 40 * 60).every((f) => f === 0)).toBe(true);
  expect(farthest(model, grid, stream, 500)).toBeLessThan(grid.error);
  const nowhere = model.densityOnGrid({ lower: [-2, -1], upper: [-1, 1], cells: [80, 60] });
  expect(nowhere.density.every((f) => f === 0)).toBe(true);
});
