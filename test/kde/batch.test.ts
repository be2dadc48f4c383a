/**
 * Densities of many rows at once: each keeps the tolerance, and has the bits that it has alone.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { Samples } from '../../src/core/samples.js';
import { KernelDensity } from '../../src/kde/index.js';
import { NOWHERE, RegionSums } from '../../src/kde/region-sums.js';
import { buildTree } from '../../src/kde/tree.js';
import { kernelNamed } from '../../src/kernels/index.js';
import { forcePlainLoops } from '../../src/simd/index.js';
import { miss } from './direct.js';

/** Where the tolerance is 0, what is left is rounding: here, and in the quadrature of the truth's normaliser. */
const ROUNDING = 5e-14;

const scene = fc.record({
  d: fc.integer({ min: 1, max: 3 }),
  n: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 5, max: 150 }) }, fc.integer({ min: 151, max: 1200 })),
  seed: fc.integer(),
  shape: fc.constantFrom('normal', 'lattice', 'clusters', 'line', 'tails'),
  offset: fc.constantFrom(0, 1e3, -1e8),
  weighting: fc.constantFrom('none', 'integers', 'wild'),
  // Most of these are wide enough for rows to share walks, some are not.
  logBandwidth: fc.double({ min: Math.log(0.05), max: Math.log(5), noNaN: true }),
  perColumn: fc.boolean(),
  relativeTolerance: fc.constantFrom(1e-2, 1e-4, 1e-8, 0),
  leafSize: fc.integer({ min: 2, max: 40 }),
  compiled: fc.boolean(),
});

test('keep the tolerance, and the bits of each row alone, over random rows, weights, bandwidths and batches', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (given) => {
      const { d, n, offset, relativeTolerance, leafSize } = given;
      const stream = RandomStream.of(given.seed, 'batch');
      const rows = Array.from({ length: n }, () => shapedRow(stream, given.shape, d).map((x) => x + offset));
      const weight = {
        none: undefined,
        integers: () => stream.integer(4),
        wild: () => Math.exp(20 * stream.normal()),
      }[given.weighting];
      const weights = weight && Array.from({ length: n }, (_, i) => (i === 0 ? 1 : weight()));
      const bandwidth = Array.from(
        { length: d },
        (_, j) => Math.exp(given.logBandwidth) * (given.perColumn ? 1 + j : 1),
      );
      forcePlainLoops(!given.compiled);
      const estimator = new KernelDensity({ bandwidth, relativeTolerance, leafSize });
      const model = await estimator.fit(rows, weights && { weights });
      forcePlainLoops(false);
      // Crowds, rows of the data, and rows far out.
      const center = rows[stream.integer(n)];
      const queries = [
        ...Array.from({ length: 12 }, () => center.map((x, j) => x + 0.3 * bandwidth[j] * stream.normal())),
        ...Array.from({ length: 8 }, () => rows[stream.integer(n)]),
        ...[1, 1.5, 5, 100].flatMap((reach) => [
          shapedRow(stream, given.shape, d).map((x) => x * reach + offset),
          Array.from({ length: d }, () => reach * stream.normal() + offset),
        ]),
      ];
      const logDensity = model.logDensity(queries);
      const truth = { kernel: 'gaussian', rows, weights, bandwidth } as const;
      queries.forEach((x, i) => {
        expect(logDensity[i]).not.toBeNaN();
        // log(1 - tolerance) is a little below -tolerance.
        expect(miss(truth, x, logDensity[i])).toBeLessThanOrEqual(-Math.log1p(-relativeTolerance) + ROUNDING);
        expect(model.logDensity([x])[0]).toBe(logDensity[i]);
      });
      const order = Array.from(queries.keys()).sort((a, b) => ((a * 7919) % 101) - ((b * 7919) % 101));
      const some = order.slice(0, 1 + stream.integer(order.length));
      expect(model.logDensity(some.map((i) => queries[i]))).toEqual(Float64Array.from(some, (i) => logDensity[i]));
    }),
    { numRuns: 1000, seed: 20260102 },
  );
}, 120_000);

