/**
 * The course of a training, in nats per row.
 *
 * @module
 */
import type { TrainingHistory } from '../neural/training.js';

/** One number per epoch of each part of the bound: elbo = reconstruction - regularization for the classic one. */
export interface BoundHistory {
  readonly elbo: Float64Array;
  readonly reconstruction: Float64Array;
  readonly regularization: Float64Array;
}

/** The bound on training rows, as a mean over each epoch's steps, and on held-out rows after each epoch. */
export interface VariationalAutoencoderHistory {
  readonly training: BoundHistory;
  /** Empty arrays where no rows were held out. */
  readonly validation: BoundHistory;
}

/** The parts of the bound that training reports, in order. */
export const BOUND_METRICS = ['elbo', 'reconstruction', 'regularization'] as const;

/** A training's lists as arrays. */
export function boundHistory({ training, validation }: TrainingHistory): VariationalAutoencoderHistory {
  const arrays = (lists: TrainingHistory['training']): BoundHistory => ({
    elbo: Float64Array.from(lists.elbo ?? []),
    reconstruction: Float64Array.from(lists.reconstruction ?? []),
    regularization: Float64Array.from(lists.regularization ?? []),
  });
  return { training: arrays(training), validation: arrays(validation) };
}

/** A copy that shares nothing. */
export function copyHistory({ training, validation }: VariationalAutoencoderHistory): VariationalAutoencoderHistory {
  const copy = ({ elbo, reconstruction, regularization }: BoundHistory): BoundHistory => ({
    elbo: elbo.slice(),
    reconstruction: reconstruction.slice(),
    regularization: regularization.slice(),
  });
  return { training: copy(training), validation: copy(validation) };
}
