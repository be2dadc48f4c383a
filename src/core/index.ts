/**
 * The public part of the ground floor.
 *
 * @module
 */
export { ModelError, type ModelErrorCode } from './errors.js';
export type { DensityKind, Estimator, GenerativeModel, SampleOptions, StoredModel } from './estimator.js';
export type { JobPool, Jobs, OpenJobs } from './jobs.js';
export type { ModelJson, ModelState, Setting, Tensor, TensorData, TensorType } from './model-state.js';
export type { FitOptions, Progress } from './progress.js';
export { RandomStream, type Seed } from './random.js';
export { type MatrixLike, type RowLike, Samples, type SamplesLike } from './samples.js';
