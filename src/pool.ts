/**
 * Threads for large batches of densities. For Node.
 *
 * @module
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { describeThrown, ModelError, modelError } from './core/errors.js';
import type { GenerativeModel } from './core/estimator.js';
import type { ModelState } from './core/model-state.js';
import { checkOptions, integer, type OptionTable, option } from './core/options.js';
import { checkFitOptions, type FitOptions, Pacer } from './core/progress.js';
import { readSamples, type Samples, type SamplesLike } from './core/samples.js';
import type { Answer, Request } from './pool-worker.js';

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

/** A thread, and the numbers of the models that it was told. */
interface Thread {
  readonly worker: Worker;
  readonly known: Set<number>;
}

/** One call of {@link DensityPool.logDensity} under way. */
interface Batch {
  readonly owner: string;
  /** The model's number. */
  readonly model: number;
  readonly state: ModelState;
  readonly rows: Samples;
  readonly chunkRows: number;
  readonly result: Float64Array;
  /** The first row that no thread has yet. */
  next: number;
  done: number;
}

/** Who waits for a thread. */
interface Waiting {
  take(thread: Thread): void;
  leave(error: Error): void;
}

/**
 * Worker threads that share the rows of large batches. Results have the same bits as the model's own.
 *
 * A model is sent to each thread once, when it is first asked about, and built there again: a thread takes as much
 * memory as a loaded model. The pool is worth it from about a tenth of a second of work on.
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
  readonly #threads: Thread[] = [];
  readonly #idle: Thread[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #numbers = new WeakMap<GenerativeModel, number>();
  /** Threads drop models that nobody holds any more. */
  readonly #forgotten: FinalizationRegistry<number> = new FinalizationRegistry((model) => {
    for (const { worker, known } of this.#threads) if (known.delete(model)) post(worker, { kind: 'drop', model });
  });
  #models = 0;
  #isClosed = false;

  /** @throws ModelError `invalid-option` for an unknown option or a value outside its range. */
  constructor(options?: DensityPoolOptions) {
    this.threads = checkOptions('DensityPool', DENSITY_POOL_OPTIONS, options).threads as number;
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
    const batch = { owner, model: this.#numberOf(model), state, rows: samples, chunkRows, result, next: 0, done: 0 };
    const runs = Math.min(this.threads, Math.ceil(samples.rows / chunkRows));
    await Promise.all(Array.from({ length: runs }, () => this.#run(batch, pacer)));
    return result;
  }

  /** Ends all threads. Calls under way reject, and so do later ones. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { leave } of this.#waiting.splice(0)) leave(closed('DensityPool.logDensity'));
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #numberOf(model: GenerativeModel): number {
    const known = this.#numbers.get(model);
    if (known !== undefined) return known;
    const number = this.#models++;
    this.#numbers.set(model, number);
    this.#forgotten.register(model, number);
    return number;
  }

  /** Has one thread work on a batch until none of its rows is left. */
  async #run(batch: Batch, pacer: Pacer): Promise<void> {
    const thread = await this.#take(batch.owner);
    const { rows, data, columns } = batch.rows;
    try {
      while (batch.next < rows) {
        const from = batch.next;
        const to = Math.min(from + batch.chunkRows, rows);
        batch.next = to;
        batch.result.set(await ask(thread, batch, data.slice(from * columns, to * columns)), from);
        batch.done += to - from;
        await pacer.step({ phase: 'densities', completed: batch.done, total: rows });
      }
    } finally {
      // After an error or an abort no other thread begins on another chunk.
      batch.next = rows;
      this.#giveBack(thread);
    }
  }

  #take(owner: string): Promise<Thread> {
    if (this.#isClosed) return Promise.reject(closed(owner));
    const idle = this.#idle.pop();
    if (idle) return Promise.resolve(idle);
    if (this.#threads.length < this.threads) return Promise.resolve(this.#start());
    return new Promise((take, leave) => this.#waiting.push({ take, leave }));
  }

  #giveBack(thread: Thread): void {
    if (!this.#threads.includes(thread)) return;
    const next = this.#waiting.shift();
    if (next) next.take(thread);
    else this.#idle.push(thread);
  }

  #start(): Thread {
    const worker = new Worker(new URL('./pool-worker.js', import.meta.url));
    const thread = { worker, known: new Set<number>() };
    // A forgotten pool must not keep the program alive.
    worker.unref();
    worker.on('error', () => undefined);
    worker.on('exit', () => this.#drop(thread));
    this.#threads.push(thread);
    return thread;
  }

  /** A thread has ended: whoever waits gets a new one. */
  #drop(thread: Thread): void {
    for (const list of [this.#threads, this.#idle]) {
      if (list.includes(thread)) list.splice(list.indexOf(thread), 1);
    }
    if (this.#isClosed) return;
    this.#waiting.shift()?.take(this.#start());
  }
}

/** The log-densities of a chunk by a thread, which is told the model if it does not know it. */
function ask({ worker, known }: Thread, batch: Batch, data: Float64Array): Promise<Float64Array> {
  const { model, state, owner } = batch;
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit).unref();
      act();
    };
    const onMessage = (answer: Answer): void =>
      settle(() => ('logDensity' in answer ? resolve(answer.logDensity) : reject(failure(owner, answer))));
    const onError = (cause: unknown): void => settle(() => reject(broken(owner, describeThrown(cause), cause)));
    const onExit = (): void => settle(() => reject(broken(owner, 'ended')));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit).ref();
    if (!known.has(model)) {
      known.add(model);
      post(worker, { kind: 'keep', model, state });
    }
    post(worker, { kind: 'rows', model, data, columns: batch.rows.columns }, [data.buffer as ArrayBuffer]);
  });
}

function post(worker: Worker, request: Request, transferred: ArrayBuffer[] = []): void {
  worker.postMessage(request, transferred);
}

function failure(owner: string, { code, message }: Extract<Answer, { message: string }>): Error {
  return code === undefined ? broken(owner, message) : new ModelError(code, message);
}

function broken(owner: string, why: string, cause?: unknown): ModelError {
  return modelError('missing-backend', { owner, must: `the pool's threads must run (${why})`, cause });
}

function closed(owner: string): ModelError {
  return modelError('missing-backend', { owner, must: 'the pool must be open', remedy: 'Make a new one after close' });
}
