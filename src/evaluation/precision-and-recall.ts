/**
 * Precision and recall of generated rows.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { checkOptions, integer, type OptionTable, option, optional } from '../core/options.js';
import { type FitOptions, Pacer } from '../core/progress.js';
import type { Samples, SamplesLike } from '../core/samples.js';
import { NeighbourSearch } from './neighbours.js';
import { abortSignal, progressListener } from './rules.js';
import { partOf, readPair } from './two-samples.js';

/** Options of {@link precisionAndRecall}. */
export interface PrecisionAndRecallOptions extends Pick<FitOptions, 'signal' | 'onProgress'> {
  /** k: a row's ball reaches to its k-th nearest row of the same sample; 3 unless told otherwise. */
  readonly neighbours?: number;
}

/** What {@link precisionAndRecall} finds. */
export interface PrecisionAndRecall {
  /** Share of generated rows that lie where real rows lie. */
  readonly precision: number;
  /** Its standard error for the choice of generated rows, the balls taken as given. */
  readonly precisionStandardError: number;
  /** Share of real rows that lie where generated rows lie. */
  readonly recall: number;
  /** Its standard error for the choice of real rows, the balls taken as given. */
  readonly recallStandardError: number;
}

/** The option table of {@link precisionAndRecall}. */
export const PRECISION_AND_RECALL_OPTIONS: OptionTable<PrecisionAndRecallOptions> = {
  // Kynkäänniemi et al. (2019), section 2.
  neighbours: option(integer(1), 3),
  signal: optional(abortSignal()),
  onProgress: optional(progressListener()),
};

/** Queries between looks at the clock. */
const ROWS_PER_TURN = 16;

/**
 * Precision and recall of generated rows: how many of them could be real, and how many real rows could have been generated.
 *
 *     precision = mean_j 1[y_j in M(X)],   recall = mean_i 1[x_i in M(Y)],   M(X) = union_i ball(x_i, |x_i - its k-th nearest|)
 *
 * A generator that keeps to one mode has a high precision and a low recall; one that spreads beyond the data the reverse.
 * Where both samples come from one distribution, both are somewhat below 1: for standard normals of 2 columns and k = 3
 * about 0.98. The measures compare distances, so that columns count by their units; standardise them if they have
 * different ones.
 *
 * Balls are closed. A row with k duplicates or more has a ball of radius 0, which holds its duplicates only; an outlier of
 * the reference sample has a large one, which holds what it should not (Naeem et al. 2020).
 *
 * Shapes: n x d and m x d rows. Cost: two kd-trees, and a search for each row in either: well below a second for 10,000 x
 * 10,000 rows of 2 columns, some seconds for 10. Memory grows with n + m only.
 *
 * References: Kynkäänniemi et al. (2019), *Improved precision and recall metric for assessing generative models*,
 * arXiv:1904.06991; Naeem et al. (2020), arXiv:2002.09797, on outliers.
 *
 * @param real - More than k rows.
 * @param generated - More than k rows of the same width.
 * @throws ModelError by rejection, for rows or options that will not do; the signal's reason when aborted.
 * @example
 * const real = Samples.column([0, 1, 2, 3, 10, 11, 12, 13]);
 * const generated = Samples.column([0.5, 1.5, 2.5, 3.5]);
 * const { precision, recall } = await precisionAndRecall(real, generated, { neighbours: 1 });
 * precision; // 1
 * recall; // 0.5
 */
export async function precisionAndRecall(
  real: SamplesLike,
  generated: SamplesLike,
  options?: PrecisionAndRecallOptions,
): Promise<PrecisionAndRecall> {
  const owner = 'precisionAndRecall';
  const checked = checkOptions(owner, PRECISION_AND_RECALL_OPTIONS, options);
  const pool = readPair(owner, real, generated, 2, { first: 'real', second: 'generated' });
  const neighbours = checked.neighbours as number;
  for (const [name, rows] of [
    ['real', pool.first],
    ['generated', pool.second],
  ] as const) {
    if (neighbours < rows) continue;
    const must = `option "neighbours" must be below the number of ${name} rows, ${rows}`;
    throw modelError('invalid-option', { owner, must, got: neighbours });
  }
  const pacer = new Pacer(owner, checked);
  const [x, y] = [partOf(pool, 'first'), partOf(pool, 'second')];
  const precision = await shareWithin(y, x, neighbours, pacer, 'precision');
  const recall = await shareWithin(x, y, neighbours, pacer, 'recall');
  return {
    precision,
    precisionStandardError: Math.sqrt((precision * (1 - precision)) / y.rows),
    recall,
    recallStandardError: Math.sqrt((recall * (1 - recall)) / x.rows),
  };
}

/** The share of rows that lie in the ball of any reference row. */
async function shareWithin(
  rows: Samples,
  reference: Samples,
  neighbours: number,
  pacer: Pacer,
  phase: string,
): Promise<number> {
  const search = await NeighbourSearch.of(reference, pacer);
  const total = reference.rows + rows.rows;
  const squares = new Float64Array(reference.rows);
  for (let i = 0; i < reference.rows; i++) {
    squares[i] = search.nearest(reference.row(i), neighbours, i).squares[neighbours - 1];
    if (i % ROWS_PER_TURN === 0 && pacer.isDue) await pacer.step({ phase, completed: i, total });
  }
  const greatest = search.greatest(squares);
  let within = 0;
  for (let i = 0; i < rows.rows; i++) {
    if (search.isWithin(rows.row(i), squares, greatest)) within++;
    if (i % ROWS_PER_TURN === 0 && pacer.isDue) await pacer.step({ phase, completed: reference.rows + i, total });
  }
  return within / rows.rows;
}
