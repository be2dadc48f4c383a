/**
 * Samples to compare, and how p-values and estimates are judged.
 *
 * @module
 */
import { expect } from 'vitest';
import { RandomStream } from '../../src/core/index.js';

/** n rows of d independent normals about `shift` in the first column. */
export function normalRows(stream: RandomStream, n: number, d: number, shift = 0): number[][] {
  return Array.from({ length: n }, () => Array.from({ length: d }, (_, j) => stream.normal() + (j === 0 ? shift : 0)));
}

export function stream(...purpose: (string | number)[]): RandomStream {
  return RandomStream.of(0, 'evaluation', ...purpose);
}

export function distance(x: readonly number[], y: readonly number[]): number {
  return Math.sqrt(x.reduce((sum, value, j) => sum + (value - y[j]) ** 2, 0));
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function deviation(values: readonly number[]): number {
  const m = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - m) ** 2, 0) / (values.length - 1));
}

/** The U-statistic E k(x, x') - 2 E k(x, y) + E k(y, y'), by its definition. */
export function contrastByPairs(
  x: readonly (readonly number[])[],
  y: readonly (readonly number[])[],
  kernel: (a: readonly number[], b: readonly number[]) => number,
): number {
  let [within, across, beyond] = [0, 0, 0];
  x.forEach((a, i) => {
    x.forEach((b, k) => {
      if (i !== k) within += kernel(a, b);
    });
    for (const b of y) across += kernel(a, b);
  });
  y.forEach((a, i) => {
    y.forEach((b, k) => {
      if (i !== k) beyond += kernel(a, b);
    });
  });
  const [n, m] = [x.length, y.length];
  return within / (n * (n - 1)) - (2 * across) / (n * m) + beyond / (m * (m - 1));
}

/**
 * Expects p-values to be uniform on the multiples of 1 / (P + 1), as exact permutation tests have them: Kolmogorov and Smirnov's
 * sqrt(R) D stays below 2.2253, which chance exceeds once in 10,000 tries (2 exp(-2 x^2) = 1e-4), and more rarely for
 * p-values that come in steps.
 */
export function expectUniform(pValues: readonly number[], permutations: number): void {
  const sorted = [...pValues].sort((a, b) => a - b);
  let furthest = 0;
  for (let k = 1; k <= permutations + 1; k++) {
    const level = k / (permutations + 1);
    const share = sorted.filter((p) => p <= level + 1e-12).length / sorted.length;
    furthest = Math.max(furthest, Math.abs(share - level));
  }
  expect(Math.sqrt(sorted.length) * furthest).toBeLessThan(2.2253);
}
