/**
 * Rows of numbers: what goes into every estimator and comes out of every model.
 *
 * @module
 */
import { modelError, reading } from './errors.js';
import {
  allocate,
  columnsOf,
  isMissing,
  lengthOf,
  nameOf,
  notFinite,
  place,
  type ReadingRules,
  readNumber,
  widthOfRow,
} from './reading-rules.js';

/** One row: an array or any typed array of numbers. */
export type RowLike = ArrayLike<number>;

/** A matrix that is read through `get(row, column)`, such as ml-matrix's `Matrix`. */
export interface MatrixLike {
  readonly rows: number;
  readonly columns: number;
  get(row: number, column: number): number;
}

/** What every estimator and model accepts as rows. */
export type SamplesLike = Samples | MatrixLike | readonly RowLike[];

/** Whether an object was made by the constructor of {@link Samples}: proxies and look-alikes were not. */
let isMade: (value: object) => boolean;

/**
 * n rows of d columns, in one row-major `Float64Array`: `data[i * columns + j]` is row i, column j.
 *
 * The shape is frozen; the numbers are the caller's to change.
 *
 * @example
 * const samples = Samples.from([[1, 2], [3, 4], [5, 6]]);
 * samples.rows; // 3
 * samples.row(1); // Float64Array [ 3, 4 ]
 */
export class Samples implements MatrixLike {
  /** All numbers, row after row. */
  readonly data: Float64Array;
  /** Number of rows, n. */
  readonly rows: number;
  /** Number of columns, d. */
  readonly columns: number;

  readonly #made = true;
  static {
    isMade = (value) => #made in value;
  }

  /**
   * Wraps `data` without copying it.
   *
   * @throws ModelError `shape-mismatch` when `data` does not hold `rows * columns` numbers.
   */
  constructor(data: Float64Array, rows: number, columns: number) {
    if (!ArrayBuffer.isView(data) || !(data instanceof Float64Array)) {
      throw modelError('invalid-data', { owner: 'Samples', must: 'data must be a Float64Array', got: data });
    }
    for (const [name, size] of [
      ['rows', rows],
      ['columns', columns],
    ] as const) {
      if (!Number.isSafeInteger(size) || size < 0) {
        throw modelError('invalid-data', { owner: 'Samples', must: `${name} must be an integer >= 0`, got: size });
      }
    }
    if (data.length !== rows * columns) {
      const must = `data must hold rows x columns = ${rows} x ${columns} = ${rows * columns} numbers`;
      throw modelError('shape-mismatch', { owner: 'Samples', must, got: data.length });
    }
    this.data = data;
    this.rows = rows;
    this.columns = columns;
    if (new.target === Samples) Object.freeze(this);
  }

  /**
   * Copies rows of any accepted form, and checks each number.
   *
   * @throws ModelError `invalid-data` or `shape-mismatch`, naming row and column.
   */
  static from(rows: SamplesLike): Samples {
    return readSamples(rows, { owner: 'Samples.from' });
  }

  /**
   * n numbers as n rows of one column.
   *
   * @example
   * Samples.column([1, 2, 3]).toArray(); // [ [ 1 ], [ 2 ], [ 3 ] ]
   */
  static column(values: ArrayLike<number>): Samples {
    return reading('invalid-data', 'Samples.column', 'values', () => copyColumn(values));
  }

  /** The number at row i, column j; the two are not checked. */
  get(row: number, column: number): number {
    return this.data[row * this.columns + column];
  }

  /**
   * A copy of row i.
   *
   * @throws ModelError `invalid-data` when there is no such row.
   */
  row(index: number): Float64Array {
    this.#checkIndex(index, 'Samples.row', 'index');
    return this.data.slice(index * this.columns, (index + 1) * this.columns);
  }

  /**
   * The rows at the given indices, in that order, copied.
   *
   * @throws ModelError `invalid-data` when there is no such row.
   * @example
   * Samples.from([[1, 2], [3, 4], [5, 6]]).select([2, 0]).toArray(); // [ [ 5, 6 ], [ 1, 2 ] ]
   */
  select(indices: ArrayLike<number>): Samples {
    const { columns } = this;
    const data = new Float64Array(indices.length * columns);
    for (let i = 0; i < indices.length; i++) {
      const from = indices[i];
      this.#checkIndex(from, 'Samples.select', `index ${i}`);
      data.set(this.data.subarray(from * columns, (from + 1) * columns), i * columns);
    }
    return new Samples(data, indices.length, columns);
  }

  #checkIndex(index: number, owner: string, what: string): void {
    if (Number.isInteger(index) && index >= 0 && index < this.rows) return;
    const must = `${what} must be a row number from 0 to ${this.rows - 1}`;
    throw modelError('invalid-data', { owner, must, got: index });
  }

  /** The rows as arrays of numbers, copied. */
  toArray(): number[][] {
    return Array.from({ length: this.rows }, (_, i) => Array.from(this.row(i)));
  }

  get [Symbol.toStringTag](): string {
    return `Samples: ${this.rows} x ${this.columns}`;
  }
}

/**
 * Rows of any accepted form, copied into fresh {@link Samples}, every number checked to be finite.
 *
 * This is the edge of the library: behind it, data are finite, rectangular and ours. Negative zeros become zeros, so
 * that a model written as text is the same to the bit.
 *
 * @throws ModelError naming row and column of the first number that will not do.
 */
