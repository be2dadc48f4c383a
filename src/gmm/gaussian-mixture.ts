/**
 * Gaussian mixtures fitted by expectation maximisation.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { Estimator } from '../core/estimator.js';
import { checkPool, type JobPool } from '../core/jobs.js';
import { checkOptions, integer, type OptionTable, oneOf, option, readOptions } from '../core/options.js';
import { checkFitOptions, type FitOptions, Pacer } from '../core/progress.js';
import { readSamples, type Samples, type SamplesLike } from '../core/samples.js';
import { type RowWeights, readWeights } from '../core/weights.js';
import { BATCH_METHODS, type BatchMethod, fitExactly, fitStepwise } from './batch-fit.js';
import type { BatchSource } from './batches.js';
import { isSpherical } from './covariance-type.js';
import { Fit } from './fit.js';
import type { GaussianMixtureModel } from './gaussian-mixture-model.js';
import type { FrozenInitialization } from './given-initialization.js';
import { hasValue, standardizeIncomplete } from './incomplete-rows.js';
import { type CheckedOptions, checkMixtureOptions, type GaussianMixtureOptions } from './options.js';
import { hasMissing } from './patterns.js';
import { checkPriorWidth } from './prior-options.js';
import { standardize } from './standardization.js';
import { restartsIn } from './threads.js';

/**
 * A mixture of K Gaussians, fitted by maximum likelihood, or with a prior by maximum posterior density.
 *
 *     p(x) = sum_k w_k N(x; mu_k, Sigma_k)
 *
 * Fitting takes several starts a few steps by EM and goes on with the likeliest. Rows are standardised inside and
 * parameters mapped back, so offsets and units of the data change nothing but those of the result; nor does the order of the rows change
 * it. Components come by decreasing weight, equal ones by their means; after a given initialisation, in its order. Not
 * converging, and components that collapse, are no errors but told by the model's `converged` and `warnings`.
 *
 * Cost: O(N K d^2) per iteration, O(N K d) for spherical and diagonal covariances; memory O(N d), whatever K.
 *
 * Reference: Dempster, Laird & Rubin (1977), doi:10.1111/j.2517-6161.1977.tb01600.x; McLachlan & Peel (2000), *Finite
 * Mixture Models*.
 *
 * @example
 * const rows = [[-2.1], [-1.9], [-2.0], [-2.2], [3.9], [4.1]];
 * const model = await new GaussianMixture({ components: 2, seed: 1 }).fit(rows);
 * model.means.get(0, 0).toFixed(2); // '-2.05'
 * model.predict([[-1], [5]]); // Uint32Array [ 0, 1 ]
 */
export class GaussianMixture implements Estimator<GaussianMixtureModel> {
  /** The options in force, defaults filled in; frozen. */
  readonly options: Readonly<GaussianMixtureOptions>;

  /** @throws ModelError `invalid-option` for an unknown option or a value outside its range. */
  constructor(options?: GaussianMixtureOptions) {
    this.options = checkMixtureOptions('GaussianMixture', options);
  }

  /**
   * Fits the mixture to rows, with a weight for each if given.
   *
   * @throws ModelError by rejection: `invalid-data` or `shape-mismatch` for rows or weights that will not do or are fewer
   * than components; `degenerate-data` for a column without variance, and for collinear columns without regularization;
   * `not-positive-definite` when a covariance collapses for good, which needs `regularization: 0`; `missing-backend` when
   * a thread of the pool ends.
   */
  async fit(rows: SamplesLike, options?: MixtureFitOptions): Promise<GaussianMixtureModel> {
    const owner = 'GaussianMixture.fit';
    const known = ['weights', 'signal', 'onProgress', 'pool'];
    const { weights, pool: given, ...rest }: MixtureFitOptions = checkFitOptions(owner, options, known);
    const pool = checkPool(owner, given);
    const pacer = new Pacer(owner, rest);
    const settings = this.options as CheckedOptions;
    const samples = readSamples(rows, { owner, allowMissing: settings.missing === 'marginalize' });
    const rowWeights = weights === undefined ? undefined : readWeights(weights, samples.rows, owner);
    const start = typeof settings.initialization === 'string' ? undefined : settings.initialization;
    if (start && start.means[0].length !== samples.columns) throw wrongWidth(owner, start, samples.columns);
    if (typeof settings.prior !== 'string') checkPriorWidth(settings.prior, samples.columns, owner);
    const usable = countUsable(samples, rowWeights);
    if (usable < settings.components) throw tooFewRows(owner, settings.components, usable);
    const spherical = isSpherical(settings.covariance);
    const mayMiss = settings.missing === 'marginalize';
    const prepare = mayMiss && hasMissing(samples) ? standardizeIncomplete : standardize;
    const standardized = await prepare(samples, rowWeights?.values, spherical, owner, pacer);
    const fit = new Fit(owner, settings, standardized.rows, standardized.map, pacer);
    return fit.run(pool && restartsIn(pool, rest));
  }

