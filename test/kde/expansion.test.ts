/**
 * Series over nodes against sums over their rows.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { Samples } from '../../src/core/samples.js';
import { expansionFor } from '../../src/kde/expansion.js';
import { KernelSum, NOTHING } from '../../src/kde/kernel-sum.js';
import { centre, momentsOf } from '../../src/kde/moments.js';
import { buildTree, type Tree } from '../../src/kde/tree.js';
import { type KernelName, kernelNamed } from '../../src/kernels/index.js';
import { forcePlainLoops } from '../../src/simd/index.js';
import { radialProfile } from '../kernels/quadrature.js';

const scene = fc.record({
  d: fc.integer({ min: 1, max: 2 }),
  n: fc.integer({ min: 1, max: 800 }),
  seed: fc.integer(),
  lattice: fc.boolean(),
  weighted: fc.boolean(),
  offset: fc.constantFrom(0, 1e3, -1e8),
  leafSize: fc.integer({ min: 2, max: 40 }),
  compiled: fc.boolean(),
  /** Bandwidths at building, and then. */
  logBuilt: fc.double({ min: -3, max: 3, noNaN: true }),
  logBandwidth: fc.double({ min: -3, max: 3, noNaN: true }),
});

interface Scene {
  readonly tree: Tree;
  readonly data: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly scales: Float64Array;
  readonly stream: RandomStream;
}

type Given = typeof scene extends fc.Arbitrary<infer T> ? T : never;

function makeScene({
  d,
  n,
  seed,
  lattice,
  weighted,
  offset,
  leafSize,
  compiled,
  logBuilt,
  logBandwidth,
}: Given): Scene {
  const stream = RandomStream.of(seed, 'scene');
  const draw = lattice ? () => stream.integer(5) : () => stream.normal();
  const data = Float64Array.from({ length: n * d }, () => draw() + offset);
  const weights = weighted ? Float64Array.from({ length: n }, () => Math.exp(5 * stream.normal())) : undefined;
  const built = Float64Array.from({ length: d }, (_, j) => Math.exp(-logBuilt) * (1 + j));
  forcePlainLoops(!compiled);
  const tree = buildTree({ samples: new Samples(data, n, d), weights }, built, leafSize);
  forcePlainLoops(false);
  const scales = Float64Array.from({ length: d }, (_, j) => Math.exp(-logBandwidth) / (1 + j));
  return { tree, data, weights, scales, stream };
}

/** Places `from` to `to - 1`, row by row. */
function directSum(
  { tree, data, weights, scales }: Scene,
  kernel: KernelName,
  query: Float64Array,
  from: number,
  to: number,
  { except = NOTHING, stretch = 1 } = {},
): number {
  const d = query.length;
  let sum = 0;
  for (let place = from; place < to; place++) {
    if (place === except) continue;
    const row = tree.order[place];
    let t = 0;
    for (let j = 0; j < d; j++) t += ((query[j] - data[row * d + j]) * scales[j]) ** 2;
    t *= stretch;
    const value = kernel === 'gaussian' ? Math.exp(-t / 2) : radialProfile[kernel](Math.sqrt(t));
    sum += (weights?.[row] ?? 1) * value;
  }
  return sum;
}

test('moments of every node are those of its rows about the centre of its box', () => {
  fc.assert(
    fc.property(scene, (given) => {
      const { tree, data, weights } = makeScene(given);
      const d = given.d;
      const moments = momentsOf(tree);
      const factorials = [1, 1, 2, 6, 24, 120, 720, 5040];
      for (let node = 0; node < tree.starts.length; node += 1 + (node >> 2)) {
        const from = moments.of(node);
        for (const [a, b] of d === 1
          ? [
              [0, 0],
              [1, 0],
              [7, 0],
            ]
          : [
              [0, 0],
              [0, 1],
              [1, 0],
              [2, 3],
              [3, 4],
            ]) {
          let sum = 0;
          let size = 0;
          for (let place = tree.starts[node]; place < tree.ends[node]; place++) {
            const row = tree.order[place];
            const u = (data[row * d] - centre(tree, node, 0)) * tree.scales[0];
            const v = d === 1 ? 1 : (data[row * d + 1] - centre(tree, node, 1)) * tree.scales[1];
            const term = ((weights?.[row] ?? 1) * u ** a * v ** b) / factorials[a] / factorials[b];
            sum += term;
            size += Math.abs(term);
          }
          const halves = [0, 1].map((j) =>
            j >= d ? 1 : 0.5 * (tree.boxes[(2 * node + 1) * d + j] - tree.boxes[2 * node * d + j]) * tree.scales[j],
          );
          const bound = (tree.nodeWeights[node] * halves[0] ** a * halves[1] ** b) / factorials[a] / factorials[b];
          const order = moments.order;
          const at = from + (d === 1 ? a : a * order - (a * (a - 1)) / 2 + b);
          expect(Math.abs(moments.values[at] - sum)).toBeLessThanOrEqual(1e-13 * (bound + size));
        }
      }
    }),
    { numRuns: 150, seed: 1 },
  );
});