export function readSamples(rows: unknown, rules: ReadingRules): Samples {
  const samples = reading('invalid-data', rules.owner, nameOf(rules), () => copyRows(rows, rules));
  checkShape(samples, rules);
  return samples;
}

/**
 * As {@link readSamples}, but {@link Samples} are checked and passed through without a copy: for methods that are done
 * with the rows when they return.
 */
export function viewSamples(rows: unknown, rules: ReadingRules): Samples {
  if (!isOurs(rows)) return readSamples(rows, rules);
  checkShape(rows, rules);
  const { data, columns } = rows;
  for (let i = 0; i < data.length; i++) {
    // x - x is NaN for NaN and both infinities, and 0 for the rest.
    if (data[i] - data[i] !== 0 && !isMissing(data[i], rules)) {
      throw notFinite(data[i], Math.floor(i / columns), i % columns, rules);
    }
  }
  return rows;
}

/** Frozen, unshared by any subclass, and with its buffer still there: what the checks see is what the reader reads. */
function isOurs(rows: unknown): rows is Samples {
  if (typeof rows !== 'object' || rows === null || !isMade(rows)) return false;
  const { data, rows: count, columns } = rows as Samples;
  return Object.isFrozen(rows) && data.length === count * columns;
}

function copyRows(rows: unknown, rules: ReadingRules): Samples {
  if (isOurs(rows)) return copySamples(rows, rules);
  if (rows instanceof Samples) return copyMatrix(rows, rules);
  const length = lengthOf(rows);
  if (length !== undefined) {
    return copyArrays(rows as ArrayLike<unknown>, length, rules);
  }
  if (isMatrixLike(rows)) return copyMatrix(rows, rules);
  const must = `${nameOf(rules)} must be Samples, an array of rows, or a matrix with rows, columns and get(i, j)`;
  throw modelError('invalid-data', { owner: rules.owner, must, got: rows });
}

/** In whole: number by number through {@link readNumber} it takes three times as long. */
function copySamples(samples: Samples, rules: ReadingRules): Samples {
  const { rows, columns } = samples;
  const data = samples.data.slice();
  for (let i = 0; i < data.length; i++) {
    // x - x is NaN for NaN and both infinities, and 0 for the rest.
    if (data[i] - data[i] !== 0) return copyMatrix(samples, rules);
    data[i] += 0;
  }
  return new Samples(data, rows, columns);
}

function copyArrays(rows: ArrayLike<unknown>, count: number, rules: ReadingRules): Samples {
  if (count === 0) return new Samples(new Float64Array(0), 0, rules.columns ?? 0);
  const columns = widthOfRow(rows[0], 0, rules);
  const data = allocate(count, columns, rules.owner);
  for (let i = 0; i < count; i++) {
    const row = rows[i];
    const width = widthOfRow(row, i, rules);
    if (width !== columns) {
      const must = `${place(rules)}row ${i} must have ${columnsOf(columns)}, as row 0 has`;
      throw modelError('shape-mismatch', { owner: rules.owner, must, got: width });
    }
    for (let j = 0; j < columns; j++) data[i * columns + j] = readNumber((row as RowLike)[j], i, j, rules);
  }
  return new Samples(data, count, columns);
}

function copyColumn(values: ArrayLike<number>): Samples {
  const owner = 'Samples.column';
  const length = lengthOf(values);
  if (length === undefined) {
    throw modelError('invalid-data', { owner, must: 'values must be an array of numbers', got: values });
  }
  const data = allocate(length, 1, owner);
  for (let i = 0; i < length; i++) data[i] = readNumber(values[i], i, 0, { owner });
  return new Samples(data, length, 1);
}

function copyMatrix(matrix: MatrixLike, rules: ReadingRules): Samples {
  const { rows, columns } = matrix;
  for (const size of [rows, columns]) {
    if (!Number.isSafeInteger(size) || size < 0) {
      const must = 'rows and columns of a matrix must be integers >= 0';
      throw modelError('invalid-data', { owner: rules.owner, must, got: size });
    }
  }
  const data = allocate(rows, columns, rules.owner);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) data[i * columns + j] = readNumber(matrix.get(i, j), i, j, rules);
  }
  return new Samples(data, rows, columns);
}

function isMatrixLike(value: unknown): value is MatrixLike {
  if (typeof value !== 'object' || value === null) return false;
  const matrix = value as Partial<MatrixLike>;
  return typeof matrix.rows === 'number' && typeof matrix.columns === 'number' && typeof matrix.get === 'function';
}

function checkShape(samples: Samples, rules: ReadingRules): void {
  const { owner, columns, leastRows = 1 } = rules;
  if (samples.rows < leastRows) {
    const must = `${nameOf(rules)} must hold at least ${leastRows === 1 ? 'one row' : `${leastRows} rows`}`;
    throw modelError('invalid-data', { owner, must, got: samples.rows });
  }
  if (columns !== undefined && samples.columns !== columns) {
    const must = `${nameOf(rules)} must have ${columnsOf(columns)}, as ${rules.columnsFrom ?? 'in fit'}`;
    throw modelError('shape-mismatch', { owner, must, got: samples.columns });
  }
  if (samples.columns < 1) {
    throw modelError('invalid-data', { owner, must: `${nameOf(rules)} must have at least one column`, got: 0 });
  }
}
