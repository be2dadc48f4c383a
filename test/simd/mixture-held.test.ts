import { describe, expect, it } from 'vitest';
import { type CovarianceForm, type MixtureLoops, makeMixtureLoops } from '../../src/simd/index.js';
import { PlainMixtureLoops } from '../../src/simd/plain-mixture-loops.js';
import { difference, sharesOf, twins } from './mixture-twins.js';

const FORMS: readonly CovarianceForm[] = ['triangular', 'diagonal', 'spherical', 'tied'];
/** Rows in blocks of 64, the last one short. */
const ROWS = 150;

/** A random mixture with some blocks of rows about it: loops that hold all rows, compiled and plain, and compiled ones of a block. */
function heldAndBlock(form: CovarianceForm, dimension: number, components: number, separation: number) {
  const setting = { components, dimension, form, count: 64, seed: 3, separation, offset: 0, weighted: true };
  const [block] = twins(setting);
  const shape = { components, dimension, form, blockRows: 64, heldRows: 192 };
  const loops = [makeMixtureLoops(shape), new PlainMixtureLoops(shape)];
  for (const held of loops) {
    for (const name of ['means', 'constants', 'factors'] as const) held[name].set(block[name]);
    for (let i = 0; i < ROWS; i++) {
      for (let j = 0; j < dimension; j++) held.rows[i * dimension + j] = block.rows[(i % 64) * dimension + j] + i / 64;
      held.weights[i] = block.weights[i % 64] + (i % 3);
    }
    held.prepare();
  }
  return { block, held: loops[0], plain: loops[1] };
}

/** What one block comes to: the step's total, and shares and log-densities. */
function take(loops: MixtureLoops, count: number) {
  const total = loops.step(count);
  loops.share(count);
  return { total, shares: sharesOf(loops, count), densities: [...loops.logDensities.subarray(0, count)] };
}

function statisticsOf({ mass, shift, scatter }: MixtureLoops): number[] {
  return [...mass, ...shift, ...scatter];
}

describe.each(FORMS)('loops that hold all rows (%s)', (form) => {
  it.each([1, 2, 3, 4, 5, 11, 16, 22])('give each block the bits that it has alone, %i axes', (dimension) => {
    for (const components of [1, 2, 3, 5, 10]) {
      for (const separation of [0.5, 4, 40]) {
        const { block, held } = heldAndBlock(form, dimension, components, separation);
        for (let first = 0; first < ROWS; first += 64) {
          const count = Math.min(64, ROWS - first);
          held.turnTo(first);
          block.rows.set(held.rows.subarray(first * dimension, (first + count) * dimension));
          block.weights.set(held.weights.subarray(first, first + count));
          expect(take(held, count)).toEqual(take(block, count));
        }
        expect(statisticsOf(held)).toEqual(statisticsOf(block));
      }
    }
  });

  it('agree with plain ones, which hold them too', () => {
    const { held, plain } = heldAndBlock(form, 6, 4, 1);
    for (let first = 0; first < ROWS; first += 64) {
      const count = Math.min(64, ROWS - first);
      for (const loops of [held, plain]) loops.turnTo(first);
      const [got, truth] = [take(held, count), take(plain, count)];
      expect(difference([got.total], [truth.total])).toBeLessThan(1e-11);
      expect(difference(got.shares, truth.shares)).toBeLessThan(1e-12);
    }
    expect(difference(held.mass, plain.mass)).toBeLessThan(1e-11);
    expect(difference(held.shift, plain.shift)).toBeLessThan(1e-11);
  });
});

describe('spherical components near the origin', () => {
  it.each([4, 5, 9, 16, 31, 62])('agree with plain loops wherever the rows are many or few, %i axes', (dimension) => {
    for (const components of [1, 2, 3, 4, 6, 7, 10]) {
      for (const separation of [0.2, 0.6, 1.5]) {
        const setting = { components, dimension, form: 'spherical', count: 61, seed: dimension, offset: 0 } as const;
        const [compiled, plain] = twins({ ...setting, separation, weighted: true });
        expect(difference([compiled.share(61)], [plain.share(61)])).toBeLessThan(1e-13);
        expect(difference(sharesOf(compiled, 61), sharesOf(plain, 61))).toBeLessThan(1e-12);
        compiled.step(61);
        plain.step(61);
        expect(difference(compiled.mass, plain.mass)).toBeLessThan(1e-12);
        expect(difference(compiled.shift, plain.shift)).toBeLessThan(1e-12);
        const traces = [compiled, plain].map(({ scatter }) =>
          Array.from({ length: components }, (_, k) =>
            scatter.subarray(k * dimension, (k + 1) * dimension).reduce((sum, square) => sum + square, 0),
          ),
        );
        expect(difference(traces[0], traces[1])).toBeLessThan(1e-12);
      }
    }
  });
});