/** Kernels with series on a line; in the plane the gaussian alone has them. */
const lineKernels: readonly KernelName[] = [
  'gaussian',
  'exponential',
  'epanechnikov',
  'biweight',
  'triweight',
  'linear',
  'cosine',
];

test('a series errs by no more than it says, and less than allowed', () => {
  let settled = 0;
  fc.assert(
    fc.property(scene, fc.constantFrom(...lineKernels), (given, name) => {
      const kernel = given.d === 1 ? name : 'gaussian';
      const made = makeScene(given);
      const { tree, scales, stream } = made;
      const expansion = expansionFor(tree, kernelNamed(kernel), scales, 1e-8);
      if (expansion === undefined) throw new Error('there must be an expansion');
      for (const reach of [0.3, 1, 3]) {
        const query = scales.map((s) => given.offset + (reach * stream.normal()) / Math.min(s, 1));
        for (let node = 0; node < tree.starts.length; node += 1 + (node >> 2)) {
          const weight = tree.nodeWeights[node];
          const allowance = weight * 10 ** -stream.integer(12);
          // The nearest row is no nearer than the box: a larger bound than its value there is allowed too.
          const term = expansion.sum(node, query, weight, allowance);
          if (!(term >= 0)) continue;
          settled++;
          const direct = directSum(made, kernel, query, tree.starts[node], tree.ends[node]);
          expect(expansion.error).toBeLessThanOrEqual(allowance);
          // Kernel values below the least normal number count as 0.
          expect(Math.abs(term - direct)).toBeLessThanOrEqual(expansion.error + weight * 2 ** -1020);
        }
      }
    }),
    { numRuns: 400, seed: 2 },
  );
  expect(settled).toBeGreaterThan(5000);
});

test('sums through the tree keep the tolerance with series, left-out rows included', () => {
  fc.assert(
    fc.property(
      scene,
      fc.constantFrom(...lineKernels),
      fc.constantFrom(1e-2, 1e-4, 1e-8, 1e-11, 0),
      (given, name, tolerance) => {
        const kernel = given.d === 1 ? name : 'gaussian';
        const made = makeScene(given);
        const { tree, scales, stream } = made;
        const sum = new KernelSum(tree, kernelNamed(kernel), scales, tolerance);
        for (const reach of [0.3, 1, 3]) {
          const query = scales.map(() => given.offset + reach * stream.normal());
          for (const except of [NOTHING, stream.integer(tree.rows)]) {
            const got = Math.exp(sum.logSum(query, except));
            // Rounding of the distances may move a sum as far as rows a few units nearer or farther would.
            const stretched = (stretch: number) => directSum(made, kernel, query, 0, tree.rows, { except, stretch });
            const [low, high] = [stretched(1 + 24 * 2 ** -53), stretched(1 - 24 * 2 ** -53)];
            expect(got).toBeGreaterThanOrEqual(low * (1 - tolerance) * (1 - 5e-14) - 1e-300);
            expect(got).toBeLessThanOrEqual(high * (1 + tolerance) * (1 + 5e-14) + 1e-300);
          }
        }
      },
    ),
    { numRuns: 600, seed: 3 },
  );
});

test('the bits of a row do not depend on what was asked before', () => {
  const made = makeScene({
    d: 2,
    n: 800,
    seed: 1,
    lattice: false,
    weighted: true,
    offset: 0,
    leafSize: 16,
    compiled: true,
    logBuilt: 0,
    logBandwidth: -0.5,
  });
  const queries = Array.from({ length: 50 }, () => made.scales.map(() => made.stream.normal()));
  const fresh = () => {
    const { samples, weights } = { samples: new Samples(made.data, 800, 2), weights: made.weights };
    return new KernelSum(
      buildTree({ samples, weights }, made.tree.scales, 16),
      kernelNamed('gaussian'),
      made.scales,
      1e-4,
    );
  };
  const together = fresh();
  const forwards = queries.map((query) => together.logSum(query));
  const alone = queries.map((query) => fresh().logSum(query));
  const backwards = fresh();
  expect(
    [...queries]
      .reverse()
      .map((query) => backwards.logSum(query))
      .reverse(),
  ).toEqual(forwards);
  expect(alone).toEqual(forwards);
});
