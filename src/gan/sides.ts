/**
 * Rows of continuous columns as the networks see them: standardised, some to train on, some to watch.
 *
 * @module
 */
import type { Samples } from '../core/samples.js';
import { ColumnCode, type ColumnKind, type ColumnStatistics, columnStatistics } from '../neural/columns.js';
import { type Context, constant, type Value } from '../neural/value.js';
import type { Split } from './fit-arguments.js';

/** Rows of numbers, row-major. */
export interface CodedRows {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** One set of rows in a game. */
export interface Side {
  readonly code: ColumnCode;
  readonly training: CodedRows;
  /** Held out: for what a discriminator has not seen. */
  readonly watched: CodedRows;
  /** Training rows from first to last, at most {@link MOST_SURVEYED}: for what takes many rows, such as variety. */
  readonly surveyed: CodedRows;
}

/** So many rows tell the effective number of 64 cells to some 3%, and fewer than 100 no better than to 10%. */
const MOST_SURVEYED = 1000;

/** Codes rows, continuous columns by the mean and the standard deviation of the training rows. */
export function sideOf(
  owner: string,
  name: string,
  rows: Samples,
  { training, watched }: Split,
  kinds: readonly ColumnKind[] = continuousKinds(rows.columns),
): Side {
  const own = rows.select(training);
  const code = new ColumnCode(columnStatistics(own, kinds));
  const coded = (part: Samples): CodedRows => {
    const values = Float32Array.from(code.encode(part, { owner, name, binarization: 'refuse' }));
    return { values, rows: part.rows, columns: code.width };
  };
  const count = Math.min(MOST_SURVEYED, own.rows);
  const surveyed = own.select(Array.from({ length: count }, (_, i) => Math.floor((i * own.rows) / count)));
  return { code, training: coded(own), watched: coded(rows.select(watched)), surveyed: coded(surveyed) };
}

/** So many columns, all continuous. */
export function continuousKinds(columns: number): ColumnKind[] {
  return new Array<ColumnKind>(columns).fill('continuous');
}

/** Some of the rows, on a backend. */
export function batchOf(context: Context, { values, columns }: CodedRows, rows: Uint32Array): Value {
  const gathered = new Float32Array(rows.length * columns);
  // A view for each row would take longer than copying some columns does.
  for (let i = 0, to = 0; i < rows.length; i++) {
    for (let from = rows[i] * columns, j = 0; j < columns; j++) gathered[to++] = values[from + j];
  }
  return constant(context, gathered, [rows.length, columns]);
}

/** All rows, on a backend. */
export function allOf(context: Context, { values, rows, columns }: CodedRows): Value {
  return constant(context, values, [rows, columns]);
}

/** Coded rows in the data's units, in place; what overflows stays finite, as rows must be. */
export function decodeInto(values: Float64Array, { centers, scales }: ColumnStatistics): Float64Array {
  const columns = centers.length;
  for (let k = 0; k < values.length; k++) {
    values[k] = finite(centers[k % columns] + scales[k % columns] * values[k]);
  }
  return values;
}

/** The nearest double that is finite; 0 for `NaN`. */
export function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 0 : Math.sign(value) * Number.MAX_VALUE;
}