  /**
   * Fits the mixture to rows that come in batches, of which one is in memory at a time.
   *
   * By the `'exact'` method the result is that of {@link fit} on all rows from the same start, in any order of rows to
   * rounding; by the `'stepwise'` method it is near that, and the model has no `history`.
   *
   * @param batches - An iterable or async iterable of rows, or a function that returns one: `'exact'` calls it again for
   * each iteration, and takes an array of batches too.
   * @throws ModelError by rejection, as {@link fit}, and when later passes find other rows than the first.
   *
   * @example
   * async function* readBatches() {
   *   for (let batch = 0; batch < 10; batch++) {
   *     yield Array.from({ length: 50 }, (_, i) => [Math.sin(50 * batch + i) + (i % 2) * 9]);
   *   }
   * }
   * const model = await new GaussianMixture({ components: 2, seed: 1 }).fitBatches(readBatches);
   * model.rows; // 500
   * model.means.get(0, 0).toFixed(0); // '0'
   */
  async fitBatches(batches: BatchSource, options: BatchFitOptions = {}): Promise<GaussianMixtureModel> {
    const owner = 'GaussianMixture.fitBatches';
    const known = [...Object.keys(BATCH_OPTIONS), 'signal', 'onProgress'];
    const { signal, onProgress, ...rest } = Object.fromEntries(readOptions(owner, options, known)) as BatchFitOptions;
    const { method, sampleRows = 0 } = checkOptions(owner, BATCH_OPTIONS, rest);
    const pacer = new Pacer(owner, { ...(signal && { signal }), ...(onProgress && { onProgress }) });
    const settings = this.options as CheckedOptions;
    if (settings.missing !== 'refuse') {
      const must = 'option "missing" must be "refuse", as batches must be complete';
      throw modelError('invalid-option', { owner, must, got: settings.missing });
    }
    const run = method === 'stepwise' ? fitStepwise : fitExactly;
    return run(batches, settings, Math.max(sampleRows, settings.components), owner, pacer);
  }
}

/** What {@link GaussianMixture.fit} may be given beside rows. */
export interface MixtureFitOptions extends FitOptions {
  /**
   * Threads for `restarts`, a `DensityPool` of `generative-models/pool`, used where there is enough to do; the result has
   * the same bits with any number of them as without. Progress is then that of several restarts side by side.
   */
  readonly pool?: JobPool;
}

/** What {@link GaussianMixture.fitBatches} may be given beside batches. */
export interface BatchFitOptions extends Pick<FitOptions, 'signal' | 'onProgress'> {
  /**
   * `'exact'`, unless told otherwise, reads all batches once for each iteration of EM; `'stepwise'` reads them once in
   * all, and wants rows in random order.
   */
  readonly method?: BatchMethod;
  /** How many rows are held to find a start: a random sample, or for `'stepwise'` the first; 5000 unless told otherwise. */
  readonly sampleRows?: number;
}

const BATCH_OPTIONS: OptionTable<Pick<BatchFitOptions, 'method' | 'sampleRows'>> = {
  method: option<BatchMethod>(oneOf(...BATCH_METHODS), 'exact'),
  sampleRows: option(integer(1), 5000),
};

/** Rows with a positive weight and a value. */
function countUsable(samples: Samples, weights: RowWeights | undefined): number {
  let usable = 0;
  for (let i = 0; i < samples.rows; i++) if (weights?.values[i] !== 0 && hasValue(samples, i)) usable++;
  return usable;
}

function wrongWidth(owner: string, given: FrozenInitialization, columns: number): Error {
  const must = `rows must have ${given.means[0].length} columns, as initialization.means has`;
  return modelError('shape-mismatch', { owner, must, got: columns });
}

function tooFewRows(owner: string, components: number, rows: number): Error {
  const must = `rows must hold at least ${components} rows of positive weight, one per component`;
  return modelError('invalid-data', { owner, must, got: rows, remedy: 'Lower "components"' });
}
