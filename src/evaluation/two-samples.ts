/**
 * Two samples, read and laid out for comparison.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { readSamples, Samples, type SamplesLike } from '../core/samples.js';

/** Two samples of the same width in one table, the first one's rows before the second one's. */
export interface PooledRows {
  /** (n + m) x d coordinates, row after row, each divided by 2^exponent: the diagonal of their box is 1 at most. */
  readonly data: Float64Array;
  /** n, rows of the first sample. */
  readonly first: number;
  /** m, rows of the second sample. */
  readonly second: number;
  /** d. */
  readonly columns: number;
  /** Lengths of the data are lengths in here times 2^exponent. */
  readonly exponent: number;
}

/** What two samples are called in messages. */
export interface PairNames {
  readonly first: string;
  readonly second: string;
}

const PLAIN_NAMES: PairNames = { first: 'first', second: 'second' };

/**
 * Copies and checks two samples.
 *
 * Only a power of two is taken out of them, so that no digit is lost wherever the data lie, while no square of a difference
 * overflows or vanishes beside the others.
 *
 * @throws ModelError `invalid-data` or `shape-mismatch`.
 */
export function readPair(
  owner: string,
  first: SamplesLike,
  second: SamplesLike,
  leastRows: number,
  names: PairNames = PLAIN_NAMES,
): PooledRows {
  const x = readSamples(first, { owner, name: names.first, leastRows });
  const y = readSamples(second, { owner, name: names.second, leastRows });
  if (x.columns !== y.columns) {
    const must = `${names.second} must have as many columns as ${names.first}, ${x.columns}`;
    throw modelError('shape-mismatch', { owner, must, got: y.columns });
  }
  const data = new Float64Array(x.data.length + y.data.length);
  data.set(x.data);
  data.set(y.data, x.data.length);
  const exponent = diagonalExponent(data, x.columns);
  for (let i = 0; i < data.length; i++) data[i] = timesPower(data[i], -exponent);
  return { data, first: x.rows, second: y.rows, columns: x.columns, exponent };
}

/** Rows of a pool, by their numbers in it, as data of their own. */
export function selectRows(pool: PooledRows, rows: ArrayLike<number>): Float64Array {
  const { data, columns } = pool;
  const selected = new Float64Array(rows.length * columns);
  for (let i = 0; i < rows.length; i++) {
    selected.set(data.subarray(rows[i] * columns, (rows[i] + 1) * columns), i * columns);
  }
  return selected;
}

/** The least e such that the diagonal of the box around all rows is 2^e at most; 0 where all rows are equal. */
function diagonalExponent(data: Float64Array, columns: number): number {
  const halves = new Float64Array(columns);
  for (let j = 0; j < columns; j++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = j; i < data.length; i += columns) {
      if (data[i] < low) low = data[i];
      if (data[i] > high) high = data[i];
    }
    // Halves, since the difference of two large numbers may overflow.
    halves[j] = high / 2 - low / 2;
  }
  let largest = 0;
  for (const half of halves) if (half > largest) largest = half;
  if (largest === 0) return 0;
  let squares = 0;
  for (const half of halves) squares += (half / largest) ** 2;
  // A hair more than the diagonal, for the rounding of its own.
  return Math.ceil(Math.log2(largest) + 0.5 * Math.log2(squares) + 1 + 1e-9);
}

/** x 2^exponent, in two steps, since 2^exponent alone may be no number. */
export function timesPower(x: number, exponent: number): number {
  const half = Math.trunc(exponent / 2);
  return x * 2 ** half * 2 ** (exponent - half);
}

/** The rows of one sample of a pool: a view, not a copy. */
export function partOf(pool: PooledRows, which: 'first' | 'second'): Samples {
  const { data, first, second, columns } = pool;
  const split = first * columns;
  if (which === 'first') return new Samples(data.subarray(0, split), first, columns);
  return new Samples(data.subarray(split), second, columns);
}
