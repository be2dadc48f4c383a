import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MixtureLoops } from '../../src/simd/index.js';
import { difference, expectRowsApart, type Setting, sharesOf, twins } from './mixture-twins.js';

// Blocks of 64 rows in 20 axes or more: the first one is taken in full, and where few terms count the next ones in stages.

const settings: fc.Arbitrary<Setting> = fc.record({
  components: fc.integer({ min: 1, max: 12 }),
  dimension: fc.integer({ min: 20, max: 35 }),
  form: fc.constant('triangular'),
  count: fc.oneof(fc.integer({ min: 28, max: 64 }), fc.constant(64)),
  seed: fc.integer(),
  separation: fc.constantFrom(2, 4, 8, 30, 1000),
  offset: fc.constant(0),
  weighted: fc.boolean(),
});

/** What one block comes to. */
function takeBlock(loops: MixtureLoops, count: number) {
  const total = loops.share(count);
  return { total, densities: [...loops.logDensities.subarray(0, count)], shares: sharesOf(loops, count) };
}

describe('terms in stages', () => {
  it('have the bits of terms in full, and agree with plain ones', () => {
    fc.assert(
      fc.property(settings, (setting) => {
        const { count, separation } = setting;
        const [compiled, plain] = twins(setting);
        const full = takeBlock(compiled, count);
        for (let block = 0; block < 2; block++) expect(takeBlock(compiled, count)).toEqual(full);
        const truth = takeBlock(plain, count);
        expect(difference(full.densities, truth.densities)).toBeLessThan(1e-13);
        expect(difference(full.shares, truth.shares)).toBeLessThan(1e-13 * (1 + separation) ** 2);
        compiled.accumulate(count);
        const statistics = [compiled.mass.slice(), compiled.shift.slice(), compiled.scatter.slice()];
        for (const sums of [compiled.mass, compiled.shift, compiled.scatter]) sums.fill(0);
        compiled.step(count);
        expect([compiled.mass, compiled.shift, compiled.scatter]).toEqual(statistics);
      }),
      { numRuns: 100, seed: 1 },
    );
  });

  it.each([0, 1, 7, 16])('give each row what it gets alone, to the bit (%i typical rows)', (typical) => {
    for (const dimension of [20, 33, 45]) {
      for (const separation of [3, 10, 100]) {
        const [loops] = twins({ ...usual, dimension, separation });
        loops.prepare(typical);
        expectRowsApart(loops, dimension);
      }
    }
  });

  it('differ by rounding alone when rows are given as typical, by nothing when the same are given again', () => {
    for (const separation of [3, 10, 100]) {
      const [loops, plain] = twins({ ...usual, dimension: 41, separation });
      const truth = takeBlock(plain, 64);
      const rows = loops.rows.slice();
      loops.prepare(12);
      const found = takeBlock(loops, 64);
      expect(difference(found.densities, truth.densities)).toBeLessThan(1e-13);
      expect(difference(found.shares, truth.shares)).toBeLessThan(1e-13 * (1 + separation) ** 2);
      loops.prepare();
      loops.rows.set(rows);
      loops.prepare(12);
      expect(takeBlock(loops, 64)).toEqual(found);
    }
  });

  it('let no row without density, component without weight or NaN in the filling make a difference', () => {
    const [loops] = twins({ ...usual, weighted: true });
    loops.constants[2] = Number.NEGATIVE_INFINITY;
    loops.prepare();
    loops.rows.fill(1e200, 0, 21);
    for (let j = 0; j < 21; j++) loops.rows[21 + j] = j % 2 === 0 ? 1.7e308 : -1.7e308;
    loops.weights[0] = 0;
    loops.weights[1] = 0;
    loops.rows.fill(Number.NaN, 61 * 21);
    const full = takeBlock(loops, 61);
    expect(full.total).toBeGreaterThan(Number.NEGATIVE_INFINITY);
    expect(full.densities.slice(0, 2)).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    loops.rows.fill(Number.NaN, 61 * 21);
    expect(takeBlock(loops, 61)).toEqual(full);
    expect(full.shares.every(Number.isFinite)).toBe(true);
  });

  // Means that differ in the last axes alone: terms stay near each other until the last stage.
  it('are given up where they leave nothing out, and change no bit by that', () => {
    const [loops] = twins({ ...usual, separation: 0.5 });
    for (let k = 0; k < 7; k++) loops.means[k * 21 + 20] += 40 * k;
    loops.rows.forEach((_, at) => {
      if (at % 21 === 20) loops.rows[at] += 40 * (Math.floor(at / 21) % 7);
    });
    loops.prepare();
    const full = takeBlock(loops, 64);
    for (let block = 0; block < 70; block++) expect(takeBlock(loops, 64)).toEqual(full);
  });
});

const usual: Setting = {
  components: 7,
  dimension: 21,
  form: 'triangular',
  count: 64,
  seed: 3,
  separation: 10,
  offset: 0,
  weighted: false,
};
