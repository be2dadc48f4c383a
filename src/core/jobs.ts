/**
 * Work that may be given to threads, as those see it who have none of their own: rooms that run in a browser too.
 *
 * @module
 */
import { modelError } from './errors.js';
import type { FitOptions, Progress } from './progress.js';

/** Jobs of one kind on one input. */
export interface Jobs {
  /** Who complains. */
  readonly owner: string;
  /** The kind: a name that the threads know. */
  readonly kind: string;
  /** What all jobs share: plain data, of which each thread gets a copy once. */
  readonly input: unknown;
  /** Stops all jobs, which then reject with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Hears at once why the jobs were stopped, before any thread is ended: by the signal, an error, {@link OpenJobs.close} or the pool's end. */
  readonly onStop?: (reason: unknown) => void;
}

/** Jobs that may be run until they are closed. */
export interface OpenJobs {
  /**
   * Runs a job once a thread is free.
   *
   * @param task - What it is about: plain data.
   * @param onProgress - Hears of its progress; an exception from it stops all jobs, which then reject with it.
   */
  run(task: unknown, onProgress?: (progress: Progress) => void): Promise<unknown>;
  /** Stops the jobs under way, and has threads forget the input. */
  close(): void;
}

/** Threads that fits may be spread over: a `DensityPool` of `generative-models/pool`. */
export interface JobPool {
  /** Number of threads. */
  readonly threads: number;
  /** Makes an input known to threads. */
  openJobs(jobs: Jobs): OpenJobs;
}

/** What a thread does for a job; `options` stop it and hear of its progress. */
export type Job = (input: never, task: never, options: Pick<FitOptions, 'signal' | 'onProgress'>) => Promise<unknown>;

/**
 * Checks the option of this name.
 *
 * @throws ModelError `invalid-option`.
 */
export function checkPool(owner: string, pool: unknown): JobPool | undefined {
  if (pool === undefined) return undefined;
  const { openJobs, threads } = (typeof pool === 'object' && pool !== null ? pool : {}) as Partial<JobPool>;
  const isCount = Number.isInteger(threads) && (threads as number) >= 1;
  if (typeof openJobs === 'function' && isCount) return pool as JobPool;
  const must = 'option "pool" must be a DensityPool of generative-models/pool';
  throw modelError('invalid-option', { owner, must, got: pool });
}

/** The results of a job for each task, in order, the first tasks first. */
export async function runAll(
  pool: JobPool,
  jobs: Jobs,
  tasks: readonly unknown[],
  onProgress?: (progress: Progress) => void,
): Promise<unknown[]> {
  const open = pool.openJobs(jobs);
  try {
    return await Promise.all(tasks.map((task) => open.run(task, onProgress)));
  } finally {
    open.close();
  }
}
