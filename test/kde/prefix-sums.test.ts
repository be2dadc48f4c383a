/**
 * Polynomial kernels on a line: prefix sums against direct summation, and moments against whole numbers.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { Samples } from '../../src/core/samples.js';
import { KernelDensity } from '../../src/kde/index.js';
import { leafSumsOf } from '../../src/kde/leaf-sums.js';
import { PrefixSums } from '../../src/kde/prefix-sums.js';
import { buildTree, type Tree } from '../../src/kde/tree.js';
import { type KernelName, kernelNamed } from '../../src/kernels/index.js';
import { forcePlainLoops, leafKernel } from '../../src/simd/index.js';
import { directLogDensity, miss } from './direct.js';

const kernels = ['epanechnikov', 'biweight', 'triweight', 'linear'] as const;

const scene = fc.record({
  kernel: fc.constantFrom(...kernels),
  n: fc.integer({ min: 1, max: 700 }),
  seed: fc.integer(),
  shape: fc.constantFrom('normal', 'lattice', 'clusters', 'outlier'),
  offset: fc.constantFrom(0, 1e3, -1e8),
  weighting: fc.constantFrom('none', 'integers', 'wild'),
  logBandwidth: fc.double({ min: Math.log(1e-3), max: Math.log(30), noNaN: true }),
  /** The model is another's with a new bandwidth, which shares its tree. */
  shared: fc.boolean(),
  relativeTolerance: fc.constantFrom(1e-2, 1e-4, 1e-8, 1e-11, 0),
  leafSize: fc.integer({ min: 2, max: 40 }),
  compiled: fc.boolean(),
});

function draw(stream: RandomStream, shape: string): number {
  if (shape === 'lattice') return stream.integer(4) * 0.5;
  if (shape === 'clusters') return 1e3 * stream.integer(3) + 0.1 * stream.normal();
  if (shape === 'outlier' && stream.uniform() < 0.02) return 1e6 * stream.normal();
  return stream.normal();
}

test('no density is off by more than the tolerance', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (given) => {
      const { kernel, n, shape, offset, relativeTolerance, leafSize } = given;
      const stream = RandomStream.of(given.seed, 'line');
      const rows = Array.from({ length: n }, () => [draw(stream, shape) + offset]);
      const weigh = { none: undefined, integers: () => stream.integer(4), wild: () => Math.exp(8 * stream.normal()) };
      const weight = weigh[given.weighting];
      const weights = weight && Array.from({ length: n }, (_, i) => (i === 0 ? 1 : weight()));
      const h = Math.exp(given.logBandwidth);
      forcePlainLoops(!given.compiled);
      const first = given.shared ? 3 * h : h;
      const estimator = new KernelDensity({ kernel, bandwidth: first, relativeTolerance, leafSize });
      const fitted = await estimator.fit(rows, weights && { weights });
      forcePlainLoops(false);
      const model = given.shared ? fitted.withBandwidth(h) : fitted;
      const queries = Array.from({ length: 8 }, (_, i) => {
        if (i < 3) return [draw(stream, shape) + offset];
        // Next to rows, to the edge of their kernels, and a little beyond.
        const row = rows[stream.integer(n)][0];
        return [row + [0, h, -h, 0.999 * h, h * stream.normal()][i - 3]];
      });
      const truth = { kernel, rows, weights, bandwidth: [h] };
      const found = model.logDensity(queries);
      queries.forEach((x, i) => {
        expect(miss(truth, x, found[i])).toBeLessThanOrEqual(-Math.log1p(-relativeTolerance) + 5e-14);
        // Each row depends on itself and the model only.
        expect(model.logDensity([x])[0]).toBe(found[i]);
      });
    }),
    { numRuns: 600, seed: 20261123 },
  );
}, 60_000);

function makeSums(kernel: KernelName, rows: readonly number[], h: number): { tree: Tree; sum: PrefixSums | undefined } {
  const samples = Samples.column(rows);
  const tree = buildTree({ samples, weights: undefined }, [1 / h], 8);
  tree.loops.scales[0] = 1 / h;
  return { tree, sum: PrefixSums.tryFor(tree, kernel, leafKernel(kernel, 0), 1 / h, 1e-8) };
}

