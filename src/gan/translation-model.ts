/**
 * What every fitted translation can do.
 *
 * @module
 */
import type { StoredModel } from '../core/estimator.js';
import type { Samples, SamplesLike } from '../core/samples.js';

/**
 * A fitted, immutable map of rows of one kind to rows of another. It is no distribution, and so no `GenerativeModel`; it is
 * saved and loaded as they are.
 */
export interface TranslationModel extends StoredModel {
  /** Number of columns of the rows to be translated. */
  readonly fromDimension: number;
  /** Number of columns of their translations. */
  readonly toDimension: number;
  /** What went wrong in training, in sentences with the options that cure it; empty for a sound game. */
  readonly warnings: string[];
  /** The translation of each row. */
  translate(rows: SamplesLike): Samples;
}
