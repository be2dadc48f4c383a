import { describe, expect, it } from 'vitest';
import type { GenerativeModel } from '../../src/core/estimator.js';
import { Samples } from '../../src/core/samples.js';
import { affine, clusters } from './data.js';
import { cases } from './subjects.js';

const exact = cases.filter(({ subject }) => subject.estimated !== true);

describe.each(exact)('$title: density', ({ subject, options }) => {
  const fit = (rows: number[][], more = {}): Promise<GenerativeModel> =>
    subject.create({ ...options, ...more }).fit(rows);

  it('integrates to 1 in one dimension', async () => {
    const model = await fit(clusters(40, 1));
    const { total } = moments1d(model);
    expect(Math.abs(total - 1)).toBeLessThan(2e-4);
  });

  it('integrates to 1 in two dimensions', async () => {
    const model = await fit(clusters(30, 2));
    // The midpoint rule over a box that holds all but 1e-4 of the mass; kernels with kinks converge slowest.
    const [cells, low, high] = [400, -14, 18];
    const step = (high - low) / cells;
    let total = 0;
    for (let i = 0; i < cells; i++) {
      const line = Array.from({ length: cells }, (_, j) => [low + (i + 0.5) * step, low + (j + 0.5) * step]);
      for (const value of model.logDensity(line)) total += Math.exp(value) * step * step;
    }
    expect(Math.abs(total - 1)).toBeLessThan(5e-3);
  });

  it('is the density that samples follow, in one dimension (Kolmogorov and Smirnov)', async () => {
    const model = await fit(clusters(40, 1));
    const count = 4000;
    const draws = model.sample(count, { seed: 5 }).data.slice().sort();
    const cdf = cumulative(model);
    let distance = 0;
    for (let i = 0; i < count; i++) {
      const expected = cdf(draws[i]);
      distance = Math.max(distance, Math.abs(expected - i / count), Math.abs((i + 1) / count - expected));
    }
    // P(sqrt(n) D > 2.2) = 2 exp(-2 * 2.2^2) = 1.2e-4 for each case, at a fixed seed.
    expect(Math.sqrt(count) * distance).toBeLessThan(2.2);
  });

  it('is the density that samples follow, in three dimensions (mean log-density of two halves and moments)', async () => {
    const model = await fit(clusters(60, 3));
    const draws = model.sample(20_000, { seed: 6 });
    // For g = exp(-|x|^2 / 8): the mean of g over samples equals the integral of g p, taken here over other samples of a
    // wide normal q with weights p / q.
    const test = (row: Float64Array): number => Math.exp(-(row[0] ** 2 + row[1] ** 2 + row[2] ** 2) / 8);
    const direct = meanAndError(Array.from({ length: draws.rows }, (_, i) => test(draws.row(i))));
    const proposal = wideNormal(20_000, 3);
    const density = model.logDensity(proposal);
    const weighted = meanAndError(
      Array.from({ length: proposal.rows }, (_, i) => {
        const row = proposal.row(i);
        return test(row) * Math.exp(density[i] - logWideNormal(row));
      }),
    );
    const error = Math.hypot(direct.error, weighted.error);
    expect(Math.abs(direct.mean - weighted.mean)).toBeLessThan(4.5 * error);
  });

  it('of each row does not depend on the rows beside it: permutations and subsets give the same bits', async () => {
    const model = await fit(clusters(60, 2));
    const queries = [...clusters(40, 2, 9), ...affine(clusters(20, 2, 8), 5, 0)];
    const together = model.logDensity(queries);
    const backwards = model.logDensity([...queries].reverse());
    expect(backwards.reverse()).toEqual(together);
    const alone = queries.map((row) => model.logDensity([row])[0]);
    expect(Float64Array.from(alone)).toEqual(together);
    const bySeven = [];
    for (let i = 0; i < queries.length; i += 7) bySeven.push(...model.logDensity(queries.slice(i, i + 7)));
    expect(Float64Array.from(bySeven)).toEqual(together);
  });

  const moves = [
    [1, 1e8],
    [1e-6, 0],
    [1e6, -3e6],
    [1e-6, 100],
  ];
  it.each(subject.equivariant ? moves : [])('follows the data under x -> %f x + %f', async (scale, shift) => {
    const rows = clusters(80, 2);
    const model = await fit(rows);
    // The shifted data are rounded; the reference is fitted to what that rounding left.
    const moved = affine(rows, scale, shift);
    const back = moved.map((row) => row.map((x) => (x - shift) / scale));
    const reference = await fit(back);
    const other = await fit(moved);
    const densities = other.logDensity(moved);
    const expected = reference.logDensity(back);
    const rounding = (1e-16 * Math.abs(shift)) / scale;
    for (let i = 0; i < rows.length; i++) {
      expect(Math.abs(densities[i] + 2 * Math.log(scale) - expected[i])).toBeLessThan(1e-7 + 100 * rounding);
    }
    expect(model.dimension).toBe(2);
  });

  // A seeded start may pick other rows; the estimator's own tests hold this for given starts.
  const unseeded = 'seed' in options ? [] : [options];
  it.each(unseeded)('does not care for the order of the data, but for rounding', async () => {
    const rows = clusters(60, 2);
    const forwards = await fit(rows);
    const backwards = await fit([...rows].reverse());
    const a = forwards.logDensity(rows);
    const b = backwards.logDensity(rows);
    for (let i = 0; i < a.length; i++) expect(Math.abs(a[i] - b[i])).toBeLessThan(1e-7);
  });
});

const GRID = { low: -40, high: 44, cells: 420_000 };

/** exp(logDensity) of a 1-D model on a fine grid of midpoints. */
function onGrid(model: GenerativeModel): { density: Float64Array; step: number } {
  const step = (GRID.high - GRID.low) / GRID.cells;
  const middles = Float64Array.from({ length: GRID.cells }, (_, i) => GRID.low + (i + 0.5) * step);
  return { density: model.logDensity(Samples.column(middles)).map(Math.exp), step };
}

function moments1d(model: GenerativeModel): { total: number } {
  const { density, step } = onGrid(model);
  return { total: density.reduce((sum, p) => sum + p * step, 0) };
}

function cumulative(model: GenerativeModel): (x: number) => number {
  const { density, step } = onGrid(model);
  const sums = new Float64Array(density.length + 1);
  for (let i = 0; i < density.length; i++) sums[i + 1] = sums[i] + density[i] * step;
  return (x) => {
    const place = (x - GRID.low) / step;
    const cell = Math.max(0, Math.min(density.length - 1, Math.floor(place)));
    return sums[cell] + (place - cell) * (sums[cell + 1] - sums[cell]);
  };
}

/** Quasi-random wide normal draws: mean 1, standard deviation 3, by Box and Muller on a Weyl sequence. */
function wideNormal(rows: number, columns: number): Samples {
  const data = new Float64Array(rows * columns);
  // Irrational steps, one per uniform (square roots of primes).
  const steps = [2, 3, 5, 7, 11, 13].map(Math.sqrt);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const u = ((i + 1) * steps[2 * j]) % 1 || 0.5;
      const v = ((i + 1) * steps[2 * j + 1]) % 1;
      data[i * columns + j] = 1 + 3 * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
    }
  }
  return new Samples(data, rows, columns);
}

function logWideNormal(row: Float64Array): number {
  return row.reduce((sum, x) => sum - 0.5 * ((x - 1) / 3) ** 2 - Math.log(3 * Math.sqrt(2 * Math.PI)), 0);
}

function meanAndError(values: number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
  return { mean, error: Math.sqrt(variance / values.length) };
}
