/**
 * The promise of the tree where bandwidths are matrices, adapt to the density, and columns have bounds.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { type ColumnBounds, KernelDensity } from '../../src/kde/index.js';
import { kernelNames } from '../../src/kernels/index.js';
import { directLogDensity } from './direct.js';

const scene = fc.record({
  kernel: fc.constantFrom(...kernelNames),
  d: fc.integer({ min: 1, max: 5 }),
  n: fc.integer({ min: 1, max: 80 }),
  seed: fc.integer(),
  shape: fc.constantFrom('diagonal', 'matrix'),
  adaptation: fc.constantFrom(0, 0, 0.3, 0.5),
  by: fc.constantFrom('none', 'none', 'reflection', 'wrapping', 'transformation'),
  weighted: fc.boolean(),
  logBandwidth: fc.double({ min: Math.log(0.05), max: Math.log(3), noNaN: true }),
  relativeTolerance: fc.constantFrom(1e-2, 1e-4, 1e-8, 0),
  leafSize: fc.integer({ min: 2, max: 40 }),
});

/** A lower-triangular matrix with a positive diagonal. */
function triangle(stream: RandomStream, d: number, h: number): number[][] {
  return Array.from({ length: d }, (_, i) =>
    Array.from({ length: d }, (_, j) => (j > i ? 0 : h * (i === j ? 0.5 + stream.uniform() : 0.7 * stream.normal()))),
  );
}

/** B^-1 v by substitution. */
function whiten(factor: number[][], v: number[]): number[] {
  const z: number[] = [];
  for (const [i, value] of v.entries()) {
    z.push((value - z.reduce((sum, u, k) => sum + factor[i][k] * u, 0)) / factor[i][i]);
  }
  return z;
}

/** How far along a line, in the kernel's scale, its values matter where the line passes a row at a distance. */
function reachOf(kernel: string, distance: number): number {
  if (kernel === 'gaussian') return 10;
  // exp(-sqrt(r^2 + s^2)) has fallen by 50 nats beside exp(-r).
  return kernel === 'exponential' ? Math.sqrt((distance + 50) ** 2 - distance ** 2) : 1.1;
}

/** The images of a whitened point whose first column folds onto [0, 1], those that matter at a row. */
function images(
  by: string,
  kernel: string,
  x: number[],
  center: number[],
  stretch: number,
  toZ: (x: number[]) => number[],
): number[][] {
  const starts = by === 'reflection' ? [x, [-x[0], ...x.slice(1)]] : [x];
  const period = by === 'reflection' ? 2 : 1;
  return starts.flatMap((start) => {
    const z = toZ(start);
    if (by === 'none' || by === 'transformation') return [z];
    const step = toZ([start[0] + period, ...start.slice(1)]).map((value, j) => value - z[j]);
    const length = Math.hypot(...step);
    const nearest = -z.reduce((sum, value, j) => sum + (value - center[j]) * step[j], 0) / length ** 2;
    const distance = Math.hypot(...z.map((value, j) => value + nearest * step[j] - center[j])) / stretch;
    const turns = Math.ceil((reachOf(kernel, distance) * stretch) / length) + 1;
    const first = Math.round(nearest) - turns;
    return Array.from({ length: 2 * turns + 1 }, (_, i) => z.map((value, j) => value + (first + i) * step[j]));
  });
}

test('holds over random shapes of the bandwidth, adaptations and bounds, tails included', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (given) => {
      const { kernel, d, n, by, adaptation, relativeTolerance, leafSize } = given;
      const stream = RandomStream.of(given.seed, 'scene');
      const row = (spread: number): number[] =>
        Array.from({ length: d }, (_, j) => (j === 0 && by !== 'none' ? stream.uniform() : spread * stream.normal()));
      const rows = Array.from({ length: n }, () => row(1));
      const weights = rows.map(() => (given.weighted ? Math.exp(3 * stream.normal()) : 1));
      const h = Math.exp(given.logBandwidth);
      const factor = triangle(stream, d, h);
      if (given.shape === 'diagonal') for (const [i, line] of factor.entries()) line.fill(0, 0, i);
      const matrix = factor.map((a) => factor.map((b) => a.reduce((sum, x, k) => sum + x * b[k], 0)));
      const bounds = [
        by === 'none' ? null : ({ lower: 0, upper: 1, by } as ColumnBounds),
        ...new Array(d - 1).fill(null),
      ];
      const options = { kernel, bandwidth: matrix, adaptation, bounds, relativeTolerance, leafSize };
      const model = await new KernelDensity(options).fit(rows, { weights });
      const logit = (x: number[]): number[] =>
        by === 'transformation' ? [Math.log(x[0] / (1 - x[0])), ...x.slice(1)] : x;
      const placed = rows.map((x) => whiten(factor, logit(x)));
      const factors = model.bandwidthFactors ?? new Float64Array(n).fill(1);
      const total = weights.reduce((sum, w) => sum + w, 0);
      const volume = factor.reduce((sum, line, i) => sum + Math.log(line[i]), 0);
      const widest = Math.max(...factors) * Math.hypot(...factor[0], ...factor.map((line) => line[0]));
      fc.pre(by === 'none' || by === 'transformation' || widest < (kernel === 'exponential' ? 2 : 15));
      const far = by === 'none' || by === 'transformation' || kernel === 'gaussian' ? 100 : 3;
      for (const x of [row(1), row(1.5), row(far), rows[0]]) {
        const truth = (stretch: number): number => {
          const logs = placed.flatMap((center, i) =>
            images(by, kernel, logit(x), center, factors[i], (y) => whiten(factor, y)).map((z) => {
              const one = { kernel, rows: [center], bandwidth: new Array(d).fill(factors[i]) };
              return Math.log(weights[i] / total) + directLogDensity(one, z, stretch);
            }),
          );
          const most = Math.max(...logs);
          if (most === Number.NEGATIVE_INFINITY) return most;
          const sum = logs.reduce((partial, log) => partial + Math.exp(log - most), 0);
          return most + Math.log(sum) - volume - (by === 'transformation' ? Math.log(x[0] * (1 - x[0])) : 0);
        };
        const found = model.logDensity([x])[0];
        // Distances are right to the rounding of the substitution, at kernels' edges too.
        const [low, high] = [truth(1 + 1e-11), truth(1 - 1e-11)];
        const allowed = -Math.log1p(-relativeTolerance) + 1e-11 * Math.max(1, Math.abs(found));
        if (found !== low) expect(found).toBeGreaterThan(low - allowed - 1e-12);
        if (found !== high) expect(found).toBeLessThan(high + allowed + 1e-12);
      }
    }),
    { numRuns: 1000, seed: 20260101 },
  );
}, 120_000);
