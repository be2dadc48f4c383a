/**
 * Random mixtures in compiled and plain loops.
 *
 * @module
 */
import { expect } from 'vitest';
import { type CovarianceForm, type MixtureLoops, makeMixtureLoops } from '../../src/simd/index.js';
import { PlainMixtureLoops } from '../../src/simd/plain-mixture-loops.js';

/** Seeded numbers from -1 to 1. */
function numbers(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
}

export interface Setting {
  readonly components: number;
  readonly dimension: number;
  readonly form: CovarianceForm;
  readonly count: number;
  readonly seed: number;
  /** Spread of the means in standard deviations. */
  readonly separation: number;
  /** Added to all coordinates. */
  readonly offset: number;
  readonly weighted: boolean;
}

/** Compiled and plain loops for the same random mixture and rows. */
export function twins(setting: Setting): [compiled: MixtureLoops, plain: MixtureLoops] {
  const { components, dimension: d, form, count, seed, separation, offset, weighted } = setting;
  const shape = { components, dimension: d, form, blockRows: 64 };
  const next = numbers(seed);
  const plain = new PlainMixtureLoops(shape);
  plain.means.set(plain.means.map(() => offset + separation * next()));
  plain.constants.set(plain.constants.map(() => 3 * next()));
  plain.factors.set(plain.factors.map(() => 0.3 * next()));
  if (form === 'triangular' || form === 'tied') {
    const size = (d * (d + 1)) / 2;
    for (let at = 0; at < plain.factors.length; at += size) {
      for (let i = 0; i < d; i++) plain.factors[at + (i * (i + 3)) / 2] = Math.exp(next());
    }
  } else plain.factors.set(plain.factors.map(Math.exp));
  for (let i = 0; i < count; i++) {
    const k = Math.floor(((next() + 1) / 2) * components) % components;
    for (let j = 0; j < d; j++) plain.rows[i * d + j] = plain.means[k * d + j] + 2 * next();
  }
  if (weighted) plain.weights.set(plain.weights.map((_, i) => (i % 5 === 0 ? 0 : Math.exp(next()))));
  const compiled = makeMixtureLoops(shape);
  expect(compiled).not.toBeInstanceOf(PlainMixtureLoops);
  for (const name of ['means', 'constants', 'factors', 'rows', 'weights'] as const) compiled[name].set(plain[name]);
  compiled.prepare();
  return [compiled, plain];
}

/** The first `count` shares of each component. */
export function sharesOf(loops: MixtureLoops, count: number): number[] {
  return Array.from(loops.mass, (_, k) => [
    ...loops.shares.subarray(k * loops.stride, k * loops.stride + count),
  ]).flat();
}

/** Largest difference, relative to the largest entry and at least to 1e-300. */
export function difference(got: ArrayLike<number>, truth: ArrayLike<number>): number {
  const scale = Array.from(truth).reduce((most, value) => Math.max(most, Math.abs(value)), 1e-300);
  return Array.from(truth).reduce((worst, value, i) => {
    if (value === got[i]) return worst;
    return Math.max(worst, Number.isNaN(got[i]) ? Infinity : Math.abs(value - got[i]) / scale);
  }, 0);
}

/** Every row of a block of 64 has the bits that it has alone. */
export function expectRowsApart(loops: MixtureLoops, dimension: number): void {
  const count = loops.mass.length;
  loops.share(64);
  const rows = loops.rows.slice();
  const together = { densities: loops.logDensities.slice(), shares: sharesOf(loops, 64) };
  // Once more, now that the loops have seen what is typical.
  loops.share(64);
  expect(sharesOf(loops, 64)).toEqual(together.shares);
  for (let i = 0; i < 64; i++) {
    loops.rows.set(rows.subarray(i * dimension, (i + 1) * dimension));
    loops.share(1);
    expect(loops.logDensities[0]).toBe(together.densities[i]);
    expect(sharesOf(loops, 1)).toEqual(together.shares.filter((_, at) => at % 64 === i));
    expect(sharesOf(loops, 1)).toHaveLength(count);
    loops.densities(1);
    expect(loops.logDensities[0]).toBe(together.densities[i]);
  }
}
