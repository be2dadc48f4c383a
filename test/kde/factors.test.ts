/**
 * Bandwidth factors row by row, as adaptive estimates have them, against sums over all rows.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { Samples } from '../../src/core/samples.js';
import { BlockSums } from '../../src/kde/block-sums.js';
import { KernelSum, NOTHING } from '../../src/kde/kernel-sum.js';
import { buildTree } from '../../src/kde/tree.js';
import { kernelNamed, kernelNames } from '../../src/kernels/index.js';
import { forcePlainLoops } from '../../src/simd/index.js';
import { radialProfile } from '../kernels/quadrature.js';

const scene = fc.record({
  kernel: fc.constantFrom(...kernelNames),
  d: fc.integer({ min: 1, max: 4 }),
  n: fc.integer({ min: 1, max: 200 }),
  seed: fc.integer(),
  weighted: fc.boolean(),
  spread: fc.constantFrom(0, 0.5, 3),
  leafSize: fc.integer({ min: 2, max: 40 }),
  logBandwidth: fc.double({ min: -3, max: 2, noNaN: true }),
  tolerance: fc.constantFrom(1e-2, 1e-4, 1e-8, 0),
  compiled: fc.boolean(),
});

test('sums with factors keep the tolerance', () => {
  fc.assert(
    fc.property(scene, (given) => {
      const { kernel, d, n, tolerance } = given;
      const stream = RandomStream.of(given.seed, 'factors');
      const data = Float64Array.from({ length: n * d }, () => stream.normal());
      const factors = Float64Array.from({ length: n }, () => Math.exp(given.spread * stream.normal()));
      const weights = given.weighted ? Float64Array.from({ length: n }, () => 1 + stream.integer(4)) : undefined;
      const scales = Float64Array.from({ length: d }, (_, j) => Math.exp(-given.logBandwidth) / (1 + j));
      forcePlainLoops(!given.compiled);
      const tree = buildTree({ samples: new Samples(data, n, d), weights, factors }, scales, given.leafSize);
      forcePlainLoops(false);
      const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? n;
      expect(tree.totalWeight).toBeCloseTo(total, 9);
      const sum = new KernelSum(tree, kernelNamed(kernel), scales, tolerance);
      const block = new BlockSums(tree, kernelNamed(kernel), scales, tolerance, true);
      const direct = (query: ArrayLike<number>, stretch: number, except: number): number => {
        let value = 0;
        for (let i = 0; i < n; i++) {
          if (i === except) continue;
          let t = 0;
          for (let j = 0; j < d; j++) t += ((query[j] - data[i * d + j]) * scales[j]) ** 2;
          t *= stretch / factors[i] ** 2;
          const k = kernel === 'gaussian' ? Math.exp(-t / 2) : radialProfile[kernel](Math.sqrt(t));
          value += ((weights?.[i] ?? 1) * k) / factors[i] ** d;
        }
        return value;
      };
      const check = (got: number, query: ArrayLike<number>, except: number): void => {
        const [low, high] = [direct(query, 1 + 32 * 2 ** -53, except), direct(query, 1 - 32 * 2 ** -53, except)];
        expect(Math.exp(got)).toBeGreaterThanOrEqual(low * (1 - tolerance) * (1 - 5e-14) - 1e-300);
        expect(Math.exp(got)).toBeLessThanOrEqual(high * (1 + tolerance) * (1 + 5e-14) + 1e-300);
      };
      for (const reach of [0.5, 1, 5]) {
        const query = Float64Array.from({ length: d }, () => reach * stream.normal());
        check(sum.logSum(query), query, NOTHING);
        const place = stream.integer(n);
        check(sum.logSum(query, place), query, tree.order[place]);
        const row = tree.order[place];
        check(block.logSum(place), data.subarray(row * d, (row + 1) * d), row);
      }
    }),
    { numRuns: 500, seed: 1 },
  );
});

test('factors of 1 change nothing but rounding, and far out the widest kernel decides', () => {
  const samples = Samples.from([[0], [1]]);
  const scales = Float64Array.of(10);
  const log = (factors?: Float64Array) =>
    new KernelSum(
      buildTree({ samples, weights: undefined, factors }, scales, 2),
      kernelNamed('gaussian'),
      scales,
      0,
    ).logSum(Float64Array.of(100));
  expect(log(Float64Array.of(1, 1))).toBe(log());
  // The kernel at 0 is ten times as wide: log(exp(-100^2 / 2) / 10), the other's being far below.
  expect(log(Float64Array.of(10, 1))).toBeCloseTo(-0.5 * 100 ** 2 - Math.log(10), 9);
});
