/**
 * The fits that a choice of mixture asks for, here or on the threads of a pool.
 *
 * @module
 */
import { ModelError, type ModelErrorCode } from '../core/errors.js';
import { rowsOutside } from '../core/folds.js';
import type { JobPool } from '../core/jobs.js';
import type { ModelState } from '../core/model-state.js';
import type { FitOptions, Progress } from '../core/progress.js';
import { Samples } from '../core/samples.js';
import { GaussianMixture, type MixtureFitOptions } from './gaussian-mixture.js';
import { GaussianMixtureModel } from './gaussian-mixture-model.js';
import type { GaussianMixtureOptions } from './options.js';

/** What all mixtures are fitted to, as plain data. */
export interface FitInput {
  readonly data: Float64Array;
  readonly columns: number;
  /** One per row, where rows have weights. */
  readonly weights: Float64Array | undefined;
}

/** One mixture, to be fitted to all rows or to those outside a fold; plain data. */
export interface FitTask {
  readonly options: GaussianMixtureOptions;
  readonly held: Uint32Array | undefined;
}

/** Fits a mixture; `label` says which in progress reports. */
export type Fitter = (task: FitTask, label: string) => Promise<GaussianMixtureModel>;

/** What a thread sends back. */
export type FitAnswer = { readonly state: ModelState } | { readonly code: ModelErrorCode; readonly message: string };

/** Whether a fault is that of the data beside this mixture, which another may not share. */
export function isOfTheData(error: unknown): error is ModelError {
  if (!(error instanceof ModelError)) return false;
  return ['not-positive-definite', 'degenerate-data', 'invalid-data'].includes(error.code);
}

/** One fit after another, in this thread but for what `options` gives to a pool. */
export function fitterHere(input: FitInput, options: MixtureFitOptions): Fitter {
  const { onProgress, pool, signal } = options;
  return (task, label) =>
    fitTask(input, task, {
      ...(signal && { signal }),
      ...(pool && { pool }),
      ...(onProgress && { onProgress: labelled(onProgress, label) }),
    });
}

/** Hands out a fitter whose fits run on the threads of a pool, as long as `use` takes. */
export async function withFitterOf<T>(
  pool: JobPool,
  owner: string,
  input: FitInput,
  { onProgress, signal }: FitOptions,
  use: (fitter: Fitter) => Promise<T>,
): Promise<T> {
  const jobs = pool.openJobs({ owner, kind: 'mixture-fit', input, signal });
  try {
    return await use(async (task, label) => {
      const answer = (await jobs.run(task, onProgress && labelled(onProgress, label))) as FitAnswer;
      if ('code' in answer) throw new ModelError(answer.code, answer.message);
      return GaussianMixtureModel.fromState(answer.state);
    });
  } finally {
    jobs.close();
  }
}

function labelled(onProgress: (progress: Progress) => void, label: string): (progress: Progress) => void {
  return (progress) => onProgress({ ...progress, phase: `${label}, ${progress.phase}` });
}

/** Fits one mixture. */
export function fitTask(
  { data, columns, weights }: FitInput,
  { options, held }: FitTask,
  fitOptions: MixtureFitOptions,
): Promise<GaussianMixtureModel> {
  const all = new Samples(data, data.length / columns, columns);
  const training = held && rowsOutside(held, all.rows);
  const own = weights && training ? Float64Array.from(training, (i) => weights[i]) : weights;
  const rows = training ? all.select(training) : all;
  return new GaussianMixture(options).fit(rows, { ...fitOptions, ...(own && { weights: own }) });
}
