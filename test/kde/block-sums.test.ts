/**
 * Sums at all rows, leaf by leaf, against sums row by row over all pairs.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { Samples } from '../../src/core/samples.js';
import { BlockSums } from '../../src/kde/block-sums.js';
import { buildTree } from '../../src/kde/tree.js';
import { kernelNamed, kernelNames } from '../../src/kernels/index.js';
import { forcePlainLoops } from '../../src/simd/index.js';
import { radialProfile } from '../kernels/quadrature.js';

const scene = fc.record({
  kernel: fc.constantFrom(...kernelNames, 'gaussian' as const, 'gaussian' as const),
  d: fc.integer({ min: 1, max: 4 }),
  n: fc.integer({ min: 1, max: 250 }),
  seed: fc.integer(),
  shape: fc.constantFrom('normal', 'lattice', 'clusters'),
  weighted: fc.boolean(),
  leafSize: fc.integer({ min: 2, max: 40 }),
  logBandwidth: fc.double({ min: -4, max: 3, noNaN: true }),
  tolerance: fc.constantFrom(1e-2, 1e-4, 1e-8, 0),
  leavesOut: fc.boolean(),
  compiled: fc.boolean(),
});

test('each keeps the tolerance, its own row left out or not', () => {
  fc.assert(
    fc.property(scene, (given) => {
      const { kernel, d, n, tolerance, leavesOut } = given;
      const stream = RandomStream.of(given.seed, 'block');
      const draw = {
        normal: () => stream.normal(),
        lattice: () => stream.integer(4),
        clusters: () => 1e3 * stream.integer(2) + 0.1 * stream.normal(),
      }[given.shape];
      const data = Float64Array.from({ length: n * d }, draw);
      const weights = given.weighted
        ? Float64Array.from({ length: n }, () => Math.exp(3 * stream.normal()))
        : undefined;
      forcePlainLoops(!given.compiled);
      const tree = buildTree(
        { samples: new Samples(data, n, d), weights },
        new Float64Array(d).fill(1),
        given.leafSize,
      );
      forcePlainLoops(false);
      const scales = Float64Array.from({ length: d }, (_, j) => Math.exp(-given.logBandwidth) / (1 + j));
      const sums = new BlockSums(tree, kernelNamed(kernel), scales, tolerance, leavesOut);
      for (let place = 0; place < n; place++) {
        const bound = (stretch: number): number => {
          let sum = 0;
          for (let other = 0; other < n; other++) {
            if (leavesOut && other === place) continue;
            let t = 0;
            for (let j = 0; j < d; j++) {
              t += ((data[tree.order[place] * d + j] - data[tree.order[other] * d + j]) * scales[j]) ** 2;
            }
            t *= stretch;
            const value = kernel === 'gaussian' ? Math.exp(-t / 2) : radialProfile[kernel](Math.sqrt(t));
            sum += (weights?.[tree.order[other]] ?? 1) * value;
          }
          return sum;
        };
        const got = Math.exp(sums.logSum(place));
        expect(got).toBeGreaterThanOrEqual(bound(1 + 24 * 2 ** -53) * (1 - tolerance) * (1 - 5e-14) - 1e-300);
        expect(got).toBeLessThanOrEqual(bound(1 - 24 * 2 ** -53) * (1 + tolerance) * (1 + 5e-14) + 1e-300);
      }
    }),
    { numRuns: 400, seed: 1 },
  );
});

test('a row so far out that its sum underflows still has its logarithm', () => {
  const samples = Samples.from([[0], [1], [100]]);
  const tree = buildTree({ samples, weights: undefined }, [1], 2);
  const sums = new BlockSums(tree, kernelNamed('gaussian'), Float64Array.of(1), 1e-8, true);
  const place = tree.order.indexOf(2);
  // log(exp(-99^2 / 2) + exp(-100^2 / 2))
  expect(sums.logSum(place)).toBeCloseTo(-0.5 * 99 ** 2, 8);
});
