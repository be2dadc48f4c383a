/**
 * Mean log-density of rows under a model, with its standard error.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { DensityKind, GenerativeModel } from '../core/estimator.js';
import { checkOptions, type OptionTable, optional } from '../core/options.js';
import { type SamplesLike, viewSamples } from '../core/samples.js';
import { type RowWeights, readWeights, unitWeights } from '../core/weights.js';
import { weightsList } from './rules.js';

/** Options of {@link meanLogDensity}. */
export interface MeanLogDensityOptions {
  /** One non-negative weight per row. Only ratios matter; weight 0 equals the row's absence. */
  readonly weights?: ArrayLike<number>;
}

/** How probable rows are under a model, on average. */
export interface MeanLogDensity {
  /** Mean of log p(x) over the rows, in nats per row; `-Infinity` if any row lies outside the model's support. */
  readonly mean: number;
  /**
   * Standard error of {@link mean} as the rows vary, the model held fixed; `Infinity` where rows cannot tell it: fewer
   * than two rows, or a mean that is not finite. Never `NaN`.
   */
  readonly standardError: number;
  /** Number of rows that count: all, or those of positive weight. */
  readonly rows: number;
  /** How many of these rows have density zero. */
  readonly outsideSupport: number;
  /** Whether the means are of densities, of lower bounds of them or of estimates. */
  readonly densityKind: DensityKind;
}

/** The option table of {@link meanLogDensity}. */
export const MEAN_LOG_DENSITY_OPTIONS: OptionTable<MeanLogDensityOptions> = { weights: optional(weightsList()) };

/**
 * The mean log-density of rows: the log-likelihood per row. On rows that the model was not fitted to, the larger is the
 * better: its expectation is -H(p) - KL(p || model), largest where the model is the truth p.
 *
 *     mean            m   = sum_i w_i log p(x_i) / W,                            W = sum_i w_i
 *     standard error  s^2 = n / (n - 1) * sum_i w_i^2 (log p(x_i) - m)^2 / W^2
 *
 * with n rows of positive weight; all w_i = 1 unless given, and then s is the usual standard deviation / sqrt(n).
 * A weight says how much a row counts, not that it was seen several times: weight 2 moves the mean as the row twice would,
 * yet the standard error stays that of n rows.
 *
 * Compare two models on the same rows by the differences of their `logDensity`, whose spread is mostly far smaller than
 * that of either.
 *
 * Shapes: n x d rows, n weights. Units: nats per row. Cost: that of `model.logDensity(rows)`.
 *
 * References: Gneiting & Raftery (2007), doi:10.1198/016214506000001437, on the logarithmic score; Cochran (1977),
 * *Sampling Techniques*, section 6.3, on the error of a ratio of sums.
 *
 * @param rows - Rows of the model's width, best those set aside by {@link splitRows}.
 * @throws ModelError for rows or weights that will not do.
 * @example
 * const model = await new KernelDensity({ bandwidth: 1 }).fit([[0]]);
 * const { mean, standardError, rows } = meanLogDensity(model, [[0], [1], [2]]);
 * mean; // -1.7522718665380065
 * standardError; // 0.6009252125773316
 * rows; // 3
 */
export function meanLogDensity(
  model: GenerativeModel,
  rows: SamplesLike,
  options?: MeanLogDensityOptions,
): MeanLogDensity {
  const owner = 'meanLogDensity';
  const checked = checkOptions(owner, MEAN_LOG_DENSITY_OPTIONS, options);
  const samples = viewSamples(rows, { owner, columns: model.dimension });
  const weights = checked.weights ? readWeights(checked.weights, samples.rows, owner) : unitWeights(samples.rows);
  const values = model.logDensity(samples);
  checkLogDensities(owner, values, samples.rows);
  return summarizeLogDensities(values, weights, model.densityKind);
}

/**
 * Refuses what no log-density can be, before it spoils a mean: models of other makers come here too.
 *
 * @throws ModelError `invalid-data`.
 */
export function checkLogDensities(owner: string, values: Float64Array, rows: number): void {
  if (values.length !== rows) {
    const must = `model.logDensity must return one number per row, ${rows}`;
    throw modelError('shape-mismatch', { owner, must, got: values.length });
  }
  const bad = values.findIndex((value) => Number.isNaN(value) || value === Number.POSITIVE_INFINITY);
  if (bad >= 0) {
    const must = `model.logDensity must be a number below Infinity at row ${bad}`;
    throw modelError('invalid-data', { owner, must, got: values[bad] });
  }
}

/** Mean and standard error of log-densities. */
export function summarizeLogDensities(
  values: ArrayLike<number>,
  weights: RowWeights,
  densityKind: DensityKind,
): MeanLogDensity {
  const w = weights.values;
  let outsideSupport = 0;
  for (let i = 0; i < w.length; i++) if (w[i] > 0 && values[i] === Number.NEGATIVE_INFINITY) outsideSupport++;
  const counts = { rows: weights.positive, outsideSupport, densityKind };
  if (outsideSupport > 0) {
    return { mean: Number.NEGATIVE_INFINITY, standardError: Number.POSITIVE_INFINITY, ...counts };
  }
  const mean = weightedMean(values, weights);
  return { mean, standardError: standardErrorOf(values, mean, weights), ...counts };
}

/** m = sum_i w_i x_i / W, in two passes: the second takes away what the first lost to rounding. */
function weightedMean(values: ArrayLike<number>, weights: RowWeights): number {
  const { values: w, total } = weights;
  let mean = 0;
  for (let i = 0; i < w.length; i++) if (w[i] > 0) mean += (w[i] / total) * values[i];
  let rest = 0;
  for (let i = 0; i < w.length; i++) if (w[i] > 0) rest += (w[i] / total) * (values[i] - mean);
  return mean + rest;
}

/** s = sqrt(n / (n - 1) sum_i (w_i / W)^2 (x_i - m)^2). */
function standardErrorOf(values: ArrayLike<number>, mean: number, weights: RowWeights): number {
  const { values: w, total, positive } = weights;
  if (positive < 2) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let i = 0; i < w.length; i++) if (w[i] > 0) sum += ((w[i] / total) * (values[i] - mean)) ** 2;
  return Math.sqrt((positive / (positive - 1)) * sum);
}
