/**
 * Kinds of columns, and rows as networks see them.
 *
 * Inside, a continuous column is standardised, a binary one stays 0 or 1, and a categorical one with C categories becomes
 * C columns with a single 1. All continuous columns come first, then the binary ones, then the blocks of categories.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { RandomStream } from '../core/random.js';
import type { Samples } from '../core/samples.js';

/**
 * What a column holds: `continuous` numbers, `binary` zeros and ones, or one of some `categories`, numbered from 0.
 */
export type ColumnKind = 'continuous' | 'binary' | { readonly categories: number };

/** Columns with all that is known of them. */
export interface ColumnStatistics {
  readonly kinds: readonly ColumnKind[];
  /** Centre of each continuous column, 0 for the others. */
  readonly centers: Float64Array;
  /** Standard deviation of each continuous column, 1 for the others. */
  readonly scales: Float64Array;
}

/**
 * What to do with binary columns that hold other values than 0 and 1: refuse them; cut at 1/2; or read them as
 * probabilities, to be drawn later.
 */
export type Binarization = 'refuse' | 'threshold' | 'stochastic';

/** Who reads rows, and what they are called in complaints. */
export interface ColumnReader {
  readonly owner: string;
  readonly name: string;
  readonly binarization: Binarization;
}

/** Rows of mixed columns, coded for networks and back. */
export class ColumnCode {
  readonly kinds: readonly ColumnKind[];
  readonly centers: Float64Array;
  readonly scales: Float64Array;
  /** Indices of the continuous columns, in order. */
  readonly continuous: readonly number[];
  readonly binary: readonly number[];
  /** Each categorical column, its number of categories, and where its block starts. */
  readonly categorical: readonly { readonly column: number; readonly categories: number; readonly start: number }[];
  /** Number of coded columns. */
  readonly width: number;

  constructor({ kinds, centers, scales }: ColumnStatistics) {
    const all = kinds.map((kind, column) => ({ kind, column }));
    this.kinds = kinds;
    this.centers = centers;
    this.scales = scales;
    this.continuous = all.filter(({ kind }) => kind === 'continuous').map(({ column }) => column);
    this.binary = all.filter(({ kind }) => kind === 'binary').map(({ column }) => column);
    let start = this.continuous.length + this.binary.length;
    this.categorical = all.flatMap(({ kind, column }) => {
      if (typeof kind === 'string') return [];
      const block = { column, categories: kind.categories, start };
      start += kind.categories;
      return [block];
    });
    this.width = start;
  }

  /** -sum log scale: what standardisation adds to a log-density. */
  get logJacobian(): number {
    return this.continuous.reduce((total, column) => total - Math.log(this.scales[column]), 0);
  }

  /**
   * Codes rows.
   *
   * @throws ModelError `invalid-data` for a binary value that is not 0 or 1, or a category out of range.
   */
  encode(rows: Samples, reader: ColumnReader): Float64Array {
    const coded = new Float64Array(rows.rows * this.width);
    for (let i = 0; i < rows.rows; i++) this.#encodeRow(rows, i, coded, reader);
    return coded;
  }

  /** Puts 0 or 1 in place of each probability of a coded row, drawn from the stream; 0 and 1 themselves cost no draw. */
  drawBinary(coded: Float32Array | Float64Array, row: number, stream: RandomStream): void {
    const start = row * this.width + this.continuous.length;
    for (let k = start; k < start + this.binary.length; k++) {
      if (coded[k] !== 0 && coded[k] !== 1) coded[k] = Number(stream.uniform() < coded[k]);
    }
  }

  #encodeRow(rows: Samples, i: number, coded: Float64Array, reader: ColumnReader): void {
    const { data, columns } = rows;
    let at = i * this.width;
    for (const column of this.continuous) {
      coded[at++] = (data[i * columns + column] - this.centers[column]) / this.scales[column];
    }
    for (const column of this.binary) {
      coded[at++] = readBinary(reader, i, column, data[i * columns + column]);
    }
    for (const { column, categories } of this.categorical) {
      const value = data[i * columns + column];
      if (!(value >= 0 && value < categories && Number.isInteger(value))) {
        const must = `${reader.name}, row ${i}, column ${column} must be a category from 0 to ${categories - 1}`;
        throw modelError('invalid-data', { owner: reader.owner, must, got: value });
      }
      coded[at + value] = 1;
      at += categories;
    }
  }
}

function readBinary({ owner, name, binarization }: ColumnReader, row: number, column: number, value: number): number {
  if (value === 0 || value === 1) return value;
  if (binarization !== 'refuse' && value > 0 && value < 1) {
    return binarization === 'stochastic' ? value : Number(value >= 0.5);
  }
  const rule = binarization === 'refuse' ? '0 or 1' : 'a number from 0 to 1';
  throw modelError('invalid-data', {
    owner,
    must: `${name}, row ${row}, column ${column} must be ${rule}`,
    got: value,
    remedy:
      binarization === 'refuse' ? 'Use option "binarization" for grey values' : 'Scale it, or use another decoder',
  });
}

/** Mean and standard deviation of the continuous columns; columns that do not vary keep scale 1. */
export function columnStatistics(rows: Samples, kinds: readonly ColumnKind[]): ColumnStatistics {
  const centers = new Float64Array(rows.columns);
  const scales = new Float64Array(rows.columns).fill(1);
  kinds.forEach((kind, column) => {
    if (kind !== 'continuous') return;
    const { center, scale } = centerAndScale(rows, column);
    centers[column] = center;
    if (scale > 0 && Number.isFinite(scale)) scales[column] = scale;
  });
  return { kinds, centers, scales };
}

/** The mean, and the root mean square about it; in units of the largest distance, so that squares stay in range. */
function centerAndScale({ data, rows, columns }: Samples, column: number): { center: number; scale: number } {
  let center = data[column];
  for (let i = 1; i < rows; i++) {
    // Divided before subtracting: the difference of two doubles may overflow.
    center += data[i * columns + column] / (i + 1) - center / (i + 1);
  }
  let largest = 0;
  for (let i = 0; i < rows; i++) largest = Math.max(largest, Math.abs(data[i * columns + column] - center));
  if (!(largest > 0)) return { center, scale: 0 };
  let squares = 0;
  for (let i = 0; i < rows; i++) squares += ((data[i * columns + column] - center) / largest) ** 2;
  return { center, scale: largest * Math.sqrt(squares / rows) };
}

/** Whether some continuous column has one value only, and which. */
export function constantColumn(rows: Samples, kinds: readonly ColumnKind[]): number | undefined {
  const { data, columns } = rows;
  const index = kinds.findIndex((kind, column) => {
    if (kind !== 'continuous') return false;
    for (let i = 1; i < rows.rows; i++) if (data[i * columns + column] !== data[column]) return false;
    return true;
  });
  return index < 0 ? undefined : index;
}

/** An index with probabilities softmax(logits), by the largest of logits plus Gumbel noise (Gumbel 1954). */
export function drawCategory(logits: Float64Array, start: number, categories: number, stream: RandomStream): number {
  let best = 0;
  let largest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < categories; c++) {
    const value = logits[start + c] - Math.log(stream.exponential());
    if (value > largest) {
      largest = value;
      best = c;
    }
  }
  return best;
}
