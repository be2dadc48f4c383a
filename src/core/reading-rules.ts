/**
 * The rules by which rows are read, and how a single row and number are checked against them.
 *
 * @module
 */
import { type ModelError, modelError } from './errors.js';

/** How `readSamples` is to read rows, and in whose name it complains. */
export interface ReadingRules {
  /** Who complains, such as `KernelDensity.fit`. */
  readonly owner: string;
  /** What the rows are called in messages; `rows` unless told otherwise. */
  readonly name?: string;
  /** The number of columns they must have. */
  readonly columns?: number;
  /** Where that number comes from, after *as*: `in fit` unless told otherwise. */
  readonly columnsFrom?: string;
  /** The fewest rows there must be; 1 unless told otherwise. */
  readonly leastRows?: number;
  /** Whether `NaN` may stand for a value that is not known; infinities and other things never do. */
  readonly allowMissing?: boolean;
}

/** What rows are called in messages. */
export function nameOf(rules: ReadingRules): string {
  return rules.name ?? 'rows';
}

/** The number of entries of a row. */
export function widthOfRow(row: unknown, index: number, rules: ReadingRules): number {
  const width = lengthOf(row);
  if (width !== undefined) return width;
  const must = `${place(rules)}row ${index} must be an array of numbers`;
  const remedy = typeof row === 'number' ? 'For one column of numbers, use Samples.column(values)' : undefined;
  throw modelError('invalid-data', { owner: rules.owner, must, got: row, ...(remedy && { remedy }) });
}

/** The length of an array or typed array of numbers; `undefined` for all else, strings and big integers included. */
export function lengthOf(value: unknown): number | undefined {
  if (Array.isArray(value)) return value.length;
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return undefined;
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) return undefined;
  return (value as Uint8Array).length;
}

/** An entry of a row, checked; -0 becomes 0. */
export function readNumber(value: unknown, row: number, column: number, rules: ReadingRules): number {
  if (typeof value !== 'number' || (value - value !== 0 && !isMissing(value, rules))) {
    throw notFinite(value, row, column, rules);
  }
  return value + 0;
}

/** Whether a number is a `NaN` that may stand for a missing value. */
export function isMissing(value: number, rules: ReadingRules): boolean {
  return rules.allowMissing === true && Number.isNaN(value);
}

/** The complaint about an entry, by row and column. */
export function notFinite(value: unknown, row: number, column: number, rules: ReadingRules): ModelError {
  const rule = typeof value === 'number' ? 'must be finite' : 'must be a finite number';
  const missing = rules.allowMissing ? ', or NaN where it is missing' : '';
  const must = `${place(rules)}row ${row}, column ${column} ${rule}${missing}`;
  return modelError('invalid-data', { owner: rules.owner, must, got: value });
}

/** `1 column` or `n columns`. */
export function columnsOf(count: number): string {
  return count === 1 ? '1 column' : `${count} columns`;
}

/** What goes before the number of a row where rows are not simply `rows`. */
export function place(rules: ReadingRules): string {
  return rules.name === undefined ? '' : `${rules.name}, `;
}

/** Space for rows, or a ModelError where memory does not suffice. */
export function allocate(rows: number, columns: number, owner: string): Float64Array {
  try {
    return new Float64Array(rows * columns);
  } catch (cause) {
    throw modelError('invalid-data', { owner, must: `${rows} x ${columns} numbers must fit into memory`, cause });
  }
}
