/**
 * Threads for large batches of densities, for fits of Gaussian mixtures and for the training of networks. For Node.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import type { GenerativeModel } from './core/estimator.js';
import type { Jobs, OpenJobs } from './core/jobs.js';
import type { ModelState } from './core/model-state.js';
import { orderByStrip } from './core/number-order.js';
import { checkOptions, integer, type OptionTable, option } from './core/options.js';
import { checkFitOptions, type FitOptions, Pacer } from './core/progress.js';
import { readSamples, type Samples, type SamplesLike } from './core/samples.js';
import { PoolJobs } from './pool-jobs.js';
import { ask, Threads, tell } from './pool-threads.js';

/** Options of {@link DensityPool}. */
export interface DensityPoolOptions {
  /** Number of threads. Default: as many as the machine runs at once. */
  readonly threads?: number;
}

/** Checks and defaults of {@link DensityPoolOptions}. */
export const DENSITY_POOL_OPTIONS: OptionTable<DensityPoolOptions> = {
  threads: option(integer(1, 1024), availableParallelism()),
};

/** Rows that a thread is given at once: at 1 us a row, a thousand times what sending them takes. */
const CHUNK_ROWS = 2048;
/** Chunks per thread that small batches are cut into, so that no thread is left with all the slow rows. */
const LEAST_CHUNKS = 4;

/** One call of {@link DensityPool.logDensity} under way. */
interface Batch {
  readonly owner: string;
  /** The model's number. */
  readonly model: number;
  readonly state: ModelState;
  readonly rows: Samples;
  /**
   * The rows as they are shared out: densities of rows that lie together may be faster. Chunks of a batch of 100,000 rows under a
   * kernel density of two columns take a fourth of what they take in the caller's order.
   */
  readonly order: Uint32Array;
  readonly chunkRows: number;
  readonly result: Float64Array;
  /** The first row that no thread has yet. */
  next: number;
  done: number;
}

/**
 * Worker threads that share the rows of large batches, the runs of a fit, or the loops of a training. Results have the same bits as without.
 *
 * A model is sent to each thread once, when it is first asked about, and built there again: a thread takes as much
 * memory as a loaded model. The pool is worth it from about a tenth of a second of work on. As option `pool`,
 * `GaussianMixture.fit` takes one for its restarts, `selectGaussianMixture` for its candidates and folds, and autoencoders and
 * adversarial networks for the loops of each step: all but one of the pool's threads are theirs until `fit` is done.
 *
 * @example
 * import { KernelDensity } from 'generative-models';
 * import { DensityPool } from 'generative-models/pool';
 * const model = await new KernelDensity({ bandwidth: 0.5 }).fit([[0], [1], [3]]);
 * const pool = new DensityPool({ threads: 2 });
 * const logDensity = await pool.logDensity(model, [[0.5], [2]]);
 * logDensity[0] === model.logDensity([[0.5]])[0]; // true
 * await pool.close();
 */
export class DensityPool {
  /** Number of threads. */
  readonly threads: number;
  readonly #threads: Threads;
  readonly #numbers = new WeakMap<GenerativeModel, number>();
  /** Threads drop models that nobody holds any more. */
  readonly #forgotten: FinalizationRegistry<number> = new FinalizationRegistry((model) => this.#threads.forget(model));
  /** How many models and inputs threads have been told of. */
  #items = 0;

  /** @throws ModelError `invalid-option` for an unknown option or a value outside its range. */
  constructor(options?: DensityPoolOptions) {
    this.threads = checkOptions('DensityPool', DENSITY_POOL_OPTIONS, options).threads as number;
    this.#threads = new Threads(this.threads);
  }

  /**
   * The model's log-density of each row, as by its own `logDensity`.
   *
   * @param options - `signal` aborts: threads finish the rows that they have, and the promise rejects with the signal's
   *   reason. `onProgress` hears of rows done.
   * @throws ModelError by rejection: for rows that will not do, or a pool that is closed.
   */
  async logDensity(
    model: GenerativeModel,
    rows: SamplesLike,
    options?: Pick<FitOptions, 'signal' | 'onProgress'>,
  ): Promise<Float64Array> {
    const owner = 'DensityPool.logDensity';
    const pacer = new Pacer(owner, checkFitOptions(owner, options, ['signal', 'onProgress']));
    const samples = readSamples(rows, { owner, columns: model.dimension });
    const chunkRows = Math.min(CHUNK_ROWS, Math.ceil(samples.rows / (LEAST_CHUNKS * this.threads)));
    const result = new Float64Array(samples.rows);
    const state = model.toState();
    const order = orderByStrip(samples);
    const batch = {
      owner,
      model: this.#numberOf(model),
      state,
      rows: samples,
      order,
      chunkRows,
      result,
      next: 0,
      done: 0,
    };
    const runs = Math.min(this.threads, Math.ceil(samples.rows / chunkRows));
    await Promise.all(Array.from({ length: runs }, () => this.#run(batch, pacer)));
    return result;
  }

  /** What fits do with a pool that they are given. */
  openJobs(jobs: Jobs): OpenJobs {
    return new PoolJobs(this.#threads, this.#items++, jobs);
  }

  /** Ends all threads. Calls under way reject, and so do later ones. */
  close(): Promise<void> {
    return this.#threads.close();
  }

  #numberOf(model: GenerativeModel): number {
    const known = this.#numbers.get(model);
    if (known !== undefined) return known;
    const number = this.#items++;
    this.#numbers.set(model, number);
    this.#forgotten.register(model, number);
    return number;
  }

  /** Has one thread work on a batch until none of its rows is left. */
  async #run(batch: Batch, pacer: Pacer): Promise<void> {
    const { model: item, owner, state } = batch;
    const thread = await this.#threads.take(owner);
    const { rows, columns } = batch.rows;
    try {
      while (batch.next < rows) {
        const own = batch.order.subarray(batch.next, batch.next + batch.chunkRows);
        batch.next += own.length;
        tell(thread, item, () => ({ kind: 'model', item, state }));
        const chunk = rowsAt(batch.rows, own);
        const answer = await ask(thread, owner, { kind: 'rows', item, data: chunk, columns }, [chunk.buffer]);
        const found = answer as Float64Array;
        for (let i = 0; i < own.length; i++) batch.result[own[i]] = found[i];
        batch.done += own.length;
        await pacer.step({ phase: 'densities', completed: batch.done, total: rows });
      }
    } finally {
      // After an error or an abort no other thread begins on another chunk.
      batch.next = rows;
      this.#threads.giveBack(thread);
    }
  }
}

function rowsAt({ data, columns }: Samples, places: Uint32Array): Float64Array<ArrayBuffer> {
  const chunk = new Float64Array(places.length * columns);
  for (let i = 0; i < places.length; i++) {
    for (let j = 0; j < columns; j++) chunk[i * columns + j] = data[places[i] * columns + j];
  }
  return chunk;
}
