import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { forcePlainLoops, type LeafLoops, type LeafShape, leafKernel, makeLeafLoops } from '../../src/simd/index.js';
import type { LeafKernelName } from '../../src/simd/leaf-kernels.js';
import { PlainLeafLoops } from '../../src/simd/plain-leaf-loops.js';

const KERNELS: readonly LeafKernelName[] = [
  'gaussian',
  'exponential',
  'tophat',
  'epanechnikov',
  'biweight',
  'triweight',
  'linear',
  'cosine',
];

/** Leaves of the given sizes, filled alike in compiled and plain loops. */
interface Twins {
  readonly compiled: LeafLoops;
  readonly plain: LeafLoops;
  readonly leaves: readonly (readonly [start: number, end: number])[];
}

function twins(shape: LeafShape, sizes: readonly number[], next: () => number): Twins {
  const plain = new PlainLeafLoops(shape);
  const compiled = makeLeafLoops(shape);
  expect(compiled).not.toBeInstanceOf(PlainLeafLoops);
  for (const name of ['coordinates', 'query', 'scales', 'queries', 'shifts'] as const) {
    const values = plain[name].map(() => (name === 'scales' ? Math.exp(next()) : name === 'shifts' ? 0 : next()));
    for (const loops of [plain, compiled]) loops[name].set(values);
  }
  const weights = plain.weights?.map(() => Math.exp(next()));
  for (const loops of [plain, compiled]) if (weights) loops.weights?.set(weights);
  const stretches = plain.stretches?.map(() => Math.exp(next()));
  for (const loops of [plain, compiled]) if (stretches) loops.stretches?.set(stretches);
  const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size));
  const leaves = ends.map((end, i) => [end - sizes[i], end] as const);
  return { compiled, plain, leaves };
}

/** Seeded numbers from -2 to 2. */
function numbers(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 30;
  };
}

const cases = fc.record({
  kernel: fc.constantFrom(...KERNELS),
  columns: fc.integer({ min: 1, max: 9 }),
  sizes: fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 60, max: 600 })), {
    minLength: 1,
    maxLength: 4,
  }),
  weighted: fc.boolean(),
  stretched: fc.boolean(),
  isShort: fc.boolean(),
  seed: fc.integer(),
  // The query's distance from the rows, in bandwidths: from among them to where every term underflows.
  offset: fc.constantFrom(0, 0, 1, 6, 37, 39, 1e3, 1e160),
  cut: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
});