function shapedRow(stream: RandomStream, shape: string, d: number): number[] {
  const normals = (): number[] => Array.from({ length: d }, () => stream.normal());
  if (shape === 'normal') return normals();
  if (shape === 'lattice') return Array.from({ length: d }, () => stream.integer(3));
  if (shape === 'tails') {
    const heavy = 1 / Math.abs(stream.normal());
    return normals().map((x) => x * heavy);
  }
  if (shape === 'clusters') {
    const center = 1e3 * stream.integer(3);
    return normals().map((x) => x * 0.5 + center);
  }
  const along = stream.normal();
  return Array.from({ length: d }, (_, j) => (j === 1 ? 7 : along * (j + 1)));
}

test('have the bits of each row alone under a bandwidth matrix, and behind logarithms and logits', async () => {
  const stream = RandomStream.of(5, 'shapes');
  const rows = Array.from({ length: 3000 }, () => {
    const x = stream.normal();
    return [Math.exp(x), 1 / (1 + Math.exp(-x - stream.normal()))];
  });
  const matrix = await new KernelDensity({ bandwidth: 'silverman', bandwidthShape: 'full' }).fit(rows);
  const bounds = [
    { lower: 0, by: 'transformation' },
    { lower: 0, upper: 1, by: 'transformation' },
  ] as const;
  const transformed = await new KernelDensity({ bandwidth: 'silverman', bounds }).fit(rows);
  const queries = [...rows.slice(0, 300), [-1, 0.5], [1e3, 0.999], [1, 2], [0, 0.5]];
  for (const model of [matrix, transformed]) {
    const logDensity = model.logDensity(queries);
    for (const [i, x] of queries.entries()) expect(model.logDensity([x])[0]).toBe(logDensity[i]);
    expect(logDensity.every((value) => !Number.isNaN(value))).toBe(true);
  }
});

describe('regions', () => {
  const stream = RandomStream.of(3, 'regions');
  const n = 3000;

  function treeOf(d: number, plain: boolean): RegionSums | undefined {
    const data = Float64Array.from({ length: n * d }, () => stream.normal());
    forcePlainLoops(plain);
    const tree = buildTree({ samples: new Samples(data, n, d), weights: undefined }, new Float64Array(d).fill(5), 32);
    forcePlainLoops(false);
    return RegionSums.of(tree, kernelNamed('gaussian'), new Float64Array(d).fill(5), 1e-4);
  }

  test.each([
    [1, false],
    [2, false],
    [1, true],
    [2, true],
  ])(
    'serve nearly all queries near the rows in %i dimensions (plain: %s), each the same in any company',
    (d, plain) => {
      const sums = treeOf(d, plain) as RegionSums;
      const byRegion = new Map<number, number[][]>();
      for (let i = 0; i < 2000; i++) {
        const query = Array.from({ length: d }, () => 0.8 * stream.normal());
        const region = sums.regionOf(Float64Array.from(query));
        if (region !== NOWHERE) byRegion.set(region, [...(byRegion.get(region) ?? []), query].slice(0, sums.most));
      }
      const out = new Float64Array(sums.most);
      const alone = new Float64Array(1);
      let [count, refused] = [0, 0];
      for (const [region, queries] of byRegion) {
        for (const [i, query] of queries.entries()) sums.queries.set(query, i * d);
        sums.logSums(region, queries.length, out);
        const together = out.slice(0, queries.length);
        count += queries.length;
        queries.forEach((query, i) => {
          sums.queries.set(query);
          sums.logSums(region, 1, alone);
          expect(alone[0]).toBe(together[i]);
          if (Number.isNaN(alone[0])) refused++;
        });
      }
      expect(count).toBeGreaterThan(1500);
      expect(refused).toBeLessThan(0.02 * count);
    },
  );

  test('are for tolerances and trees where sharing pays', () => {
    const samples = new Samples(
      Float64Array.from({ length: 2 * n }, () => stream.normal()),
      n,
      2,
    );
    const tree = buildTree({ samples, weights: undefined }, [1, 1], 32);
    const shares = (kernel: 'gaussian' | 'biweight', scale: number, tolerance: number): boolean =>
      RegionSums.of(tree, kernelNamed(kernel), Float64Array.of(scale, scale), tolerance) !== undefined;
    expect(shares('gaussian', 5, 1e-8)).toBe(true);
    expect(shares('gaussian', 5, 0)).toBe(false);
    expect(shares('gaussian', 100, 1e-8)).toBe(false);
    expect(shares('biweight', 5, 1e-8)).toBe(false);
  });
});
