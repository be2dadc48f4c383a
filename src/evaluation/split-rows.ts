/**
 * Rows set aside for testing, at random.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { checkOptions, integer, number, type OptionTable, optional, seed as seedRule } from '../core/options.js';
import { RandomStream, type Seed } from '../core/random.js';
import { readSamples, type Samples, type SamplesLike } from '../core/samples.js';
import { readWeights } from '../core/weights.js';
import { weightsList } from './rules.js';

/** Options of {@link splitRows}. Give `fraction` or `testRows`, not both; without either, a quarter is set aside. */
export interface SplitRowsOptions {
  /** Share of the rows set aside, rounded to whole rows, at least one and not all. */
  readonly fraction?: number;
  /** Number of rows set aside. */
  readonly testRows?: number;
  /** Fixes the split: same seed, same rows. Left out, the split differs from call to call. */
  readonly seed?: Seed;
  /** One non-negative weight per row, split along with the rows. The choice of rows does not depend on them. */
  readonly weights?: ArrayLike<number>;
}

/** Rows in two parts. */
export interface Split {
  /** The rows to fit to, shuffled. */
  readonly training: Samples;
  /** The rows set aside, shuffled. */
  readonly test: Samples;
  /** Which of the given rows each training row is. */
  readonly trainingIndices: Uint32Array;
  /** Which of the given rows each test row is. */
  readonly testIndices: Uint32Array;
}

/** Rows and their weights in two parts. */
export interface WeightedSplit extends Split {
  /** The weight of each training row. */
  readonly trainingWeights: Float64Array;
  /** The weight of each test row. */
  readonly testWeights: Float64Array;
}

/** As much as scikit-learn's `train_test_split` sets aside, so that users of either see the same sizes. */
const DEFAULT_FRACTION = 0.25;

/** The option table of {@link splitRows}. */
export const SPLIT_ROWS_OPTIONS: OptionTable<SplitRowsOptions> = {
  fraction: optional(number({ above: 0, below: 1 })),
  testRows: optional(integer(1)),
  seed: optional(seedRule()),
  weights: optional(weightsList()),
};

/**
 * Splits rows at random into two parts that share no row and together hold all.
 *
 * The first `testRows` rows of a random permutation are set aside, so that with one seed a smaller test part lies within
 * a larger one. Rows that depend on each other, such as neighbours in time, should not be split at random.
 *
 * Shapes: n x d rows give (n - m) x d training rows and m x d test rows. Cost: O(n d).
 *
 * @param rows - At least two rows.
 * @throws ModelError `invalid-option` for options outside their range or a `testRows` that leaves no training row;
 *   `invalid-data` or `shape-mismatch` for rows or weights that will not do.
 * @example
 * const rows = Samples.column([10, 20, 30, 40, 50, 60, 70, 80]);
 * const { training, test } = splitRows(rows, { fraction: 0.25, seed: 1 });
 * training.rows; // 6
 * test.rows; // 2
 */
export function splitRows(
  rows: SamplesLike,
  options: SplitRowsOptions & { readonly weights: ArrayLike<number> },
): WeightedSplit;
export function splitRows(rows: SamplesLike, options?: SplitRowsOptions): Split;
export function splitRows(rows: SamplesLike, options?: SplitRowsOptions): Split | WeightedSplit {
  const owner = 'splitRows';
  const checked = checkOptions(owner, SPLIT_ROWS_OPTIONS, options);
  const samples = readSamples(rows, { owner, leastRows: 2 });
  const count = countTestRows(owner, samples.rows, checked);
  const order = RandomStream.of(checked.seed, owner).permutation(samples.rows);
  const testIndices = order.slice(0, count);
  const trainingIndices = order.slice(count);
  const split: Split = {
    training: samples.select(trainingIndices),
    test: samples.select(testIndices),
    trainingIndices,
    testIndices,
  };
  if (checked.weights === undefined) return split;
  const { values } = readWeights(checked.weights, samples.rows, owner);
  return {
    ...split,
    trainingWeights: Float64Array.from(trainingIndices, (i) => values[i]),
    testWeights: Float64Array.from(testIndices, (i) => values[i]),
  };
}

function countTestRows(owner: string, rows: number, options: SplitRowsOptions): number {
  const { fraction, testRows } = options;
  if (testRows === undefined) {
    const wanted = Math.round((fraction ?? DEFAULT_FRACTION) * rows);
    return Math.min(Math.max(wanted, 1), rows - 1);
  }
  if (fraction !== undefined) {
    throw modelError('invalid-option', {
      owner,
      must: 'options must hold one of "fraction" and "testRows", but got both',
      remedy: 'Leave one out',
    });
  }
  if (testRows >= rows) {
    const must = `option "testRows" must leave a row to fit to: at most ${rows - 1} of ${rows} rows`;
    throw modelError('invalid-option', { owner, must, got: testRows });
  }
  return testRows;
}
