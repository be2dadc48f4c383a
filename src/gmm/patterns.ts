/**
 * Rows with missing values, by which of their columns are there.
 *
 * @module
 */
import { Samples } from '../core/samples.js';

/** The rows that have the same columns. */
export interface Pattern {
  /** The columns that are there, ascending. */
  readonly observed: readonly number[];
  /** The rows, ascending. */
  readonly rows: readonly number[];
}

/** Whether any value is missing. */
export function hasMissing({ data }: Samples): boolean {
  for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i])) return true;
  return false;
}

/** The patterns in the order in which they first come. Cost: O(n d). */
export function patternsOf({ data, rows, columns }: Samples): Pattern[] {
  const patterns = new Map<string, { observed: readonly number[]; rows: number[] }>();
  for (let i = 0; i < rows; i++) {
    let key = '';
    for (let j = 0; j < columns; j++) if (Number.isNaN(data[i * columns + j])) key += `${j} `;
    let pattern = patterns.get(key);
    if (!pattern) {
      const observed = Array.from({ length: columns }, (_, j) => j).filter((j) => !Number.isNaN(data[i * columns + j]));
      pattern = { observed, rows: [] };
      patterns.set(key, pattern);
    }
    pattern.rows.push(i);
  }
  return [...patterns.values()];
}

/** What is there of the rows of a pattern, n x q. */
export function observedOf({ data, columns }: Samples, { observed, rows }: Pattern): Samples {
  const q = observed.length;
  const values = new Float64Array(rows.length * q);
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < q; j++) values[i * q + j] = data[rows[i] * columns + observed[j]];
  }
  return new Samples(values, rows.length, q);
}
