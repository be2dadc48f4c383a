/**
 * What every estimator and every fitted model can do.
 *
 * @module
 */
import { modelError } from './errors.js';
import type { ModelJson, ModelState } from './model-state.js';
import { readOptions } from './options.js';
import type { FitOptions } from './progress.js';
import { isSeed, type Seed } from './random.js';
import type { Samples, SamplesLike } from './samples.js';

/**
 * What `logDensity` returns: the model's own density exactly, a lower bound of it, or an estimate that may err to both
 * sides.
 */
export type DensityKind = 'exact' | 'lower-bound' | 'estimate';

/** Checked options, waiting for rows. */
export interface Estimator<Model extends GenerativeModel = GenerativeModel> {
  /** The options in force, defaults filled in; frozen. A constructor given these makes the same estimator. */
  readonly options: object;
  /**
   * Fits a model to rows. The rows are copied at the start and never written.
   *
   * @throws ModelError by rejection, for rows or options that will not do.
   */
  fit(rows: SamplesLike, options?: FitOptions): Promise<Model>;
}

/** Options of `sample`. */
export interface SampleOptions {
  /** Fixes the draws: same seed, same bits. Left out, the draws differ from call to call. */
  readonly seed?: Seed;
}

/** Anything fitted that can be saved and loaded: distributions, and maps of rows to rows. */
export interface StoredModel {
  /** All there is to the model, as numbers and names: what is written to files. */
  toState(): ModelState;
  /** The model as plain JSON; `fromJSON` of its class reads it back to the bit. */
  toJSON(): ModelJson;
}

/**
 * A fitted, immutable model of a distribution over rows of `dimension` columns.
 *
 * @example
 * import { GaussianMixtureModel, type GenerativeModel } from 'generative-models';
 * const weights = [1];
 * const model: GenerativeModel = GaussianMixtureModel.fromParameters({ weights, means: [[0]], covariances: [[[1]]] });
 * model.logDensity([[0]]); // Float64Array [ -0.9189385332046727 ]
 * model.sample(1000, { seed: 1 }).rows; // 1000
 */
export interface GenerativeModel extends StoredModel {
  /** Number of columns, d. */
  readonly dimension: number;
  /** What {@link logDensity} returns. */
  readonly densityKind: DensityKind;
  /**
   * Draws `count` independent rows.
   *
   * @throws ModelError `invalid-option` for a bad count or seed.
   */
  sample(count: number, options?: SampleOptions): Samples;
  /**
   * log p(x) of each row, in nats, all constants included; `-Infinity` outside the support, never `NaN`.
   *
   * @throws ModelError for rows of another width or with numbers that are not finite.
   */
  logDensity(rows: SamplesLike): Float64Array;
}

/** Checks the arguments of a `sample` call. */
export function checkSampling(owner: string, count: unknown, options: unknown): SampleOptions {
  if (!Number.isSafeInteger(count) || (count as number) < 0) {
    throw modelError('invalid-option', { owner, must: 'count must be an integer >= 0', got: count });
  }
  const seed = readOptions(owner, options, ['seed']).get('seed');
  if (seed !== undefined && !isSeed(seed)) {
    throw modelError('invalid-option', { owner, must: 'option "seed" must be a finite number or a string', got: seed });
  }
  return seed === undefined ? {} : { seed };
}

/** Space for `count` rows of `columns`, or a ModelError where memory does not suffice. */
export function allocateSamples(owner: string, count: number, columns: number): Float64Array {
  try {
    return new Float64Array(count * columns);
  } catch (cause) {
    throw modelError('invalid-option', { owner, must: 'count must fit into memory', got: count, cause });
  }
}