describe('compiled leaf loops agree with plain ones', () => {
  it('for every kernel, dimension, size and run', () => {
    fc.assert(
      fc.property(cases, ({ kernel: name, columns, sizes, weighted, stretched, isShort, seed, offset, cut }) => {
        const rows = sizes.reduce((sum, size) => sum + size, 0);
        const { compiled, plain, leaves } = twins({ rows, columns, weighted, stretched }, sizes, numbers(seed));
        const kernel = leafKernel(name, isShort ? 1e-7 : 0);
        for (const loops of [compiled, plain]) loops.query[0] += offset / loops.scales[0];
        for (const [start, end] of leaves) {
          const [low, high] = [...cut].sort((a, b) => a - b);
          const from = start + Math.floor(low * (end - start));
          const to = start + Math.ceil(high * (end - start));
          const nearest = plain.nearest(start, end, from, to);
          // Distances are the same to the bit.
          expect(compiled.nearest(start, end, from, to)).toBe(nearest);
          const shift = nearest === Infinity ? 0 : name === 'gaussian' ? 0.5 * nearest : Math.sqrt(nearest);
          for (const s of Number.isFinite(shift) ? [0, shift] : [0]) {
            const truth = plain.sum(kernel, start, end, from, to, s);
            // Two units for each exponential and one for each addition of up to 600 terms, or the short exponential's.
            const error = isShort ? 2e-12 : 1e-13;
            expect(Math.abs(compiled.sum(kernel, start, end, from, to, s) - truth)).toBeLessThanOrEqual(
              error * truth + rows * 50 * 2 ** -1022,
            );
          }
        }
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  it('for single rows, to a few units in the last place', () => {
    for (const name of KERNELS) {
      for (let columns = 1; columns <= 8; columns++) {
        const { compiled, plain } = twins({ rows: 200, columns, weighted: false }, [200], numbers(columns));
        for (const loops of [compiled, plain]) loops.scales.fill(0.3 / Math.sqrt(columns));
        for (let i = 0; i < 200; i++) {
          const truth = plain.sum(leafKernel(name, 0), 0, 200, i, i + 1, 0);
          const got = compiled.sum(leafKernel(name, 0), 0, 200, i, i + 1, 0);
          expect(Math.abs(got - truth), `${name}, ${columns} columns`).toBeLessThanOrEqual(6 * 2 ** -53 * truth);
        }
      }
    }
  });

  it('at the edge of the cosine kernel', () => {
    const { compiled, plain } = twins({ rows: 40, columns: 1, weighted: false }, [40], numbers(1));
    for (const loops of [compiled, plain]) {
      loops.query[0] = 0;
      loops.scales[0] = 1;
      loops.coordinates.set(Array.from({ length: 40 }, (_, i) => 1 - 2 ** -i));
    }
    for (let i = 0; i < 40; i++) {
      const truth = plain.sum(leafKernel('cosine', 0), 0, 40, i, i + 1, 0);
      const got = compiled.sum(leafKernel('cosine', 0), 0, 40, i, i + 1, 0);
      expect(Math.abs(got - truth)).toBeLessThanOrEqual(1e-15 * truth + 2e-17);
    }
  });
});

describe('sums of many queries', () => {
  afterEach(() => forcePlainLoops(false));

  it.each([false, true])('are those of single ones, to the bit (plain: %s)', (isPlain) => {
    forcePlainLoops(isPlain);
    for (const columns of [1, 2, 3, 7]) {
      const shape = { rows: 777, columns, weighted: columns % 2 === 0, queries: 9 };
      const loops = makeLeafLoops(shape);
      const next = numbers(columns);
      for (const array of [loops.coordinates, loops.queries, loops.sums]) array.set(array.map(next));
      loops.weights?.fill(0.5);
      loops.scales.fill(1.5);
      loops.shifts.set(loops.shifts.map((_, i) => 0.01 * i));
      for (const name of KERNELS) {
        const expected = Array.from({ length: 9 }, (_, q) => {
          loops.query.set(loops.queries.subarray(q * columns, (q + 1) * columns));
          return loops.sums[q] + loops.sum(leafKernel(name, 0), 100, 777, 101, 770, loops.shifts[q]);
        });
        const untouched = loops.sums[8];
        loops.addSums(leafKernel(name, 0), 100, 777, 101, 770, 8);
        expect([...loops.sums.subarray(0, 8)]).toEqual(expected.slice(0, 8));
        expect(loops.sums[8]).toBe(untouched);
      }
    }
  });
});

describe('known sums', () => {
  it.each([false, true])('of three rows (plain: %s)', (isPlain) => {
    forcePlainLoops(isPlain);
    const loops = makeLeafLoops({ rows: 3, columns: 2, weighted: true });
    forcePlainLoops(false);
    // Rows (1, 0), (0, 2), (0.5, 0.5) with weights 1, 2, 4, seen from the origin at h = (1, 2): t = 1, 1, 0.3125.
    loops.coordinates.set([1, 0, 0.5, 0, 2, 0.5]);
    loops.weights?.set([1, 2, 4]);
    loops.scales.set([1, 0.5]);
    const sum = (name: LeafKernelName): number => loops.sum(leafKernel(name, 0), 0, 3, 0, 3, 0);
    expect(sum('gaussian')).toBeCloseTo(3 * Math.exp(-0.5) + 4 * Math.exp(-0.15625), 14);
    expect(sum('exponential')).toBeCloseTo(3 * Math.exp(-1) + 4 * Math.exp(-Math.sqrt(0.3125)), 14);
    expect(sum('tophat')).toBe(7);
    expect(sum('epanechnikov')).toBe(4 * 0.6875);
    expect(sum('biweight')).toBe(4 * 0.6875 ** 2);
    expect(sum('triweight')).toBe(4 * 0.6875 ** 3);
    expect(sum('linear')).toBeCloseTo(4 * (1 - Math.sqrt(0.3125)), 14);
    expect(sum('cosine')).toBeCloseTo(4 * Math.cos(0.5 * Math.PI * Math.sqrt(0.3125)), 14);
    expect(loops.nearest(0, 3, 0, 3)).toBe(0.3125);
    expect(loops.nearest(0, 3, 0, 2)).toBe(1);
    expect(loops.sum(leafKernel('gaussian', 0), 0, 3, 1, 1, 0)).toBe(0);
    expect(loops.nearest(0, 3, 1, 1)).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([false, true])('of rows with stretches (plain: %s)', (isPlain) => {
    forcePlainLoops(isPlain);
    const loops = makeLeafLoops({ rows: 3, columns: 1, weighted: false, stretched: true });
    forcePlainLoops(false);
    // Rows 1, 2, 3 with bandwidth factors 2, 4, 1, seen from the origin: t = 1/4, 1/4, 9.
    loops.coordinates.set([1, 2, 3]);
    loops.stretches?.set([1 / 4, 1 / 16, 1]);
    loops.scales.set([1]);
    expect(loops.sum(leafKernel('epanechnikov', 0), 0, 3, 0, 3, 0)).toBe(1.5);
    expect(loops.nearest(0, 3, 0, 3)).toBe(0.25);
    expect(loops.nearest(0, 3, 2, 3)).toBe(9);
  });
});
