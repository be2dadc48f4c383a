/**
 * Small seeded data sets for the conformance suite.
 *
 * @module
 */
import { RandomStream } from '../../src/core/random.js';

/** Two unequal clusters in d dimensions: well separated in the first, correlated in the rest. */
export function clusters(rows: number, columns: number, seed = 0): number[][] {
  const stream = RandomStream.of(seed, 'conformance');
  return Array.from({ length: rows }, () => {
    const right = stream.uniform() < 0.3;
    const shared = stream.normal();
    return Array.from({ length: columns }, (_, j) =>
      j === 0 ? (right ? 4 + 0.5 * shared : shared) : 0.6 * shared + 0.8 * stream.normal() + (right ? 1 : 0),
    );
  });
}

/** Rows under x -> scale * x + shift, column by column. */
export function affine(rows: readonly number[][], scale: number, shift: number): number[][] {
  return rows.map((row) => row.map((x) => scale * x + shift));
}