describe.each(kernels)('%s', (kernel) => {
  test('nearly all queries are told by prefix sums, one row left out or none', () => {
    const stream = RandomStream.of(7, kernel);
    const rows = Array.from({ length: 2000 }, () => stream.normal());
    let told = 0;
    for (const h of [0.01, 0.3, 2, 50]) {
      const { tree, sum } = makeSums(kernel, rows, h);
      for (let i = 0; i < 40; i++) {
        const except = i % 2 === 0 ? -1 : stream.integer(2000);
        const row = except < 0 ? -1 : tree.order[except];
        const x = row < 0 ? stream.normal() : rows[row];
        tree.loops.query[0] = x;
        const value = sum?.sum(x, except) ?? -1;
        if (value < 0) continue;
        told++;
        const all = { kernel, rows: rows.map((p) => [p]), bandwidth: [h] };
        const log = directLogDensity(all, [x], 1, row);
        if (log === Number.NEGATIVE_INFINITY) expect(value).toBe(0);
        // The truth is normalised; the sum is not.
        else {
          const expected = log + Math.log((row < 0 ? 2000 : 1999) * h) + kernelNamed(kernel).logNormalizer(1);
          expect(Math.abs(Math.log(value) - expected)).toBeLessThan(1e-8);
        }
      }
    }
    expect(told).toBeGreaterThan(150);
  });
});

test('moments over any leaves are right to 85 bits of what the whole sums to', () => {
  const stream = RandomStream.of(5, 'moments');
  // Whole numbers, so that moments are too.
  const rows = Array.from({ length: 900 }, () => stream.integer(2 ** 20));
  rows[0] = 0;
  rows[1] = 2 ** 20;
  const tree = buildTree({ samples: Samples.column(rows), weights: undefined }, [1], 4);
  const sums = leafSumsOf(tree, 6);
  const leaves = tree.firstLeaf + 1;
  for (let trial = 0; trial < 100; trial++) {
    const from = stream.integer(leaves);
    const to = from + 1 + stream.integer(Math.min(10, leaves - from));
    const x = stream.integer(2 ** 20);
    sums.clear();
    sums.add(from, to);
    sums.moveTo(x);
    const [start, end] = [tree.starts[tree.firstLeaf + from], tree.ends[tree.firstLeaf + to - 1]];
    for (let n = 0; n <= 6; n++) {
      let exact = 0n;
      for (let place = start; place < end; place++) exact += BigInt(tree.coordinates[place] - x) ** BigInt(n);
      const moment = Number(exact) * sums.unit ** n;
      let size = 0;
      for (let place = start; place < end; place++) size += Math.abs((tree.coordinates[place] - x) * sums.unit) ** n;
      // Leaves are summed in doubles: 2^-53 for each of their rows, and what double-double leaves of 900 rows.
      expect(Math.abs(sums.moment(n) - moment)).toBeLessThanOrEqual(64 * 2 ** -53 * size + 900 * 2 ** -88);
    }
  }
});

test('few leaves, adaptive bandwidths and other kernels are left to the tree', () => {
  const samples = Samples.column(Array.from({ length: 64 }, (_, i) => i));
  const tree = buildTree({ samples, weights: undefined }, [1], 32);
  expect(PrefixSums.tryFor(tree, 'epanechnikov', 0, 1, 1e-8)).toBeUndefined();
  const fine = buildTree({ samples, weights: undefined }, [1], 4);
  expect(PrefixSums.tryFor(fine, 'epanechnikov', 0, 1, 1e-8)).toBeDefined();
  expect(PrefixSums.tryFor(fine, 'epanechnikov', 0, 1, 0)).toBeUndefined();
  for (const name of ['gaussian', 'exponential', 'cosine', 'tophat'] as const) {
    expect(PrefixSums.tryFor(fine, name, 0, 1, 1e-8)).toBeUndefined();
  }
  const factors = new Float64Array(64).fill(2);
  const stretched = buildTree({ samples, weights: undefined, factors }, [1], 4);
  expect(PrefixSums.tryFor(stretched, 'epanechnikov', 0, 1, 1e-8)).toBeUndefined();
});
