/**
 * k-fold cross-validation of any estimator by held-out log-density.
 *
 * @module
 */
import type { Estimator, GenerativeModel } from '../core/estimator.js';
import { dealFolds, rowsOutside } from '../core/folds.js';
import { checkOptions, flag, integer, type OptionTable, option, optional, seed as seedRule } from '../core/options.js';
import { type FitOptions, Pacer } from '../core/progress.js';
import { RandomStream, type Seed } from '../core/random.js';
import { readSamples, type Samples, type SamplesLike } from '../core/samples.js';
import { type RowWeights, readWeights, unitWeights } from '../core/weights.js';
import { checkLogDensities, type MeanLogDensity, summarizeLogDensities } from './mean-log-density.js';
import { abortSignal, progressListener, weightsList } from './rules.js';

/** Options of {@link crossValidate}. */
export interface CrossValidateOptions extends FitOptions {
  /** Number of folds k, from 2 to the number of rows; 5 unless told otherwise. As many as rows leaves one out. */
  readonly folds?: number;
  /** Fixes which rows go into which fold. The estimator has a seed of its own. */
  readonly seed?: Seed;
  /** Whether the k models are returned; `false` unless told otherwise, since some hold all their data. */
  readonly keepModels?: boolean;
}

/** One fold: the model fitted without it, judged on it. */
export interface Fold<Model extends GenerativeModel> extends MeanLogDensity {
  /** Which of the given rows this fold holds. */
  readonly testIndices: Uint32Array;
  /** The model, where `keepModels` asked for it. */
  readonly model?: Model;
}

/** What {@link crossValidate} finds: pooled over all rows, and fold by fold. */
export interface CrossValidation<Model extends GenerativeModel> extends MeanLogDensity {
  /** The log-density of each given row under the model that was fitted without it, in nats. */
  readonly logDensity: Float64Array;
  readonly folds: readonly Fold<Model>[];
}

/** The option table of {@link crossValidate}. */
export const CROSS_VALIDATE_OPTIONS: OptionTable<CrossValidateOptions> = {
  // Five or ten folds: Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, section 7.10.
  folds: option(integer(2), 5),
  seed: optional(seedRule()),
  keepModels: option(flag(), false),
  weights: optional(weightsList()),
  signal: optional(abortSignal()),
  onProgress: optional(progressListener()),
};

/** Rows evaluated between looks at the clock: a fixed number, so that no result depends on the machine's speed. */
const ROWS_PER_TURN = 64;

/**
 * Fits the estimator k times, each time without one of k random parts of the rows, and averages the log-density of each
 * row under the model that has not seen it.
 *
 *     mean = sum_i w_i log p^(-fold(i))(x_i) / W,       W = sum_i w_i
 *
 * Folds differ in size by one row at most. The pooled standard error takes the n held-out log-densities for independent;
 * as folds share training rows it is only an indication, and no unbiased one exists (Bengio & Grandvalet 2004).
 * For two estimators on the same rows with the same seed, compare the two `logDensity` row by row.
 *
 * Shapes: n x d rows, n weights. Units: nats per row. Cost: k fits to n (k - 1) / k rows and n evaluations.
 *
 * Reference: Stone (1974), doi:10.1111/j.2517-6161.1974.tb00994.x; Bengio & Grandvalet (2004), JMLR 5.
 *
 * @param estimator - Any estimator; its options are the same in all folds.
 * @throws ModelError by rejection, for rows, weights or options that will not do, here or in the estimator's `fit`; the
 *   signal's reason when aborted.
 * @example
 * const rows = Samples.column(Array.from({ length: 60 }, (_, i) => Math.sin(i)));
 * const narrow = await crossValidate(new KernelDensity({ bandwidth: 0.1 }), rows, { folds: 4, seed: 1 });
 * const wide = await crossValidate(new KernelDensity({ bandwidth: 2 }), rows, { folds: 4, seed: 1 });
 * narrow.mean > wide.mean; // true
 * narrow.folds.map((fold) => fold.rows); // [ 15, 15, 15, 15 ]
 */
export async function crossValidate<Model extends GenerativeModel>(
  estimator: Estimator<Model>,
  rows: SamplesLike,
  options?: CrossValidateOptions,
): Promise<CrossValidation<Model>> {
  const owner = 'crossValidate';
  const checked = checkOptions(owner, CROSS_VALIDATE_OPTIONS, options);
  const samples = readSamples(rows, { owner, leastRows: 2 });
  const weights = checked.weights ? readWeights(checked.weights, samples.rows, owner) : unitWeights(samples.rows);
  const parts = dealFolds(owner, weights, checked.folds as number, RandomStream.of(checked.seed, owner));
  const pacer = new Pacer(owner, checked);
  const logDensity = new Float64Array(samples.rows);
  const folds: Fold<Model>[] = [];
  for (const [f, testIndices] of parts.entries()) {
    const label = `fold ${f + 1} of ${parts.length}`;
    const model = await fitWithout(estimator, samples, weights, testIndices, label, checked);
    const values = await evaluate(owner, model, samples.select(testIndices), pacer);
    for (let i = 0; i < testIndices.length; i++) logDensity[testIndices[i]] = values[i];
    const held = readWeights(select(weights.values, testIndices), testIndices.length, owner);
    const fold = { ...summarizeLogDensities(values, held, model.densityKind), testIndices };
    folds.push(checked.keepModels ? { ...fold, model } : fold);
    await pacer.step({ phase: 'cross-validation', completed: f + 1, total: parts.length, objective: fold.mean });
  }
  return { ...summarizeLogDensities(logDensity, weights, folds[0].densityKind), logDensity, folds };
}

/** Fits to all rows but those of one fold, in their given order. */
function fitWithout<Model extends GenerativeModel>(
  estimator: Estimator<Model>,
  samples: Samples,
  weights: RowWeights,
  testIndices: Uint32Array,
  label: string,
  options: CrossValidateOptions,
): Promise<Model> {
  const training = rowsOutside(testIndices, samples.rows);
  const { signal, onProgress } = options;
  // Only what was given is passed on: an estimator may refuse options that it does not take.
  return estimator.fit(samples.select(training), {
    ...(options.weights && { weights: select(weights.values, training) }),
    ...(signal && { signal }),
    ...(onProgress && {
      onProgress: (progress) => onProgress({ ...progress, phase: `${label}, ${progress.phase}` }),
    }),
  });
}

/** Log-densities of rows, batch by batch, giving way to the event loop in between. */
async function evaluate(owner: string, model: GenerativeModel, rows: Samples, pacer: Pacer): Promise<Float64Array> {
  const values = new Float64Array(rows.rows);
  for (let start = 0; start < rows.rows; start += ROWS_PER_TURN) {
    const end = Math.min(start + ROWS_PER_TURN, rows.rows);
    const batch = rows.select(Array.from({ length: end - start }, (_, i) => start + i));
    const part = model.logDensity(batch);
    checkLogDensities(owner, part, end - start);
    values.set(part, start);
    if (pacer.isDue) await pacer.breathe();
  }
  return values;
}

function select(values: Float64Array, indices: Uint32Array): Float64Array {
  return Float64Array.from(indices, (i) => values[i]);
}
