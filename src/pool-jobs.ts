/**
 * Jobs spread over the threads of a pool.
 *
 * @module
 */
import { modelError } from './core/errors.js';
import type { Jobs, OpenJobs } from './core/jobs.js';
import type { Progress } from './core/progress.js';
import { ask, stop, type Thread, type Threads, tell } from './pool-threads.js';

/** See {@link OpenJobs}. */
export class PoolJobs implements OpenJobs {
  readonly #threads: Threads;
  readonly #item: number;
  readonly #jobs: Jobs;
  readonly #running = new Set<Thread>();
  /** Rejects once the jobs are stopped. */
  readonly #stopped: Promise<never>;
  #reject: (reason: unknown) => void = () => undefined;
  #isStopped = false;
  readonly #onAbort = (): void => this.#stop(this.#jobs.signal?.reason);
  readonly #forgetPool: () => void;

  /** @param item - What threads are to know the input by. */
  constructor(threads: Threads, item: number, jobs: Jobs) {
    this.#threads = threads;
    this.#item = item;
    this.#jobs = jobs;
    this.#stopped = new Promise((_, reject) => {
      this.#reject = reject;
    });
    // Who runs a job is told.
    this.#stopped.catch(() => undefined);
    this.#forgetPool = threads.beforeClose((reason) => this.#stop(reason(jobs.owner)));
    if (jobs.signal?.aborted) this.#onAbort();
    jobs.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  run(task: unknown, onProgress?: (progress: Progress) => void): Promise<unknown> {
    return Promise.race([this.#stopped, this.#run(task, onProgress)]);
  }

  close(): void {
    const { owner, signal } = this.#jobs;
    signal?.removeEventListener('abort', this.#onAbort);
    this.#stop(modelError('missing-backend', { owner, must: 'jobs must be open' }));
    this.#threads.forget(this.#item);
  }

  async #run(task: unknown, onProgress?: (progress: Progress) => void): Promise<unknown> {
    const { input, kind, owner } = this.#jobs;
    const item = this.#item;
    const thread = await this.#threads.take(owner);
    try {
      if (this.#isStopped) return undefined;
      this.#running.add(thread);
      const buffers: ArrayBuffer[] = [];
      tell(thread, item, () => ({ kind: 'input', item, input: copyOf(input, buffers) }), buffers);
      const request = { kind: 'job', job: kind, item, task, hasProgress: onProgress !== undefined } as const;
      return await ask(thread, owner, request, [], onProgress && this.#guarded(onProgress));
    } finally {
      this.#running.delete(thread);
      this.#threads.giveBack(thread);
    }
  }

  #guarded(onProgress: (progress: Progress) => void): (progress: Progress) => void {
    return (progress) => {
      if (this.#isStopped) return;
      try {
        onProgress(progress);
      } catch (error) {
        this.#stop(error);
      }
    };
  }

  #stop(reason: unknown): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#forgetPool();
    this.#jobs.onStop?.(reason);
    for (const thread of this.#running) stop(thread);
    this.#reject(reason);
  }
}

/**
 * Plain data with each array in a buffer of its own, to be transferred: memory that threads share would be freed late, as
 * no thread counts it as garbage of its own.
 */
function copyOf(value: unknown, buffers: ArrayBuffer[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Float64Array) {
    const copy = value.slice();
    buffers.push(copy.buffer);
    return copy;
  }
  if (Array.isArray(value)) return value.map((part) => copyOf(part, buffers));
  if (ArrayBuffer.isView(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copyOf(part, buffers)]));
}
