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
export function patternsOf(samples: Samples): Pattern[] {
  const index = new PatternIndex(samples);
  index.add(0, samples.rows);
  return index.patterns;
}

/** Finds patterns stretch by stretch. */
export class PatternIndex {
  readonly #samples: Samples;
  readonly #found = new Map<string, { readonly observed: readonly number[]; readonly rows: number[] }>();

  constructor(samples: Samples) {
    this.#samples = samples;
  }

  /** Files the rows from `start` to before `end`. */
  add(start: number, end: number): void {
    const { data, columns } = this.#samples;
    for (let i = start; i < end; i++) {
      let key = '';
      for (let j = 0; j < columns; j++) if (Number.isNaN(data[i * columns + j])) key += `${j} `;
      let pattern = this.#found.get(key);
      if (!pattern) {
        const all = Array.from({ length: columns }, (_, j) => j);
        pattern = { observed: all.filter((j) => !Number.isNaN(data[i * columns + j])), rows: [] };
        this.#found.set(key, pattern);
      }
      pattern.rows.push(i);
    }
  }

  /** All so far. */
  get patterns(): Pattern[] {
    return [...this.#found.values()];
  }
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
