/**
 * Rows dealt to folds, for cross-validation.
 *
 * @module
 */
import { modelError } from './errors.js';
import type { RandomStream } from './random.js';
import type { RowWeights } from './weights.js';

/**
 * Deals rows to k folds in random order, like cards: folds differ in size by one row at most. Rows of weight 0 are dealt
 * last and from a stream of their own, so that they change nothing for the rest and every fold has a row that counts.
 *
 * @returns The rows of each fold, ascending.
 * @throws ModelError `invalid-option` for more folds than rows of positive weight.
 */
export function dealFolds(owner: string, weights: RowWeights, k: number, stream: RandomStream): Uint32Array[] {
  if (k > weights.positive) {
    const which = weights.positive < weights.values.length ? 'rows of positive weight' : 'rows';
    const must = `option "folds" must be at most the number of ${which}, ${weights.positive}`;
    throw modelError('invalid-option', { owner, must, got: k });
  }
  const indices = Array.from(weights.values.keys());
  const positive = indices.filter((i) => weights.values[i] > 0);
  const zero = indices.filter((i) => weights.values[i] === 0);
  const parts: number[][] = Array.from({ length: k }, () => []);
  const dealt = [...shuffle(positive, stream.child('positive')), ...shuffle(zero, stream.child('zero'))];
  for (const [place, row] of dealt.entries()) parts[place % k].push(row);
  return parts.map((part) => Uint32Array.from(part).sort());
}

/** The rows that are not in a fold, ascending. */
export function rowsOutside(fold: Uint32Array, rows: number): Uint32Array {
  const held = new Uint8Array(rows);
  for (const row of fold) held[row] = 1;
  return Uint32Array.from({ length: rows }, (_, i) => i).filter((i) => held[i] === 0);
}

function shuffle(indices: readonly number[], stream: RandomStream): number[] {
  return Array.from(stream.permutation(indices.length), (place) => indices[place]);
}
