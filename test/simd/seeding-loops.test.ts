import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { BLOCK_ROWS, makeSeedingLoops, type SeedingLoops, type SeedingShape } from '../../src/simd/index.js';
import { PlainSeedingLoops } from '../../src/simd/plain-seeding-loops.js';

/** Enough numbers for the compiled loops, whole and cut blocks and pairs. */
const SHAPES: readonly SeedingShape[] = [
  { count: 2048, columns: 1, searches: 1, tries: 2, components: 6 },
  { count: 2001, columns: 2, searches: 3, tries: 4, components: 6 },
  { count: 703, columns: 3, searches: 4, tries: 5, components: 6 },
  { count: 300, columns: 16, searches: 2, tries: 3, components: 6 },
  { count: 66, columns: 61, searches: 3, tries: 9, components: 6 },
];

function twins(shape: SeedingShape, entry: (stream: RandomStream, at: number) => number): readonly SeedingLoops[] {
  const stream = RandomStream.of(shape.count, 'seeding loops');
  const { count, columns } = shape;
  const rows = Float64Array.from({ length: count * columns }, (_, at) => entry(stream, at));
  const weights = Float64Array.from({ length: count }, () => Math.floor(4 * stream.uniform()) / 2);
  return [makeSeedingLoops(shape), new PlainSeedingLoops(shape)].map((loops) => {
    loops.rows.set(rows);
    loops.weights.set(weights);
    loops.prepare();
    return loops;
  });
}

/** Tries rows, the same in both; takes one of them. */
function round(loops: readonly SeedingLoops[], { count, searches, tries }: SeedingShape, stream: RandomStream): void {
  const tried = Array.from({ length: searches }, () =>
    Array.from({ length: tries }, () => Math.floor(count * stream.uniform())),
  );
  const taken = tried.map(() => Math.floor(tries * stream.uniform()));
  const found = loops.map((each) => {
    each.tryRows(tried);
    const middle = BLOCK_ROWS * Math.floor(count / BLOCK_ROWS / 2);
    each.measure(0, middle);
    each.measure(middle, count);
    const potentials = tried.flatMap((rows, s) => rows.map((_, t) => each.potentialOf(s, t)));
    return { potentials, left: taken.map((t, s) => each.take(s, t)) };
  });
  const [compiled, plain] = found;
  for (const [at, potential] of plain.potentials.entries()) {
    expect(Math.abs(compiled.potentials[at] - potential)).toBeLessThanOrEqual(1e-12 * (1 + potential));
  }
  for (const [s, left] of plain.left.entries()) {
    expect(Math.abs(compiled.left[s] - left)).toBeLessThanOrEqual(1e-12 * left);
    expect(Math.abs(plain.potentials[s * tries + taken[s]] - left)).toBeLessThanOrEqual(1e-12 * left);
  }
}

function expectAgreement([compiled, plain]: readonly SeedingLoops[], { searches, count }: SeedingShape): void {
  for (let s = 0; s < searches; s++) {
    expect([...compiled.labelsOf(s)]).toEqual([...plain.labelsOf(s)]);
    expect(compiled.centresOf(s)).toEqual(plain.centresOf(s));
    const [found, expected] = [compiled.clustersOf(s), plain.clustersOf(s)];
    expect(found.mass).toEqual(expected.mass);
    for (const [at, value] of expected.shift.entries()) expect(Math.abs(found.shift[at] - value)).toBeLessThan(1e-10);
    for (const [at, value] of expected.squares.entries()) {
      expect(Math.abs(found.squares[at] - value)).toBeLessThanOrEqual(1e-12 * value);
    }
    for (const of of ['distancesOf', 'sumsOf'] as const) {
      const [found, expected] = [compiled[of](s), plain[of](s)];
      expect(found.length).toBe(of === 'sumsOf' ? Math.ceil(count / BLOCK_ROWS) : count);
      for (const [i, value] of expected.entries()) expect(Math.abs(found[i] - value)).toBeLessThanOrEqual(1e-9 * value);
    }
  }
}

describe.each(SHAPES)('$count rows of $columns, $searches searches of $tries tries', (shape) => {
  it('compiled and plain loops agree', () => {
    const loops = twins(shape, (stream) => stream.normal());
    const stream = RandomStream.of(7, 'rounds');
    expect(loops[0]).not.toBeInstanceOf(PlainSeedingLoops);
    for (let k = 0; k < 6; k++) round(loops, shape, stream);
    expectAgreement(loops, shape);
  });

  it('other centres take the rows nearest them', () => {
    const loops = twins(shape, (stream) => stream.normal());
    const stream = RandomStream.of(8, 'centres');
    for (const components of [6, 6, 1, 5]) {
      const centres = Float64Array.from({ length: components * shape.columns }, () => stream.normal());
      const search = shape.searches - 1;
      const middle = BLOCK_ROWS * Math.floor(shape.count / BLOCK_ROWS / 2);
      const changed = loops.map((each) => {
        each.moveTo(search, centres);
        return each.assign(search, 0, middle) + each.assign(search, middle, shape.count);
      });
      expect(changed[0]).toBe(changed[1]);
      expect(changed[0]).toBeGreaterThan(0);
      expect([...loops[0].labelsOf(search)]).toEqual([...loops[1].labelsOf(search)]);
      expect(loops[0].clustersOf(search).mass).toEqual(loops[1].clustersOf(search).mass);
      expect(loops[0].assign(search, 0, shape.count)).toBe(0);
    }
  });

  it('rows that are centres, or equal to one, are at no distance from it', () => {
    // Three points, 1e4 from the origin and 1 from each other.
    const loops = twins(shape, (_, at) => 1e4 + (Math.floor(at / shape.columns) % 3));
    const tried = Array.from({ length: shape.searches }, () => [0, 1, 2].slice(0, Math.min(3, shape.tries)));
    for (const each of loops) {
      for (let k = 0; k < 2; k++) {
        each.tryRows(tried);
        each.measure(0, shape.count);
        for (let s = 0; s < shape.searches; s++) each.take(s, k);
      }
    }
    expectAgreement(loops, shape);
    const distances = loops[0].distancesOf(0);
    expect(distances.every((distance, i) => distance === (i % 3 < 2 ? 0 : shape.columns))).toBe(true);
  });
});
